using Lvsctl.Director.Events;

namespace Lvsctl.Cli.Commands;

/// <summary>
/// Events that the director took over from another process stand in its journal a moment after what happened meanwhile. Who reads it as a
/// whole gets them where they belong.
/// </summary>
static class TimeOrder
{
    /// <summary>More than it takes to take them over. Clocks that were set show as they were.</summary>
    static readonly TimeSpan s_most = TimeSpan.FromSeconds(1);

    public static async IAsyncEnumerable<JournalEntry> ByTime(this IAsyncEnumerable<JournalEntry> entries)
    {
        var held = new PriorityQueue<JournalEntry, (DateTimeOffset Time, long Arrival)>();
        var newest = DateTimeOffset.MinValue;
        var arrival = 0L;
        await foreach (var entry in entries.ConfigureAwait(false))
        {
            // Somebody set the clock back, and a new order begins.
            var isAnew = newest - entry.Time > s_most;
            newest = isAnew || entry.Time > newest ? entry.Time : newest;
            while (held.Count > 0 && (isAnew || newest - held.Peek().Time > s_most)) yield return held.Dequeue();
            held.Enqueue(entry, (entry.Time, arrival++));
        }
        while (held.TryDequeue(out var left, out _)) yield return left;
    }
}
