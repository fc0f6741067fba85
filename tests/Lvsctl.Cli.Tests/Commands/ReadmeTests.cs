using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Lvsctl.Cli.Commands;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>Every call of one of lvsctl's verbs that the repository shows to people is one that lvsctl understands.</summary>
public partial class ReadmeTests
{
    public static TheoryData<string> Calls => [.. Files().SelectMany(Lines).Select(line => Call().Match(line)).Where(m => m.Success).Select(m => m.Value.TrimEnd()).Distinct()];

    [Fact]
    public void There_are_calls() => Assert.True(Calls.Count > 20);

    [Theory, MemberData(nameof(Calls))]
    public void A_call_in_a_text_is_understood(string call)
    {
        var words = Word().Matches(call).Skip(1).Select(m => m.Value.Trim('\'', '"')).ToArray();
        Assert.Empty(LvsctlCommand.Create(Workplace.ThisHost).Parse(words).Errors);
    }

    // Words in capitals stand for something else.
    [GeneratedRegex(@"(?<![-/.\w`'])lvsctl [a-z][^#>|;)`]*")]
    private static partial Regex Call();

    [GeneratedRegex("""'[^']*'|"[^"]*"|\S+""")]
    private static partial Regex Word();

    static IEnumerable<string> Files([CallerFilePath] string here = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
        var texts = new[] { "src", "examples", "scripts", "tests" }.SelectMany(d => Directory.EnumerateFiles(Path.Combine(root, d), "*.md", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/node_modules/", StringComparison.Ordinal));
        return [Path.Combine(root, "README.md"), .. texts, .. new[] { "cron", "systemd" }.SelectMany(d => Directory.EnumerateFiles(Path.Combine(root, "examples", d), "lvsctl*"))];
    }

    // Of a text, what stands in its blocks.
    static IEnumerable<string> Lines(string file)
    {
        var isText = Path.GetExtension(file) == ".md";
        var block = isText ? null : "```";
        foreach (var line in File.ReadLines(file))
        {
            if (isText && line.TrimStart().StartsWith("```", StringComparison.Ordinal)) block = block is null ? line.Trim() : null;
            else if (block == "```" && !line.TrimStart().StartsWith('#')) yield return line.Replace("/usr/local/sbin/lvsctl", " lvsctl", StringComparison.Ordinal);
        }
    }
}
