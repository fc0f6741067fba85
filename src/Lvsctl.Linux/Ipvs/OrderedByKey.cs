namespace Lvsctl.Linux.Ipvs;

/// <summary>A list in order of first appearance in which each key stands once, with what was said of it last. The kernel repeats entries in a dump of a table that changes.</summary>
sealed class OrderedByKey<TKey, TValue>
    where TKey : notnull
{
    readonly Dictionary<TKey, int> _places = [];
    readonly List<TValue> _values = [];

    public IReadOnlyList<TValue> Values => _values;

    public void Set(TKey key, TValue value)
    {
        if (_places.TryAdd(key, _values.Count)) _values.Add(value);
        else _values[_places[key]] = value;
    }
}
