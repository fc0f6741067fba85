using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <summary>A map with known keys.</summary>
interface IBlock
{
    /// <summary>With its article, for messages and headings: <c>a service</c>.</summary>
    string Title { get; }

    IReadOnlyList<Key> Keys { get; }

    /// <summary>Of these keys exactly one must be given.</summary>
    IReadOnlyList<Key> OneOf { get; }

    Key? Find(string name);
}

/// <param name="Definition">Name in the JSON Schema.</param>
abstract class Block<T>(string definition, string title) : Shape<T>, IBlock
{
    Dictionary<string, Key>? _byName;
    bool? _mayBeEmpty;

    public string Title => title;

    public abstract IReadOnlyList<Key> Keys { get; }

    public virtual IReadOnlyList<Key> OneOf => [];

    /// <summary>Whether keys that start with x- may hold anything.</summary>
    protected virtual bool AllowsExtensions => false;

    public override string Type => $"map: {title}";

    public bool MayBeEmpty => _mayBeEmpty ??= OneOf.Count == 0 && !Keys.Any(k => k.Required);

    Dictionary<string, Key> ByName => _byName ??= Keys.ToDictionary(k => k.Name);

    public Key? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Null if the map cannot mean anything; what is wrong with it has been reported then.</summary>
    protected abstract T? Read(MapCursor map);

    /// <summary>The map whose values count where this one has none.</summary>
    protected virtual MapNode? Defaults(ReadContext context) => null;

    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (node is not MapNode map)
        {
            if (!node.IsNull || !MayBeEmpty)
            {
                context.Complain(node.IsNull ? Code.NothingWritten : Code.WrongKind, node.Place,
                    $"a map is wanted here ({title}), not {node.Kind}");
                return false;
            }
            map = MapNode.Empty(node.Place);
        }
        CheckKeys(map, context);
        var cursor = new MapCursor(map, this, Defaults(context), context);
        if (OneOf.Count > 0 && !HasOneOf(cursor)) return false;
        value = Read(cursor);
        return value is not null;
    }

    void CheckKeys(MapNode map, ReadContext context)
    {
        foreach (var entry in map.Entries)
        {
            if (ByName.ContainsKey(entry.Key) || (AllowsExtensions && entry.Key.StartsWith("x-", StringComparison.Ordinal))) continue;
            ComplainUnknown(entry, context);
        }
    }

    public void ComplainUnknown(Entry entry, ReadContext context)
    {
        if (ByName.ContainsKey(entry.Key + "-file"))
        {
            context.Complain(Code.SecretInText, entry.Place,
                $"secrets are not written into the manifest: put it into a file and name that by '{entry.Key}-file'");
            return;
        }
        var near = Wording.DidYouMean(entry.Key, ByName.Keys);
        if (near.Length == 0) near = $"; known here: {string.Join(", ", Keys.Select(k => k.Name).Take(40))}";
        context.Complain(Code.UnknownKey, entry.Place, $"unknown key '{Wording.Excerpt(entry.Key)}' in {title}{near}");
    }

    bool HasOneOf(MapCursor map)
    {
        Key? first = null;
        foreach (var key in OneOf)
        {
            if (!map.HasItself(key)) continue;
            if (first is not null)
            {
                map.Complain(Code.Exclusive, map.KeyPlace(key), $"{title} has '{first.Name}' already, so it cannot have '{key.Name}' too");
                return false;
            }
            first = key;
        }
        if (first is not null) return true;
        foreach (var key in OneOf)
        {
            if (map.IsWrittenWrongly(key)) return false;
        }
        map.Complain(Code.OneOf, map.Place, $"{title} needs one of {Words(OneOf.Select(k => k.Name))}");
        return false;
    }

    static string Words(IEnumerable<string> names) => string.Join(", ", names);

    public override JsonObject Schema(SchemaDefinitions definitions) => definitions.Reference(definition, () => Definition(definitions));

    internal JsonObject Definition(SchemaDefinitions definitions)
    {
        var properties = new JsonObject();
        foreach (var key in Keys)
        {
            // Beside $ref other keywords are allowed since 2019-09.
            var schema = key.Shape.Schema(definitions);
            schema["description"] = JsonValue.Create(key.Meaning);
            properties[key.Name] = schema;
        }
        var block = new JsonObject
        {
            ["type"] = MayBeEmpty ? SchemaDefinitions.Array(["object", "null"]) : JsonValue.Create("object"),
            ["properties"] = properties,
            ["additionalProperties"] = JsonValue.Create(false),
        };
        if (AllowsExtensions) block["patternProperties"] = new JsonObject { ["^x-"] = JsonValue.Create(true) };
        var required = Keys.Where(k => k.Required).Select(k => k.Name).ToList();
        if (required.Count > 0) block["required"] = SchemaDefinitions.Array(required);
        if (OneOf.Count > 0)
        {
            var alternatives = new JsonArray();
            foreach (var key in OneOf) alternatives.Add((JsonNode)new JsonObject { ["required"] = SchemaDefinitions.Array([key.Name]) });
            block["oneOf"] = alternatives;
        }
        return block;
    }
}
