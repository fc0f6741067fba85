using System.Text.RegularExpressions;

namespace Lvsctl.Manifests.Format;

/// <summary>The forms of text that several places of a manifest want.</summary>
static class Texts
{
    const int LongestInterface = 15;

    public static readonly TextShape Any = new("text", static _ => null);

    public static readonly TextShape Line = new("line of text",
        static t => t.AsSpan().ContainsAny('\r', '\n') ? "it has several lines" : null);

    public static readonly TextShape Path = new("absolute path", AbsolutePath, pattern: "^/");

    public static readonly TextShape HostName = new("host name", HostNameProblem, longest: 253);

    public static readonly TextShape Interface = new("interface name", InterfaceProblem, pattern: "^[^/ ]{1,15}$");

    /// <summary>Of an IPv4 address: as ifconfig wants it, the interface's name and a colon are in front.</summary>
    public static readonly TextShape Label = new("label", static t =>
        t.Length is 0 or > LongestInterface ? $"it has 1 to {LongestInterface} characters" : t.Any(c => c is '/' || char.IsWhiteSpace(c)) ? "it has no blanks or slashes" : null, pattern: "^[^/ ]{1,15}$");

    public static readonly TextShape User = new("user name", UserProblem, pattern: "^[A-Za-z_][A-Za-z0-9_.-]*\\$?$");

    public static readonly TextShape Regex = new("regular expression", RegexProblem, longest: 1000);

    public static readonly TextShape Sha256 = new("SHA-256 digest, 64 hexadecimal digits",
        static t => t.Length == 64 && t.All(char.IsAsciiHexDigit) ? null : "it has other characters or another length", pattern: "^[0-9A-Fa-f]{64}$");

    public static readonly TextShape MailAddress = new("mail address", MailProblem, longest: 254, pattern: "^[^@ ]+@[^@ ]+$");

    public static readonly TextShape UrlPath = new("path of a URL, with its query",
        static t => !t.StartsWith('/') ? "it starts with /" : t.Any(c => c <= ' ' || c > '~') ? "blanks and other characters are written as %XX" : null, pattern: "^/");

    public static readonly TextShape Token = new("word", static t =>
        t.Length is 0 or > 64 || t.Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c)) ? "it has characters that are not allowed" : null);

    public static readonly MappedShape<string, byte[]> TextBytes = new(Any, System.Text.Encoding.UTF8.GetBytes);

    public static readonly MappedShape<string, byte[]> HexBytes = new(
        new TextShape("hexadecimal digits", static t => IsHex(t) ? null : "two digits for each byte, with blanks between bytes if you like", pattern: "^[0-9A-Fa-f ]*$"),
        static t => Convert.FromHexString(t.Replace(" ", "")));

    public static readonly ListShape<string> Command = new(
        new TextShape("word of a command", static t => t.Contains('\0') ? "it has a NUL" : null), longest: 100);

    public static string? TokenProblem(string text) =>
        text.Length is 0 or > 64 || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-' && c != '_') ? "it has characters that are not allowed" : null;

    static string? AbsolutePath(string text) =>
        !text.StartsWith('/') ? "it starts with /" : text.Contains('\n') ? "it has several lines" : text.Split('/').Contains("..") ? "it has no '..'" : null;

    public static string? HostNameProblem(string text)
    {
        foreach (var label in text.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-' || label.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            {
                return "names consist of letters, digits and dashes, between dots";
            }
        }
        return null;
    }

    static string? InterfaceProblem(string text) =>
        text.Length is 0 or > LongestInterface ? $"it has 1 to {LongestInterface} characters"
        : text is "." or ".." || text.Any(c => c is '/' or ':' || c <= ' ' || c > '~') ? "it has no blanks, slashes or colons"
        : null;

    static string? UserProblem(string text) =>
        text.Length is 0 or > 32 || !(char.IsAsciiLetter(text[0]) || text[0] == '_') || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '$'))
            ? "it has letters, digits, dots, dashes and underscores" : null;

    static string? MailProblem(string text)
    {
        var at = text.IndexOf('@');
        return at <= 0 || text.Any(c => c <= ' ' || c is '<' or '>' or '"' or ',' || c > '~') ? "write name@example.org" : HostNameProblem(text[(at + 1)..]);
    }

    static string? RegexProblem(string text)
    {
        try
        {
            // Linear time whatever the text, as probes will use it.
            _ = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
        catch (NotSupportedException)
        {
            return "back references and look-around are not supported";
        }
    }

    static bool IsHex(string text)
    {
        var digits = text.Replace(" ", "");
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit);
    }
}
