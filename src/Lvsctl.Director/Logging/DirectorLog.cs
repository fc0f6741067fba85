using Lvsctl.Core.Cluster;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Lvsctl.Director.Logging;

/// <summary>
/// The director's log. What it says are events with fixed names, which machines go by; a name is never given another meaning. Only this
/// folder knows Serilog.
/// </summary>
public sealed partial class DirectorLog : IDisposable
{
    readonly Logger _logger;

    DirectorLog(Logger logger) => _logger = logger;

    /// <param name="output">Where people look: standard error.</param>
    public static DirectorLog Open(LogSpec spec, TextWriter output)
    {
        ITextFormatter lines = spec.Format switch
        {
            LogFormat.Json => new JsonLines(),
            LogFormat.Journal => new TextLines(isJournal: true),
            _ => new TextLines(isJournal: false),
        };
        var configuration = new LoggerConfiguration().MinimumLevel.Is(Level(spec.Level)).WriteTo.Sink(new WriterSink(output, lines));
        if (spec.File is { } file) configuration.WriteTo.File(lines, file);
        return new DirectorLog(configuration.CreateLogger());
    }

    public bool SaysProbes => _logger.IsEnabled(LogEventLevel.Debug);

    ILogger Event(string name) => _logger.ForContext("Event", name);

    static LogEventLevel Level(LogLevel level) => level switch
    {
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };

    public void Dispose() => _logger.Dispose();

    sealed class WriterSink(TextWriter output, ITextFormatter lines) : ILogEventSink
    {
        readonly Lock _one = new();

        public void Emit(LogEvent logEvent)
        {
            lock (_one)
            {
                lines.Format(logEvent, output);
                output.Flush();
            }
        }
    }
}
