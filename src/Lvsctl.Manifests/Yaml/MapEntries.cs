using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Yaml;

/// <summary>What a map holds in the end: each key once, and what <c>&lt;&lt;</c> merges in where the map has no such key of its own.</summary>
static class MapEntries
{
    const string MergeKey = "<<";
    const int FewKeys = 12;

    public static Entry[] Settle(List<Entry> entries, Report report)
    {
        DropRepeated(entries, report);
        var merge = entries.FindIndex(e => e.Key == MergeKey);
        if (merge >= 0) Merge(entries, merge, report);
        return [.. entries];
    }

    static void DropRepeated(List<Entry> entries, Report report)
    {
        if (entries.Count < 2) return;
        if (entries.Count <= FewKeys)
        {
            for (var i = 1; i < entries.Count; i++)
            {
                var first = 0;
                while (entries[first].Key != entries[i].Key) first++;
                if (first < i)
                {
                    Complain(entries[i], entries[first], report);
                    entries.RemoveAt(i--);
                }
            }
            return;
        }

        var seen = new Dictionary<string, Entry>(entries.Count);
        entries.RemoveAll(entry =>
        {
            if (seen.TryAdd(entry.Key, entry)) return false;
            Complain(entry, seen[entry.Key], report);
            return true;
        });
    }

    static void Complain(Entry again, Entry first, Report report) =>
        report.Add(Code.RepeatedKey, again.Place,
            $"'{Wording.Excerpt(again.Key)}' stands here for the second time; the first is at {report.Describe(first.Place, again.Place)}, column {first.Place.Column}");

    static void Merge(List<Entry> entries, int at, Report report)
    {
        var merge = entries[at];
        entries.RemoveAt(at);
        var own = entries.Select(e => e.Key).ToHashSet();
        foreach (var source in merge.Value is ListNode list ? list.Items : [merge.Value])
        {
            if (source is not MapNode map)
            {
                report.Add(Code.BadAlias, source.Place, $"<< merges maps, and this is {source.Kind}");
                continue;
            }
            foreach (var entry in map.Entries)
            {
                if (own.Add(entry.Key)) entries.Add(entry);
            }
        }
    }
}
