using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lvsctl.Cli.Ipvsadm.Listing;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>
/// The document of <c>lvsctl -L --json</c> with what the manifest and the operators add. Every field is always there, null where it means
/// nothing; what the kernel alone could say is null of an entry that it does not have. Fields are added to this form, never renamed or removed.
/// </summary>
static class StatusJson
{
    public static string Text(StatusReport report)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) Write(json, report);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    static void Write(Utf8JsonWriter json, StatusReport report)
    {
        json.WriteStartObject();
        json.WriteString("version"u8, report.Info.Version.ToString(3));
        json.WriteNumber("connection_table_size"u8, report.Info.ConnectionTableSize);
        json.WriteStartArray("services"u8);
        foreach (var service in report.Services.Concat(report.Leaving).Concat(report.Foreign)) Write(json, service);
        json.WriteEndArray();
        if (report.Orphans is null)
        {
            json.WriteNull("orphaned_intents"u8);
        }
        else
        {
            json.WriteStartArray("orphaned_intents"u8);
            foreach (var intent in report.Orphans) Write(json, intent);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, StatusService service)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, service.Name);
        json.WriteBoolean("in_kernel"u8, service.There is not null);
        json.WriteString("because"u8, service.Note);
        JsonListing.WriteSettings(json, service.Service);
        JsonListing.WriteTraffic(json, service.There?.Statistics);
        json.WriteStartArray("servers"u8);
        foreach (var server in service.Servers) Write(json, server);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, StatusServer server)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, server.Name);
        json.WriteBoolean("in_kernel"u8, server.There is not null);
        if (server.WantedWeight is { } weight) json.WriteNumber("wanted_weight"u8, weight);
        else json.WriteNull("wanted_weight"u8);
        json.WriteString("because"u8, server.Note);
        json.WriteString("leaving_since"u8, Time(server.LeavingSince));
        json.WritePropertyName("intent"u8);
        if (server.Intent is { } intent) Write(json, intent);
        else json.WriteNullValue();
        JsonListing.WriteServer(json, server.Server, server.There);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, Intent intent)
    {
        json.WriteStartObject();
        json.WriteString("kind"u8, intent.Kind.ToString().ToLowerInvariant());
        json.WriteString("server"u8, intent.Server);
        json.WriteString("service"u8, intent.Service);
        json.WriteString("since"u8, Time(intent.Since));
        json.WriteString("deadline"u8, Time(intent.Deadline));
        json.WriteString("then"u8, intent.Kind == IntentKind.Drain ? intent.Then.ToString().ToLowerInvariant() : null);
        if (intent.Kind == IntentKind.Weight) json.WriteNumber("weight"u8, intent.Weight);
        else json.WriteNull("weight"u8);
        json.WriteEndObject();
    }

    static string? Time(DateTimeOffset? time) => time is { } at ? TimeText.Of(at) : null;
}
