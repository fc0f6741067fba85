namespace Lvsctl.Manifests.Yaml;

/// <summary>A value of the text. An alias is the very node that the anchor stands for.</summary>
abstract class Node(Place place)
{
    public Place Place { get; } = place;

    /// <summary>How many values this would be with every alias written out.</summary>
    public int Size { get; protected init; } = 1;

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

sealed class ListNode : Node
{
    public ListNode(Place place, Node[] items, int size) : base(place)
    {
        Items = items;
        Size = size;
    }

    public Node[] Items { get; }

    public override string Kind => "a list";
}

sealed class MapNode : Node
{
    public MapNode(Place place, Entry[] entries, int size) : base(place)
    {
        Entries = entries;
        Size = size;
    }

    public Entry[] Entries { get; }

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

readonly record struct Entry(string Key, Place Place, Node Value);
