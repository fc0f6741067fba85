using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Lvsctl.Director.Logging;

/// <summary>
/// The director's log: events as lines, for people and for machines. Only this folder knows Serilog.
/// </summary>
public sealed class DirectorLog : IDisposable
{
    readonly Logger _logger;
    readonly WriterSink _sink;

    DirectorLog(Logger logger, WriterSink sink) => (_logger, _sink) = (logger, sink);

    /// <param name="output">Where people look: standard error.</param>
    public static DirectorLog Open(LogSpec spec, TextWriter output)
    {
        ITextFormatter lines = spec.Format switch
        {
            LogFormat.Json => new JsonLines(),
            LogFormat.Journal => new TextLines(isJournal: true),
            _ => new TextLines(isJournal: false),
        };
        var sink = new WriterSink(output, lines);
        var configuration = new LoggerConfiguration().MinimumLevel.Is(Level(spec.Level)).WriteTo.Sink(sink);
        if (spec.File is { } file) configuration.WriteTo.File(lines, file);
        return new DirectorLog(configuration.CreateLogger(), sink);
    }

    public bool SaysProbes => _logger.IsEnabled(LogEventLevel.Debug);

    public void Write(DirectorEvent what)
    {
        var level = Level(what.Kind.Level);
        if (!_logger.IsEnabled(level)) return;
        var log = _logger.ForContext("event", what.Kind.Id);
        foreach (var field in what.Fields) log = log.ForContext(field.Name, (object?)field.Number ?? field.Text);
        log.Write(level, "{Text}", what.Text);
    }

    static LogEventLevel Level(LogLevel level) => level switch
    {
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };

    static LogEventLevel Level(EventLevel level) => level switch
    {
        EventLevel.Debug => LogEventLevel.Debug,
        EventLevel.Warning => LogEventLevel.Warning,
        EventLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };

    /// <summary>What was said is written when this returns, or its reader is gone or asleep for too long.</summary>
    public void Flush() => _sink.Flush();

    public void Dispose()
    {
        _logger.Dispose();
        _sink.Dispose();
    }
}
