using System.Buffers;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Metrics;

/// <summary>Metrics for node_exporter's textfile collector.</summary>
public sealed class MetricsFile
{
    readonly ArrayBufferWriter<byte> _written = new();

    public MetricsFile() => Text = new MetricsText(_written);

    public MetricsText Text { get; }

    /// <summary>Whole or not at all, and readable by whoever collects it (0644).</summary>
    /// <exception cref="StateException">The file cannot be written.</exception>
    public void WriteFile(string path)
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        try
        {
            AtomicFile.Write(path, Mode, file => file.Write(_written.WrittenSpan));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException(StateProblem.File, $"cannot write the metrics to {path}: {e.Message}; all else is done", e);
        }
    }
}
