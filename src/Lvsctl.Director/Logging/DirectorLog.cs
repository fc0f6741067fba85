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
    readonly Lock _one = new();
    readonly LogLevel? _level;
    readonly LogFormat? _format;
    readonly WriterSink _sink;
    Logger _logger;
    LogSpec _spec;

    DirectorLog(LogSpec spec, TextWriter output, LogLevel? level, LogFormat? format)
    {
        (_spec, _level, _format) = (spec, level, format);
        _sink = new WriterSink(output, Lines);
        _logger = Open();
    }

    /// <param name="output">Where people look: standard error.</param>
    /// <param name="level">Whatever the manifest says; null: as it says. So too <paramref name="format"/>.</param>
    public static DirectorLog Open(LogSpec spec, TextWriter output, LogLevel? level = null, LogFormat? format = null) => new(spec, output, level, format);

    /// <summary>Why nothing is written to <see cref="LogSpec.File"/>; null: there is none, or it is.</summary>
    public string? Trouble { get; private set; }

    public bool SaysProbes => _logger.IsEnabled(LogEventLevel.Debug);

    ITextFormatter Lines => (_format ?? _spec.Format) switch
    {
        LogFormat.Json => new JsonLines(),
        LogFormat.Journal => new TextLines(isJournal: true),
        _ => new TextLines(isJournal: false),
    };

    /// <summary>From the next line on. The file is opened anew in any case: somebody may have moved it away.</summary>
    public void Configure(LogSpec spec)
    {
        lock (_one)
        {
            _spec = spec;
            _sink.Lines = Lines;
            _logger.Dispose();
            _logger = Open();
        }
    }

    /// <summary>The file is opened anew: somebody moved it away.</summary>
    public void Reopen() => Configure(_spec);

    Logger Open()
    {
        var configuration = new LoggerConfiguration().MinimumLevel.Is(Level(_level ?? _spec.Level)).WriteTo.Sink(_sink);
        Trouble = null;
        if (_spec.File is { } file && (Trouble = Objection(file)) is null) configuration.WriteTo.File(Lines, file, fileSizeLimitBytes: null);
        return configuration.CreateLogger();
    }

    // Serilog says nothing where it cannot.
    static string? Objection(string file)
    {
        try
        {
            File.Open(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite).Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"log.file: {file} cannot be written: {e.Message}";
        }
    }

    public void Write(DirectorEvent what)
    {
        var level = Level(what.Kind.Level);
        lock (_one)
        {
            if (!_logger.IsEnabled(level)) return;
            var log = _logger.ForContext("event", what.Kind.Id);
            foreach (var field in what.Fields) log = log.ForContext(field.Name, (object?)field.Number ?? field.Text);
            log.Write(level, "{Text}", what.Text);
        }
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
        _sink.Close();
    }
}
