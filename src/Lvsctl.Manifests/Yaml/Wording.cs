namespace Lvsctl.Manifests.Yaml;

/// <summary>How messages speak.</summary>
static class Wording
{
    const int LongestExcerpt = 60;

    /// <summary>Foreign text in a message: short, and on one line.</summary>
    public static string Excerpt(string text, int longest = LongestExcerpt)
    {
        var shown = text.Length <= longest ? text : string.Concat(text.AsSpan(0, longest), "…");
        return string.Create(shown.Length, shown, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++) to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '.' : from[i];
        });
    }

    public static string Count(long number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    /// <summary>"; did you mean 'near'?", or nothing.</summary>
    public static string DidYouMean(string written, IEnumerable<string> known) =>
        Nearest(written, known) is { } near ? $"; did you mean '{near}'?" : "";

    /// <summary>The known word that a slip of the finger could have turned into this one.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        if (written.Length > LongestExcerpt) return null;

        var allowed = Math.Max(1, written.Length / 3);
        string? best = null;
        foreach (var word in known)
        {
            if (word.Length > LongestExcerpt || Math.Abs(word.Length - written.Length) > allowed) continue;
            var distance = Distance(written, word);
            if (distance > allowed) continue;
            allowed = distance - 1;
            best = word;
            if (distance == 0) break;
        }
        return best;
    }

    // Damerau-Levenshtein with neighbours swapped, upper and lower case and _ and - being no difference.
    static int Distance(string a, string b)
    {
        Span<int> previous = stackalloc int[b.Length + 1], row = stackalloc int[b.Length + 1], next = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            next[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Fold(a[i - 1]) == Fold(b[j - 1]) ? 0 : 1;
                next[j] = Math.Min(Math.Min(next[j - 1], row[j]) + 1, row[j - 1] + cost);
                if (i > 1 && j > 1 && Fold(a[i - 1]) == Fold(b[j - 2]) && Fold(a[i - 2]) == Fold(b[j - 1]))
                {
                    next[j] = Math.Min(next[j], previous[j - 2] + 1);
                }
            }
            row.CopyTo(previous);
            next.CopyTo(row);
        }
        return row[b.Length];
    }

    static char Fold(char c) => c == '_' ? '-' : char.ToLowerInvariant(c);
}
