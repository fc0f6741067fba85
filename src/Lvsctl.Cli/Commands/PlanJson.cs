using System.Text;
using System.Text.Json;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>A plan for programs. Fields are added to this form, never renamed or removed.</summary>
static class PlanJson
{
    public static string Text(Plan plan, IReadOnlyList<SettingChange> settings, IReadOnlyList<Refusal> refusals, IReadOnlyList<string> notes, ApplyReport? report = null, string? confirmation = null)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            Array(json, "settings", settings, Write);
            Array(json, "steps", plan.Steps, Write);
            Array(json, "draining", plan.Draining, Write);
            Array(json, "foreign", plan.Foreign, Write);
            Array(json, "capacity", plan.Capacity, Write);
            Array(json, "refusals", refusals, Write);
            json.WriteStartArray("notes");
            foreach (var note in notes) json.WriteStringValue(note);
            json.WriteEndArray();
            if (report is not null)
            {
                json.WriteNumber("done", report.Done.Count);
                Array(json, "failed", report.Failed, Write);
                Array(json, "not_tried", report.NotTried, Write);
            }
            if (confirmation is not null) json.WriteString("confirmation", confirmation);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    static void Array<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, SettingChange change)
    {
        json.WriteString("name", change.Name);
        json.WriteString("place", change.Place);
        json.WriteString("before", change.Before);
        json.WriteString("after", change.After);
    }

    static void Write(Utf8JsonWriter json, PlanStep step)
    {
        json.WriteString("action", step.Action.ToString().ToLowerInvariant());
        json.WriteString("service", step.Service);
        json.WriteString("service_key", step.ServiceKey.ToString());
        json.WriteString("server", step.Server);
        json.WriteString("server_key", step.ServerKey?.ToString());
        json.WriteStartArray("fields");
        foreach (var field in step.Fields)
        {
            json.WriteStartObject();
            json.WriteString("field", field.Field);
            json.WriteString("before", field.Before);
            json.WriteString("after", field.After);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("because", step.Because);
        json.WriteBoolean("takes_out_of_service", step.TakesOutOfService);
        json.WriteNumber("connections_cut", step.ConnectionsCut);
    }

    static void Write(Utf8JsonWriter json, DrainingServer server)
    {
        json.WriteString("service_key", server.Service.ToString());
        json.WriteString("server_key", server.Server.ToString());
        json.WriteNumber("active_connections", server.ActiveConnections);
        json.WriteNumber("inactive_connections", server.InactiveConnections);
        json.WriteNumber("persistent_connections", server.PersistentConnections);
    }

    static void Write(Utf8JsonWriter json, ForeignEntry entry)
    {
        json.WriteString("service_key", entry.Service.ToString());
        json.WriteString("server_key", entry.Server?.ToString());
    }

    static void Write(Utf8JsonWriter json, ServiceCapacity capacity)
    {
        json.WriteString("service", capacity.Service);
        json.WriteString("service_key", capacity.Key.ToString());
        json.WriteNumber("serving", capacity.Serving);
        json.WriteNumber("minimum", capacity.Minimum);
        json.WriteNumber("can_lose", capacity.CanLose);
    }

    static void Write(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteString("rule", refusal.Rule);
        json.WriteString("text", refusal.Text);
    }

    static void Write(Utf8JsonWriter json, FailedStep failed)
    {
        Write(json, failed.Step);
        json.WriteString("error", failed.Why);
    }
}
