namespace Lvsctl.Director.Notify;

/// <summary>What servers and programs say may hold anything; headers, variables and messages are one line.</summary>
static class PlainLine
{
    public static string Of(string text)
    {
        text = text.Trim();
        return string.Create(text.Length, text, static (line, from) =>
        {
            for (var i = 0; i < line.Length; i++) line[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }

    /// <param name="longest">In characters; what is longer ends with an ellipsis.</param>
    public static string Of(string text, int longest)
    {
        var line = Of(text);
        if (line.Length <= longest) return line;
        // Not through the middle of a character.
        var cut = char.IsHighSurrogate(line[longest - 2]) ? longest - 2 : longest - 1;
        return string.Concat(line.AsSpan(0, cut), "…");
    }
}
