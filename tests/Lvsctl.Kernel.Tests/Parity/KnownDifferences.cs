using System.Globalization;
using System.Text.RegularExpressions;

namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>What is meant to differ from ipvsadm, and what differs between two tables without meaning anything.</summary>
static partial class KnownDifferences
{
    /// <summary>ipvsadm prints firewall marks from 2³¹ on as negative numbers.</summary>
    public static Answer Mend(Answer ipvsadm) => ipvsadm with { Output = NegativeMark().Replace(ipvsadm.Output, Mend) };

    static string Mend(Match match)
    {
        var mark = match.Groups["mark"].Value;
        var mended = unchecked((uint)int.Parse(mark, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture);
        var (before, six, blanks) = (match.Groups["before"].Value, match.Groups["six"].Value, match.Groups["blanks"].Value);
        // More than one blank is the rest of a column.
        if (blanks.Length > 1) blanks = new string(' ', blanks.Length + mark.Length - mended.Length);
        return before + mended + six + blanks;
    }

    [GeneratedRegex(@"^(?<before>FWM  |-[Aa] -f )(?<mark>-\d+)(?<six> IPv6)?(?<blanks> +)", RegexOptions.Multiline)]
    private static partial Regex NegativeMark();

    /// <summary>
    /// Without order: --nosort shows the kernel's, which depends on the namespace, and ipvsadm's sort may run in circles, from wherever the
    /// kernel's order lets it begin. That both programs order one table alike is compared elsewhere.
    /// </summary>
    public static string WithoutOrder(string output)
    {
        var blocks = new List<List<string>>();
        foreach (var line in output.Split('\n'))
        {
            if (blocks.Count != 0 && (line.StartsWith("  -> ", StringComparison.Ordinal) || line.StartsWith("-a ", StringComparison.Ordinal))) blocks[^1].Add(line);
            else blocks.Add([line]);
        }
        foreach (var block in blocks) block.Sort(1, block.Count - 1, StringComparer.Ordinal);
        return string.Join('\n', blocks.Select(b => string.Join('\n', b)).Order(StringComparer.Ordinal));
    }

    /// <summary>ipvsadm crashes on scheduler flags that are nothing but commas.</summary>
    public static bool Crashes(string word) => CommasOnly().IsMatch(word);

    [GeneratedRegex(@"(^|b|=),+$")]
    private static partial Regex CommasOnly();
}
