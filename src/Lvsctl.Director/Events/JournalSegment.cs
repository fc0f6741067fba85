using System.Globalization;

namespace Lvsctl.Director.Events;

/// <summary>One file of the journal: a JSON object a line, named after the id of its first.</summary>
readonly record struct JournalSegment(string Path, long FirstId)
{
    const string Suffix = ".jsonl";

    /// <summary>Oldest first; none where there is no directory.</summary>
    public static List<JournalSegment> AllIn(string directory)
    {
        var found = new List<JournalSegment>();
        if (!Directory.Exists(directory)) return found;
        foreach (var path in Directory.EnumerateFiles(directory, "*" + Suffix))
        {
            if (long.TryParse(System.IO.Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var first)) found.Add(new(path, first));
        }
        found.Sort((a, b) => a.FirstId.CompareTo(b.FirstId));
        return found;
    }

    public static JournalSegment New(string directory, long firstId) => new(System.IO.Path.Combine(directory, $"{firstId:D16}{Suffix}"), firstId);
}
