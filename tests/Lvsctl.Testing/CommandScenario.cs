using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Lvsctl.Testing;

/// <summary>
/// A file of command lines and what they answer. Each line begins with what it is:
/// <c>$</c> a command, <c>&lt;</c> its standard input, <c>|</c> its output, <c>!</c> its complaints, <c>=</c> its exit code when it is not 0,
/// <c>@</c> a setting, <c>#</c> a remark.
/// </summary>
public sealed class CommandScenario
{
    public required string Name { get; init; }

    /// <summary>The words after <c>@</c>: what the scenario needs to begin with, or where it holds.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    public required IReadOnlyList<ScenarioStep> Steps { get; init; }

    public static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root(), folder), "*.txt").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!;

    public static CommandScenario Load(string folder, string name) => Parse(name, File.ReadAllLines(Path.Combine(Root(), folder, $"{name}.txt")));

    /// <summary>Writes other answers into the file, in the order of its steps; the rest of it stays as it is.</summary>
    public static void Rewrite(string folder, string name, IReadOnlyList<ScenarioStep> answered)
    {
        var path = Path.Combine(Root(), folder, $"{name}.txt");
        var answers = answered.ToDictionary(s => s.Line);
        var text = new StringBuilder();
        ScenarioStep? open = null;
        var number = 0;
        foreach (var line in File.ReadAllLines(path).Append(""))
        {
            number++;
            if (line.Length != 0 && "|!=".Contains(line[0])) continue;
            if (open is not null && !line.StartsWith('<'))
            {
                Append('|', open.Output);
                Append('!', open.Errors);
                if (open.ExitCode != 0) text.Append(CultureInfo.InvariantCulture, $"= {open.ExitCode}\n");
                open = null;
            }
            text.Append(line).Append('\n');
            if (line.StartsWith('$')) answers.TryGetValue(number, out open);
        }
        File.WriteAllText(path, text.ToString().TrimEnd('\n') + "\n");

        void Append(char kind, string answer)
        {
            foreach (var line in answer.Split('\n')[..^1]) text.Append(kind).Append(' ').Append(line).Append('\n');
        }
    }

    static string Root([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "Scenarios");

    public static CommandScenario Parse(string name, IReadOnlyList<string> lines)
    {
        var settings = new List<string>();
        var steps = new List<ScenarioStep>();
        for (var at = 0; at < lines.Count;)
        {
            var line = lines[at++];
            if (line.Length == 0 || line[0] == '#') continue;
            if (line[0] == '@')
            {
                settings.Add(Rest(line));
                continue;
            }
            if (line[0] != '$') throw new FormatException($"{name}.txt:{at}: a line begins with $ < | ! = @ or #, and an answer follows its command: {line}");
            steps.Add(ParseStep(lines, ref at));
        }
        return new CommandScenario { Name = name, Settings = settings, Steps = steps };
    }

    static ScenarioStep ParseStep(IReadOnlyList<string> lines, ref int at)
    {
        var (place, words) = (at, SplitWords(Rest(lines[at - 1])));
        StringBuilder? input = null;
        StringBuilder output = new(), errors = new();
        var exitCode = 0;
        for (; at < lines.Count && lines[at].Length != 0 && "<|!=".Contains(lines[at][0]); at++)
        {
            var rest = Rest(lines[at]);
            switch (lines[at][0])
            {
                case '<': (input ??= new()).Append(rest).Append('\n'); break;
                case '|': output.Append(rest).Append('\n'); break;
                case '!': errors.Append(rest).Append('\n'); break;
                default: exitCode = int.Parse(rest, CultureInfo.InvariantCulture); break;
            }
        }
        return new ScenarioStep(place, words, input?.ToString(), output.ToString(), errors.ToString(), exitCode);
    }

    static string Rest(string line) => line.Length < 2 ? "" : line[2..];

    // At blanks; single quotes hold words together, as in a shell.
    static List<string> SplitWords(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '\'')
            {
                quoted = !quoted;
                word ??= new();
            }
            else if (c == ' ' && !quoted)
            {
                if (word is not null) words.Add(word.ToString());
                word = null;
            }
            else
            {
                (word ??= new()).Append(c);
            }
        }
        if (word is not null) words.Add(word.ToString());
        return words;
    }
}

/// <param name="Line">Of the file, counted from 1.</param>
/// <param name="Words">The program's name first.</param>
/// <param name="Input">Null when standard input is empty.</param>
public sealed record ScenarioStep(int Line, IReadOnlyList<string> Words, string? Input, string Output, string Errors, int ExitCode)
{
    public override string ToString() => $"line {Line}: {string.Join(' ', Words)}";

    /// <summary>All of it, for comparing.</summary>
    public string AnswerText => $"{this}\n{Output}{Errors}exit code {ExitCode}\n";
}
