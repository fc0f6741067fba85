using System.Globalization;
using System.Text;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>What a stranger said, made fit for a log and a terminal: printable, and short.</summary>
static class Evidence
{
    const int Longest = 100;
    const int LongestWish = 40;

    /// <summary>What the server said.</summary>
    public static string Of(ReadOnlySpan<byte> said, int longest = Longest) =>
        Of(Encoding.UTF8.GetString(said[..Math.Min(said.Length, longest * 4)]), longest);

    public static string Of(string said, int longest = Longest)
    {
        var clean = new StringBuilder(Math.Min(said.Length, longest));
        foreach (var rune in said.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > longest - 1) return clean.Append('…').ToString();
            clean.Append(IsPlain(rune) ? rune.ToString() : " ");
        }
        return clean.ToString().Trim();
    }

    /// <summary>What the manifest wants, in quotes: text, or hexadecimal digits where it is none.</summary>
    public static string Wish(ReadOnlySpan<byte> wanted)
    {
        var text = Encoding.UTF8.GetString(wanted);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || !IsPlain(rune) && rune.Value is not ('\r' or '\n' or '\t')) return Hex(wanted);
        }
        return Wish(text);
    }

    public static string Wish(string wanted) => $"'{Of(wanted.Trim(), LongestWish)}'";

    static string Hex(ReadOnlySpan<byte> bytes) =>
        bytes.Length * 2 <= LongestWish ? Convert.ToHexStringLower(bytes) : Convert.ToHexStringLower(bytes[..(LongestWish / 2 - 1)]) + "…";

    /// <summary>No control characters, nor those that turn the direction of writing or hide.</summary>
    static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
