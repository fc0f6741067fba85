namespace Lvsctl.Manifests.Explain;

/// <summary>Text in columns that fit a terminal.</summary>
static class Paragraphs
{
    const int Width = 100;

    /// <summary>Words of the text, broken so that no line is longer than the width, each line but the first indented.</summary>
    public static void Wrap(TextWriter output, string first, string text)
    {
        var column = first.Length;
        output.Write(first);
        var isStart = true;
        foreach (var word in text.Split(' '))
        {
            if (!isStart && column + 1 + word.Length > Width)
            {
                output.WriteLine();
                output.Write(new string(' ', first.Length));
                column = first.Length;
                isStart = true;
            }
            if (!isStart) output.Write(' ');
            output.Write(word);
            column += word.Length + (isStart ? 0 : 1);
            isStart = false;
        }
        output.WriteLine();
    }
}
