using System.Diagnostics.CodeAnalysis;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <summary>
/// A map being read: every value is asked for by the key that describes it. What is missing or wrong is reported here, so that a reader
/// can go on with the default and find the next mistake.
/// </summary>
readonly struct MapCursor(MapNode map, IBlock block, MapNode? defaults, ReadContext context)
{
    public ReadContext Context => context;

    public Place Place => map.Place;

    public MapNode Map => map;

    /// <summary>The value, or its default; null (zero) without either, or if it is not well formed.</summary>
    public T? Get<T>(Key<T> key) => TryGet(key, out var value) ? value : key.DefaultValue;

    /// <summary>For values without a default of their own.</summary>
    public T? Optional<T>(Key<T> key) where T : struct => TryGet(key, out var value) ? value : null;

    /// <summary>False if it is left out or not well formed.</summary>
    public bool TryGet<T>(Key<T> key, [MaybeNullWhen(false)] out T value)
    {
        if (Find(key) is { } node) return key.Shape.TryRead(node, context, out value);
        if (key.Required && !IsWrittenWrongly(key)) Complain(Code.MissingKey, map.Place, $"{block.Title} needs '{key.Name}'");
        value = default;
        return false;
    }

    /// <summary>Misspelt, or as a secret instead of its file: then that is what has been complained about.</summary>
    public bool IsWrittenWrongly(Key key)
    {
        foreach (var entry in map.Entries)
        {
            if (block.Find(entry.Key) is null && (entry.Key + "-file" == key.Name || Wording.Nearest(entry.Key, [key.Name]) is not null)) return true;
        }
        return false;
    }

    /// <summary>Written here or among the defaults.</summary>
    public bool Has(Key key) => Find(key) is not null;

    /// <summary>Written here.</summary>
    public bool HasItself(Key key)
    {
        context.Asked?.Add(key);
        return map.IndexOf(key.Name) >= 0;
    }

    public Node? Find(Key key)
    {
        context.Asked?.Add(key);
        // Reading what is not described would be a key that no explanation and no schema knows.
        System.Diagnostics.Debug.Assert(block.Find(key.Name) is not null, $"{key.Name} is no key of {block.Title}");
        var at = map.IndexOf(key.Name);
        if (at >= 0) return map.Entries[at].Value;
        if (defaults is null) return null;
        at = defaults.IndexOf(key.Name);
        return at >= 0 ? defaults.Entries[at].Value : null;
    }

    /// <summary>Where the key stands, or else the map.</summary>
    public Place KeyPlace(Key key)
    {
        var at = map.IndexOf(key.Name);
        if (at >= 0) return map.Entries[at].Place;
        at = defaults?.IndexOf(key.Name) ?? -1;
        return at >= 0 ? defaults!.Entries[at].Place : map.Place;
    }

    /// <summary>Where the value stands, or else the map.</summary>
    public Place ValuePlace(Key key) => Find(key)?.Place ?? map.Place;

    public void Complain(Code code, Place place, string text) => context.Complain(code, place, text);

    /// <summary>Complains if more than one of the keys is written.</summary>
    public void Exclusive(Key one, Key other)
    {
        if (HasItself(one) && HasItself(other))
        {
            Complain(Code.Exclusive, KeyPlace(other), $"'{other.Name}' cannot stand beside '{one.Name}'");
        }
    }
}
