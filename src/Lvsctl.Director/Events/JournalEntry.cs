using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;

namespace Lvsctl.Director.Events;

/// <summary>An event with its place in the journal.</summary>
/// <param name="Id">From 1 on, each one more than the last, also over restarts.</param>
public sealed record JournalEntry(long Id, DateTimeOffset Time, DirectorEvent Event)
{
    static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>RFC 3339 with milliseconds.</summary>
    public string TimeText => Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>One JSON object without a line's end: <c>id time event level message</c> and the event's fields.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, s_plain);
        json.WriteStartObject();
        json.WriteNumber("id"u8, Id);
        json.WriteString("time"u8, TimeText);
        json.WriteString("event"u8, Event.Kind.Id);
        json.WriteString("level"u8, Event.Kind.Level.ToString().ToLowerInvariant());
        json.WriteString("message"u8, Event.Text);
        foreach (var field in Event.Fields)
        {
            if (field.Number is { } number) json.WriteNumber(field.Name, number);
            else json.WriteString(field.Name, field.Text);
        }
        json.WriteEndObject();
    }

    /// <returns>False where the line is none of the journal's.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, [NotNullWhen(true)] out JournalEntry? entry)
    {
        entry = null;
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
            long id = 0;
            DateTimeOffset? time = null;
            string? kind = null, level = null, message = null;
            var fields = new List<EventField>();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                switch (name)
                {
                    case "id": id = json.GetInt64(); break;
                    case "time": time = json.GetDateTimeOffset(); break;
                    case "event": kind = json.GetString(); break;
                    case "level": level = json.GetString(); break;
                    case "message": message = json.GetString(); break;
                    default: fields.Add(json.TokenType == JsonTokenType.Number ? new(name, json.GetDouble()) : new(name, json.GetString() ?? "")); break;
                }
            }
            if (id < 1 || time is null || kind is null || message is null || json.TokenType != JsonTokenType.EndObject) return false;
            entry = new(id, time.Value, new(EventKinds.Find(kind, Enum.TryParse<EventLevel>(level, ignoreCase: true, out var known) ? known : EventLevel.Info), message, fields.ToValueList()));
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}
