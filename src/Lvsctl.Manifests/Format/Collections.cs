using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <summary>A list; where one is enough, it needs no brackets.</summary>
sealed class ListShape<T>(Shape<T> item, bool oneIsEnough = false, int longest = 100_000) : Shape<IReadOnlyList<Located<T>>>
{
    public override string Type => oneIsEnough ? $"one or a list of: {item.Type}" : $"list of: {item.Type}";

    public override IEnumerable<Shape> Parts => [item];

    public override string PathStep => "[]";

    public override string Show(IReadOnlyList<Located<T>> value) =>
        value.Count == 1 && oneIsEnough ? item.Show(value[0].Value) : $"[ {string.Join(", ", value.Select(v => item.Show(v.Value)))} ]";

    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out IReadOnlyList<Located<T>> value)
    {
        value = null;
        if (node is not ListNode list)
        {
            if (oneIsEnough)
            {
                if (!item.TryRead(node, context, out var only)) return false;
                value = [new(only, node.Place)];
                return true;
            }
            context.Complain(node.IsNull ? Code.NothingWritten : Code.WrongKind, node.Place, $"a list is wanted here, not {node.Kind}");
            return false;
        }
        if (list.Items.Length == 0 && oneIsEnough)
        {
            context.Complain(Code.NothingWritten, node.Place, "the list is empty");
            return false;
        }
        if (list.Items.Length > longest)
        {
            context.Complain(Code.OutOfRange, node.Place, $"{list.Items.Length} items; at most {longest} make sense here");
            return false;
        }
        var items = new List<Located<T>>(list.Items.Length);
        foreach (var part in list.Items)
        {
            if (context.Report.IsFull) return false;
            if (item.TryRead(part, context, out var one)) items.Add(new(one, part.Place));
        }
        value = items;
        return items.Count == list.Items.Length;
    }

    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        var list = new JsonObject { ["type"] = JsonValue.Create("array"), ["items"] = item.Schema(definitions) };
        if (!oneIsEnough) return list;
        list["minItems"] = JsonValue.Create(1);
        return SchemaDefinitions.AnyOf(item.Schema(definitions), list);
    }
}

static class Located
{
    public static ValueList<T> Values<T>(this IReadOnlyList<Located<T>>? items) => items is null ? [] : items.Select(i => i.Value).ToValueList();
}

/// <summary>A map from names that people choose to values of one kind.</summary>
/// <param name="what">What has the name: <c>server</c>.</param>
sealed class NamedShape<T>(string what, Shape<T> item, Func<string, string?>? checkName = null) : Shape<IReadOnlyList<KeyValuePair<Entry, T>>>
{
    const int LongestName = 63;

    public override string Type => $"map from {what} to: {item.Type}";

    public Shape<T> Item => item;

    public override string PathStep => ".NAME";

    public override IEnumerable<Shape> Parts => [item];

    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out IReadOnlyList<KeyValuePair<Entry, T>> value)
    {
        value = null;
        if (!TryEntries(node, context, out var entries)) return false;

        var items = new List<KeyValuePair<Entry, T>>(entries.Length);
        foreach (var entry in entries)
        {
            if (context.Report.IsFull) return false;
            // What has a bad name may have other mistakes too.
            var hasName = HasName(entry, context);
            if (item.TryRead(entry.Value, context, out var one) && hasName) items.Add(new(entry, one));
        }
        value = items;
        return items.Count == entries.Length;
    }

    public bool TryEntries(Node node, ReadContext context, [MaybeNullWhen(false)] out Entry[] entries)
    {
        entries = node is MapNode map ? map.Entries : null;
        if (entries is not null) return true;
        context.Complain(node.IsNull ? Code.NothingWritten : Code.WrongKind, node.Place,
            $"a map with a name for each {what} is wanted here, not {node.Kind}");
        return false;
    }

    public bool HasName(Entry entry, ReadContext context)
    {
        var problem = checkName is not null ? checkName(entry.Key) : IsName(entry.Key) ? null : "names have 1 to 63 letters, digits, dots, dashes and underscores, and start with a letter or digit";
        if (problem is null) return true;
        context.Complain(checkName is null ? Code.BadName : Code.Malformed, entry.Place,
            $"'{Wording.Excerpt(entry.Key)}' is no {what}: {problem}");
        return false;
    }

    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        var schema = new JsonObject { ["type"] = JsonValue.Create("object"), ["additionalProperties"] = item.Schema(definitions) };
        if (checkName is null) schema["propertyNames"] = new JsonObject { ["pattern"] = JsonValue.Create("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$") };
        return schema;
    }
}

/// <summary>A short form in one word or list, and a long one as a map.</summary>
sealed class EitherShape<T>(Shape<T> brief, Shape<T> full) : Shape<T>
{
    public override string Type => $"{brief.Type}; or {full.Type}";

    public override IEnumerable<Shape> Parts => [brief, full];

    public override string Show(T value) => brief.Show(value);

    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out T value) =>
        (node is MapNode ? full : brief).TryRead(node, context, out value);

    public override JsonObject Schema(SchemaDefinitions definitions) =>
        SchemaDefinitions.AnyOf(brief.Schema(definitions), full.Schema(definitions));
}

/// <summary>The same text, read further.</summary>
sealed class MappedShape<TFrom, T>(Shape<TFrom> from, Func<TFrom, T> map, Func<T, TFrom>? back = null) : Shape<T>
{
    public override string Type => from.Type;

    public override IEnumerable<Shape> Parts => from is IBlock ? [from] : from.Parts;

    public override string Show(T value) => back is null ? "" : from.Show(back(value));

    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out T value)
    {
        if (from.TryRead(node, context, out var read))
        {
            value = map(read);
            return true;
        }
        value = default;
        return false;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => from.Schema(definitions);
}
