using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>Makes one manifest of several files. Time and memory are linear in them, as there may be a drop-in for each service.</summary>
sealed class Sections(ReadContext context)
{
    readonly List<string> _order = [];
    readonly Dictionary<string, Section> _sections = [];

    public static MapNode Join(IReadOnlyList<MapNode> roots, ReadContext context)
    {
        if (roots.Count == 1) return roots[0];
        var joined = new Sections(context);
        foreach (var entry in roots.SelectMany(r => r.Entries)) joined.Add(entry);
        return new(roots[0].Place, [.. joined._order.Select(name => joined._sections[name].ToEntry())], 1);
    }

    void Add(Entry entry)
    {
        if (!_sections.TryGetValue(entry.Key, out var section))
        {
            _sections.Add(entry.Key, new(entry));
            _order.Add(entry.Key);
        }
        else if (RootFormat.Instance.Find(entry.Key) is not { } key)
        {
            // x- keys are each file's own. Of unknown ones each place is to be named.
            if (!entry.Key.StartsWith("x-", StringComparison.Ordinal)) RootFormat.Instance.ComplainUnknown(entry, context);
        }
        else if (!RootFormat.Shared.Contains(key))
        {
            context.Complain(Code.SectionTaken, entry.Place,
                $"'{entry.Key}' stands at {context.Report.Describe(section.First.Place, entry.Place)} already, and files do not override each other");
        }
        else
        {
            section.Add(entry, context);
        }
    }

    sealed class Section(Entry first)
    {
        List<Entry>? _entries;
        List<Node>? _items;
        Dictionary<string, Place>? _taken;

        public Entry First { get; private set; } = first;

        public void Add(Entry entry, ReadContext context)
        {
            if (First.Value.IsNull)
            {
                First = new(First.Key, First.Place, entry.Value);
            }
            else if (First.Value is MapNode map && entry.Value is MapNode more)
            {
                AddEntries(map, more, context);
            }
            else if (First.Value is ListNode list && entry.Value is ListNode others)
            {
                (_items ??= [.. list.Items]).AddRange(others.Items);
            }
            else if (!entry.Value.IsNull)
            {
                context.Complain(Code.WrongKind, entry.Value.Place,
                    $"'{entry.Key}' is {First.Value.Kind} at {context.Report.Describe(First.Place, entry.Place)}, and {entry.Value.Kind} here");
            }
        }

        void AddEntries(MapNode map, MapNode more, ReadContext context)
        {
            _entries ??= [.. map.Entries];
            _taken ??= map.Entries.ToDictionary(e => e.Key, e => e.Place);
            foreach (var entry in more.Entries)
            {
                if (_taken.TryAdd(entry.Key, entry.Place)) _entries.Add(entry);
                else context.Complain(Code.NameTaken, entry.Place, $"'{Wording.Excerpt(entry.Key)}' of {First.Key} stands at {context.Report.Describe(_taken[entry.Key], entry.Place)} already, and files do not override each other");
            }
        }

        public Entry ToEntry() =>
            _entries is not null ? new(First.Key, First.Place, new MapNode(First.Value.Place, [.. _entries], 1))
            : _items is not null ? new(First.Key, First.Place, new ListNode(First.Value.Place, [.. _items], 1))
            : First;
    }
}
