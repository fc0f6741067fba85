using System.Text.Json.Nodes;

namespace Lvsctl.Manifests.Format;

/// <summary>Gathers the blocks that a JSON Schema refers to, each once.</summary>
sealed class SchemaDefinitions
{
    readonly SortedDictionary<string, JsonObject?> _definitions = new(StringComparer.Ordinal);

    public JsonObject Reference(string name, Func<JsonObject> make)
    {
        if (_definitions.TryAdd(name, null)) _definitions[name] = make();
        return new() { ["$ref"] = JsonValue.Create($"#/$defs/{name}") };
    }

    public JsonObject ToJson()
    {
        var all = new JsonObject();
        foreach (var (name, schema) in _definitions) all[name] = schema;
        return all;
    }

    public static JsonArray Array(IEnumerable<string> words)
    {
        var array = new JsonArray();
        foreach (var word in words) array.Add((JsonNode)JsonValue.Create(word));
        return array;
    }

    public static JsonObject Text(string pattern) => new() { ["type"] = JsonValue.Create("string"), ["pattern"] = JsonValue.Create(pattern) };

    public static JsonObject AnyOf(params IEnumerable<JsonObject> alternatives)
    {
        var array = new JsonArray();
        foreach (var one in alternatives) array.Add((JsonNode)one);
        return array.Count == 1 ? (JsonObject)array[0]!.DeepClone() : new() { ["anyOf"] = array };
    }
}
