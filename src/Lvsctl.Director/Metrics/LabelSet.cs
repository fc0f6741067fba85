using System.Text;

namespace Lvsctl.Director.Metrics;

/// <summary>Labels as they stand in the text, escaped and without the braces: <c>service="web",vip="10.0.0.1"</c>. Made once and written often.</summary>
public readonly struct LabelSet
{
    readonly byte[]? _text;

    LabelSet(byte[] text) => _text = text;

    public static LabelSet None => default;

    public ReadOnlySpan<byte> Text => _text;

    /// <param name="labels">Names and values in turns.</param>
    public static LabelSet Of(params ReadOnlySpan<string> labels) => None.With(labels);

    public LabelSet With(params ReadOnlySpan<string> labels)
    {
        var text = new StringBuilder();
        for (var i = 0; i < labels.Length; i += 2)
        {
            text.Append(i == 0 && _text is null ? "" : ",").Append(labels[i]).Append("=\"");
            foreach (var c in labels[i + 1])
            {
                _ = c switch
                {
                    '\\' => text.Append(@"\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append(@"\n"),
                    _ => text.Append(c),
                };
            }
            text.Append('"');
        }
        return new([.. Text, .. Encoding.UTF8.GetBytes(text.ToString())]);
    }
}
