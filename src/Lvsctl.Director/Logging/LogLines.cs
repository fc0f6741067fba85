using System.Globalization;
using System.Text;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;

namespace Lvsctl.Director.Logging;

/// <summary>An event as people read it: time, level if it is one to look at, words.</summary>
/// <param name="isJournal">As journald wants it: a priority in front (sd-daemon(3)), and no time, which it has itself.</param>
sealed class TextLines(bool isJournal) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        if (isJournal) output.Write($"<{Priority(logEvent.Level)}>");
        else output.Write($"{Time(logEvent.Timestamp)} {(logEvent.Level >= LogEventLevel.Warning ? $"{logEvent.Level.ToString().ToLowerInvariant()}: " : "")}");
        output.WriteLine(Words(logEvent).ReplaceLineEndings(" "));
    }

    static int Priority(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => 2,
        LogEventLevel.Error => 3,
        LogEventLevel.Warning => 4,
        LogEventLevel.Information => 6,
        _ => 7,
    };

    /// <summary>RFC 3339 with milliseconds.</summary>
    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    internal static string Words(LogEvent logEvent) => (logEvent.Properties["Text"] as ScalarValue)?.Value as string ?? "";
}

/// <summary>One JSON object a line: time, level, event, message, and the event's own properties.</summary>
sealed class JsonLines : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", TextLines.Time(logEvent.Timestamp));
            json.WriteString("level", logEvent.Level.ToString().ToLowerInvariant());
            json.WriteString("message", TextLines.Words(logEvent));
            foreach (var (name, value) in logEvent.Properties.Where(p => p.Key != "Text"))
            {
                json.WritePropertyName(name);
                Write(json, value);
            }
            json.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    static void Write(Utf8JsonWriter json, LogEventPropertyValue value)
    {
        switch ((value as ScalarValue)?.Value)
        {
            case null: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            case var other: json.WriteStringValue(Convert.ToString(other, CultureInfo.InvariantCulture)); break;
        }
    }
}
