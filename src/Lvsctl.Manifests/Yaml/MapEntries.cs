using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Yaml;

/// <summary>What a map holds in the end: each key once, and what <c>&lt;&lt;</c> merges in where the map has no such key of its own.</summary>
static class MapEntries
{
    const string MergeKey = "<<";
    const int FewKeys = 12;

    public static Entry[] Settle(ReadOnlySpan<Entry> written, Report report)
    {
        if (written.Length <= FewKeys && IsSettled(written)) return written.ToArray();
        List<Entry> entries = [.. written];
        DropRepeated(entries, report);
        var merge = entries.FindIndex(e => e.Key == MergeKey);
        if (merge >= 0) Merge(entries, merge, report);
        return [.. entries];
    }

    // Nearly all maps are small and have nothing to settle.
    static bool IsSettled(ReadOnlySpan<Entry> entries)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Key == MergeKey) return false;
            for (var j = 0; j < i; j++)
            {
                if (entries[i].Key == entries[j].Key) return false;
            }
        }
        return true;
    }

    static void DropRepeated(List<Entry> entries, Report report)
    {
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
                report.Add(Code.BadAlias, merge.Place, $"<< merges maps, and here is {source.Kind}");
                continue;
            }
            foreach (var entry in map.Entries)
            {
                if (own.Add(entry.Key)) entries.Add(entry);
            }
        }
    }
}
