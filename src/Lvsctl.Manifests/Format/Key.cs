namespace Lvsctl.Manifests.Format;

/// <summary>One key of a block: its description, and the way to read its value.</summary>
abstract class Key(string name, string meaning)
{
    public string Name { get; } = name;

    /// <summary>One or several sentences.</summary>
    public string Meaning { get; } = meaning;

    public bool Required { get; init; }

    /// <summary>A line of a manifest; null where the shape's type says it all.</summary>
    public string? Example { get; init; }

    /// <summary>Where the default is no fixed value: <c>the service's port</c>.</summary>
    public string? DefaultNote { get; init; }

    public abstract Shape Shape { get; }

    /// <summary>Reads the value for its mistakes only.</summary>
    public abstract void Try(MapCursor map);

    /// <summary>What counts when the key is left out, as it would be written; null where nothing does.</summary>
    public abstract string? Default { get; }
}

sealed class Key<T>(string name, Shape<T> shape, string meaning) : Key(name, meaning)
{
    readonly T? _default;
    readonly bool _hasDefault;

    public override Shape<T> Shape => shape;

    public override void Try(MapCursor map) => map.TryGet(this, out _);

    public T? DefaultValue
    {
        get => _default;
        init
        {
            _default = value;
            _hasDefault = true;
        }
    }

    public override string? Default => DefaultNote ?? (_hasDefault && _default is not null ? shape.Show(_default) : null);
}
