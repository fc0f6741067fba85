using Lvsctl.Core.Events;
using Lvsctl.Director.Logging;

namespace Lvsctl.Director.Events;

/// <summary>
/// The one way for everything that happens: into the journal, from which notifications, <c>lvsctl events</c> and the page take it, and to the
/// log. For any number of threads.
/// </summary>
public sealed class Announcer(EventJournal journal, DirectorLog log, TimeProvider clock)
{
    /// <param name="Quiet">For so long the same is not said again.</param>
    sealed record Said(DirectorEvent What, long Since, TimeSpan Quiet, int Times);

    const int Together = 100;

    /// <summary>The same words again within this time are counted, not said; twice as long each time that they go on.</summary>
    static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(1);

    readonly Lock _one = new();
    static readonly TimeSpan s_longestQuiet = TimeSpan.FromHours(1);

    // What may come again and again by itself; whatever has a counterpart (refused and reloaded, degraded and recovered) is told each time.
    static readonly HashSet<EventKind> s_repeating = [EventKinds.ApplyFailed, EventKinds.DirectorWarning, EventKinds.DirectorHeldUp, EventKinds.DriftRepaired];

    readonly Dictionary<string, Said> _said = [];
    readonly Dictionary<string, long> _counts = [];
    string? _trouble;

    public EventJournal Journal => journal;

    public bool SaysProbes => log.SaysProbes;

    /// <summary>By kind, since the start.</summary>
    public IReadOnlyDictionary<string, long> Counts
    {
        get
        {
            lock (_one) return new Dictionary<string, long>(_counts);
        }
    }

    public void Tell(DirectorEvent what)
    {
        if (what.Kind.Level == EventLevel.Debug)
        {
            log.Write(what);
            return;
        }
        lock (_one)
        {
            _counts[what.Kind.Id] = _counts.GetValueOrDefault(what.Kind.Id) + 1;
            if (IsRepeated(what)) return;
            Say(what);
        }
    }

    /// <summary>The same of several. They may be ten thousand: a table that was cleared is made anew.</summary>
    public void Tell(IEnumerable<DirectorEvent> what)
    {
        foreach (var some in what.Chunk(Together))
        {
            lock (_one)
            {
                var news = new List<DirectorEvent>(some.Length);
                foreach (var each in some)
                {
                    if (each.Kind.Level == EventLevel.Debug)
                    {
                        log.Write(each);
                        continue;
                    }
                    _counts[each.Kind.Id] = _counts.GetValueOrDefault(each.Kind.Id) + 1;
                    if (!IsRepeated(each)) news.Add(each);
                }
                journal.AppendAll(news);
                foreach (var each in news) log.Write(each);
                LookAtJournal();
            }
        }
    }

    /// <summary>What another process of this host has said: it is in its log already.</summary>
    public void Pass(DirectorEvent what, DateTimeOffset time)
    {
        lock (_one)
        {
            _counts[what.Kind.Id] = _counts.GetValueOrDefault(what.Kind.Id) + 1;
            journal.Append(what, time);
        }
    }

    /// <summary>Says how often what was said was repeated, once its time is over. To be called now and then.</summary>
    public void Tend()
    {
        lock (_one)
        {
            foreach (var (key, said) in _said.ToList())
            {
                if (clock.GetElapsedTime(said.Since) < said.Quiet) continue;
                if (said.Times == 0)
                {
                    _said.Remove(key);
                    continue;
                }
                Say(DirectorEvents.Repeated(said.What, said.Times));
                _said[key] = said with { Since = clock.GetTimestamp(), Quiet = said.Quiet * 2 < s_longestQuiet ? said.Quiet * 2 : s_longestQuiet, Times = 0 };
            }
        }
    }

    bool IsRepeated(DirectorEvent what)
    {
        if (!s_repeating.Contains(what.Kind)) return false;
        var key = $"{what.Kind.Id} {what.Text}";
        if (_said.TryGetValue(key, out var said))
        {
            _said[key] = said with { Times = said.Times + 1 };
            return true;
        }
        _said[key] = new(what, clock.GetTimestamp(), s_quiet, 0);
        return false;
    }

    void Say(DirectorEvent what)
    {
        journal.Append(what);
        log.Write(what);
        LookAtJournal();
    }

    void LookAtJournal()
    {
        if (journal.Trouble == _trouble) return;
        // What the journal cannot take down is said aloud, once.
        if (journal.Trouble is { } trouble && _trouble is null) log.Write(DirectorEvents.Warning(trouble));
        _trouble = journal.Trouble;
    }
}
