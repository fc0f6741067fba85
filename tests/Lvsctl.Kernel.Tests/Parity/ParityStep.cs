namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>One thing that both programs do.</summary>
/// <param name="Words">The program's name first.</param>
/// <param name="Input">Standard input, or null for none.</param>
sealed record ParityStep(IReadOnlyList<string> Words, string? Input = null)
{
    /// <summary>A listing: each program shows the other's table too, so that the order of the kernel's own tables does not matter.</summary>
    public bool IsCheck { get; init; }

    public override string ToString()
    {
        var line = string.Join(' ', Words.Select(Quote));
        return Input is null ? line : $"{line} <<'EOF'\n{Input}EOF";
    }

    public static string Quote(string word) =>
        word.Length != 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_.:/=,+".Contains(c)) ? word : $"'{word.Replace("'", "'\\''")}'";
}

/// <summary>What a program answered to a step.</summary>
sealed record Answer(string Output, string Error, int ExitCode)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}{Error}";
}
