using System.Buffers;
using System.Globalization;
using System.Text;

namespace Lvsctl.Director.Metrics;

/// <summary>Prometheus' text format 0.0.4, or OpenMetrics 1.0: families with their help and type, each sample on a line.</summary>
/// <param name="openMetrics">Their differences: a counter's family is named without <c>_total</c>, and the text has a marked end.</param>
public sealed class MetricsText(IBufferWriter<byte> output, bool openMetrics = false)
{
    const string Total = "_total";

    // Between the braces two commas and the value: no double is as long.
    const int Rest = 48;

    byte[] _name = [];

    /// <param name="name">With its unit, as <c>lvsctl_probe_duration_seconds</c>.</param>
    public MetricsText Gauge(string name, string help) => Family(name, "gauge", help);

    /// <param name="name">It ends in <c>_total</c>.</param>
    public MetricsText Counter(string name, string help) => Family(name, "counter", help);

    public MetricsText Histogram(string name, string help) => Family(name, "histogram", help);

    public MetricsText Summary(string name, string help) => Family(name, "summary", help);

    MetricsText Family(string name, string type, string help)
    {
        _name = Encoding.ASCII.GetBytes(name);
        var family = openMetrics && name.EndsWith(Total, StringComparison.Ordinal) ? name[..^Total.Length] : name;
        var escaped = help.Replace("\\", @"\\").Replace("\n", @"\n");
        if (openMetrics) escaped = escaped.Replace("\"", "\\\"");
        Put(Encoding.UTF8.GetBytes($"# HELP {family} {escaped}\n# TYPE {family} {type}\n"));
        return this;
    }

    void Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(output.GetSpan(text.Length));
        output.Advance(text.Length);
    }

    /// <param name="labels">Names and values in turns.</param>
    public void Sample(double value, params ReadOnlySpan<string> labels) => Sample(value, LabelSet.Of(labels));

    /// <param name="more">Written after the labels.</param>
    /// <param name="suffix">Of the name: <c>_bucket</c>.</param>
    public void Sample(double value, LabelSet labels, LabelSet more = default, ReadOnlySpan<byte> suffix = default)
    {
        var line = output.GetSpan(_name.Length + suffix.Length + labels.Text.Length + more.Text.Length + Rest);
        var end = 0;
        Put(line, ref end, _name);
        Put(line, ref end, suffix);
        if (!labels.Text.IsEmpty || !more.Text.IsEmpty)
        {
            Put(line, ref end, "{"u8);
            Put(line, ref end, labels.Text);
            if (!labels.Text.IsEmpty && !more.Text.IsEmpty) Put(line, ref end, ","u8);
            Put(line, ref end, more.Text);
            Put(line, ref end, "}"u8);
        }
        Put(line, ref end, " "u8);
        if (double.IsPositiveInfinity(value))
        {
            Put(line, ref end, "+Inf"u8);
        }
        else
        {
            value.TryFormat(line[end..], out var length, default, CultureInfo.InvariantCulture);
            end += length;
        }
        Put(line, ref end, "\n"u8);
        output.Advance(end);
    }

    static void Put(Span<byte> line, ref int end, ReadOnlySpan<byte> text)
    {
        text.CopyTo(line[end..]);
        end += text.Length;
    }

    /// <summary>Nothing comes after it.</summary>
    public void End()
    {
        if (openMetrics) Put("# EOF\n"u8);
    }
}
