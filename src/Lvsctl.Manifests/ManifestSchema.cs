using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lvsctl.Manifests.Cluster;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests;

/// <summary>
/// The format as JSON Schema, for editors and other programs. It knows keys, kinds and forms; what must hold between values only
/// validate knows.
/// </summary>
public static class ManifestSchema
{
    /// <summary>Draft 2020-12, indented, with a newline at the end.</summary>
    public static string Text()
    {
        var definitions = new SchemaDefinitions();
        var schema = new JsonObject
        {
            ["$schema"] = JsonValue.Create("https://json-schema.org/draft/2020-12/schema"),
            ["title"] = JsonValue.Create("lvsctl manifest"),
        };
        foreach (var (name, value) in RootFormat.Instance.Definition(definitions)) schema[name] = value?.DeepClone();
        schema["$defs"] = definitions.ToJson();

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) schema.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
