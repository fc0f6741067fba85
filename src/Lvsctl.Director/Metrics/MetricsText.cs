using System.Globalization;
using System.Text;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Metrics;

/// <summary>Prometheus' text format 0.0.4: families with their help and type, each sample on a line.</summary>
public sealed class MetricsText
{
    readonly StringBuilder _text = new();
    string _name = "";

    /// <param name="name">With its unit, as <c>lvsctl_probe_duration_seconds</c>.</param>
    public MetricsText Gauge(string name, string help)
    {
        _name = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", @"\\").Replace("\n", @"\n")).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(" gauge\n");
        return this;
    }

    /// <param name="labels">Names and values in turns.</param>
    public void Sample(double value, params ReadOnlySpan<string> labels)
    {
        _text.Append(_name);
        for (var i = 0; i < labels.Length; i += 2)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i]).Append("=\"");
            Escape(labels[i + 1]);
            _text.Append('"');
        }
        if (labels.Length > 0) _text.Append('}');
        _text.Append(' ').Append(CultureInfo.InvariantCulture, $"{value}").Append('\n');
    }

    void Escape(string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append(@"\n"),
                _ => _text.Append(c),
            };
        }
    }

    public override string ToString() => _text.ToString();

    /// <summary>Whole or not at all, and readable by whoever collects it (0644).</summary>
    /// <exception cref="StateException">The file cannot be written.</exception>
    public void WriteFile(string path)
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        try
        {
            AtomicFile.Write(path, Mode, file => file.Write(Encoding.UTF8.GetBytes(ToString())));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException(StateProblem.File, $"cannot write the metrics to {path}: {e.Message}; all else is done", e);
        }
    }
}
