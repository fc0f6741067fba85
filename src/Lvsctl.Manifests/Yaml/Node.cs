namespace Lvsctl.Manifests.Yaml;

/// <summary>A value of the text. An alias is the very node that the anchor stands for.</summary>
abstract class Node(Place place)
{
    public Place Place { get; } = place;

    /// <summary>How many values this would be with every alias written out.</summary>
    public virtual int Size => 1;

    /// <summary>For messages: <c>a list</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Nothing was written, or null.</summary>
    public virtual bool IsNull => false;
}

sealed class ScalarNode(Place place, string text, bool isPlain) : Node(place)
{
    public string Text { get; } = text;

    /// <summary>Without quotes.</summary>
    public bool IsPlain { get; } = isPlain;

    public override string Kind => IsNull ? "nothing" : $"'{Wording.Excerpt(Text)}'";

    public override bool IsNull => IsPlain && Text is "" or "~" or "null";
}

sealed class ListNode(Place place, Node[] items, int size) : Node(place)
{
    public Node[] Items { get; } = items;

    public override int Size => size;

    public override string Kind => "a list";
}

sealed class MapNode(Place place, Entry[] entries, int size) : Node(place)
{
    public Entry[] Entries { get; } = entries;

    public override int Size => size;

    public override string Kind => "a map";

    public static MapNode Empty(Place place) => new(place, [], 1);

    public int IndexOf(string key)
    {
        for (var i = 0; i < Entries.Length; i++)
        {
            if (Entries[i].Key == key) return i;
        }
        return -1;
    }
}

/// <summary>
/// A key and its value. Words without quotes, which nearly all values are, are kept as strings and made nodes when they are read: of a
/// million values that spares the collector a million objects.
/// </summary>
readonly struct Entry
{
    readonly object _content;
    readonly Place _at;

    public Entry(string key, Place place, Node value)
    {
        Key = key;
        Place = place;
        _content = value;
        _at = value.Place;
    }

    public Entry(string key, Place place, string word, Place at)
    {
        Key = key;
        Place = place;
        _content = word;
        _at = at;
    }

    public string Key { get; }

    public Place Place { get; }

    public Node Value => _content as Node ?? new ScalarNode(_at, (string)_content, isPlain: true);
}
