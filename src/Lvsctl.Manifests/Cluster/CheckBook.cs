using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>The named checks. Each is read when somebody first asks for it, so that all and any may name checks that come later.</summary>
sealed class CheckBook
{
    // Bounds what walking such a check can cost: its members may share members.
    const int DeepestGroup = 8;
    const int MostLeaves = 64;

    static readonly CheckFormat Format = new();

    readonly Dictionary<string, Page> _pages = [];
    readonly List<Page> _order = [];
    readonly List<string> _beingRead = [];

    public void Add(Entry entry)
    {
        var page = new Page(entry);
        if (_pages.TryAdd(entry.Key, page)) _order.Add(page);
    }

    /// <summary>In the manifest's order, without those that cannot be read.</summary>
    public IReadOnlyList<CheckSpec> ReadAll(ReadContext context) => [.. _order.Select(p => Read(p, context)).OfType<CheckSpec>()];

    /// <summary>Null if there is none, or it cannot be read; whichever it is has been reported then.</summary>
    public CheckSpec? Find(string name, Place place, ReadContext context)
    {
        if (!_pages.TryGetValue(name, out var page))
        {
            if (context.IsComplete)
            {
                context.Complain(Code.UnknownName, place,
                    $"there is no check '{Wording.Excerpt(name)}'{Wording.DidYouMean(name, _pages.Keys)}");
            }
            return null;
        }
        page.IsUsed = true;
        var circle = _beingRead.IndexOf(name);
        if (circle < 0 && _beingRead.Count <= DeepestGroup) return Read(page, context);
        if (circle < 0)
        {
            context.Complain(Code.TooMuch, place, $"checks contain each other more than {DeepestGroup} levels deep");
            return null;
        }
        context.Complain(Code.Cycle, place, $"check '{name}' contains itself: {string.Join(" -> ", _beingRead.Skip(circle).Append(name))}");
        return null;
    }

    /// <summary>Those that can be found and read.</summary>
    public ValueList<CheckSpec> Members(IReadOnlyList<Located<string>> names, ReadContext context)
    {
        var members = names.Select(n => Find(n.Value, n.Place, context)).OfType<CheckSpec>().ToValueList();
        // Each member has kept the limits itself, so this is no long walk.
        if (members.Sum(m => CheckRules.Leaves(m).Count()) <= MostLeaves && members.All(m => CheckRules.Depth(m) < DeepestGroup)) return members;
        context.Complain(Code.TooMuch, names[0].Place,
            $"more than {MostLeaves} probes in one check, or checks that contain each other more than {DeepestGroup} levels deep");
        return [];
    }

    /// <summary>Complains about those that nobody asked for.</summary>
    public void ReportUnused(ReadContext context)
    {
        foreach (var page in _order.Where(p => !p.IsUsed))
        {
            context.Complain(Code.CheckUnused, page.Entry.Place, $"nobody uses check '{page.Entry.Key}'");
        }
    }

    CheckSpec? Read(Page page, ReadContext context)
    {
        if (page.IsRead) return page.Check;
        var surrounding = context.Surrounding;
        context.Surrounding = page.Entry.Key;
        _beingRead.Add(page.Entry.Key);
        Format.TryRead(page.Entry.Value, context, out page.Check);
        _beingRead.RemoveAt(_beingRead.Count - 1);
        context.Surrounding = surrounding;
        page.IsRead = true;
        return page.Check;
    }

    sealed class Page(Entry entry)
    {
        public Entry Entry { get; } = entry;

        public CheckSpec? Check;
        public bool IsRead;
        public bool IsUsed;
    }
}
