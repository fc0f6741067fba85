namespace Lvsctl.Cli.Ipvsadm.Parsing;

/// <summary>Why a command line is refused before the kernel hears of it.</summary>
/// <param name="Text">Without the newline at its end.</param>
/// <param name="EndsRestore">-R stops at such a line; at the others it complains and goes on.</param>
sealed record UsageError(string Text, int ExitCode, bool EndsRestore)
{
    /// <summary>A value or a combination that makes no sense.</summary>
    public static UsageError Invalid(string text) => new(text, 2, EndsRestore: true);

    /// <summary>The words cannot be told apart into options and arguments.</summary>
    public static UsageError Unreadable(string word, string complaint) => new($"{word}: {complaint}", 255, EndsRestore: false);

    /// <summary>There is no telling what is wanted.</summary>
    public static UsageError TryHelp(string program) =>
        new($"Try `{program} -h' or '{program} --help' for more information.", 255, EndsRestore: true);
}
