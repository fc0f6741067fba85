using System.Text;

namespace Lvsctl.Cli.Commands.Top;

enum TopKeyKind
{
    Character,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Backspace,
}

/// <param name="Character">Of <see cref="TopKeyKind.Character"/>.</param>
readonly record struct TopKey(TopKeyKind Kind, char Character = '\0')
{
    /// <summary>Reads what a terminal sends for keys; sequences that mean nothing here are passed over.</summary>
    public static IReadOnlyList<TopKey> Read(ReadOnlySpan<byte> bytes)
    {
        var keys = new List<TopKey>();
        var text = Encoding.UTF8.GetString(bytes).AsSpan();
        while (!text.IsEmpty)
        {
            if (text[0] == '\e' && text.Length > 1 && text[1] is '[' or 'O')
            {
                // The sequence ends with its first letter or tilde.
                var end = 2;
                while (end < text.Length && text[end] is >= '0' and <= '?') end++;
                if (Named(text[2..Math.Min(end + 1, text.Length)]) is { } named) keys.Add(new(named));
                text = text[Math.Min(end + 1, text.Length)..];
                continue;
            }
            switch (text[0])
            {
                case '\e': keys.Add(new(TopKeyKind.Escape)); break;
                case '\r' or '\n': keys.Add(new(TopKeyKind.Enter)); break;
                case '\x7f' or '\b': keys.Add(new(TopKeyKind.Backspace)); break;
                case >= ' ': keys.Add(new(TopKeyKind.Character, text[0])); break;
            }
            text = text[1..];
        }
        return keys;
    }

    static TopKeyKind? Named(ReadOnlySpan<char> sequence) => sequence switch
    {
        "A" => TopKeyKind.Up,
        "B" => TopKeyKind.Down,
        "5~" => TopKeyKind.PageUp,
        "6~" => TopKeyKind.PageDown,
        "H" or "1~" or "7~" => TopKeyKind.Home,
        "F" or "4~" or "8~" => TopKeyKind.End,
        _ => null,
    };
}
