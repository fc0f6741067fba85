using Lvsctl.Core.Events;
using Lvsctl.Director.Logging;

namespace Lvsctl.Director.Events;

/// <summary>
/// The one way for everything that happens: into the journal, from which notifications, <c>lvsctl events</c> and the page take it, and to the
/// log. For any number of threads.
/// </summary>
public sealed class Announcer(EventJournal journal, DirectorLog log, TimeProvider clock)
{
    /// <summary>The same words again within this time are counted, not said.</summary>
    static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(1);

    readonly Lock _one = new();
    readonly Dictionary<string, (DirectorEvent What, long Since, int Times)> _said = [];
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

    public void Tell(IEnumerable<DirectorEvent> what)
    {
        foreach (var each in what) Tell(each);
    }

    /// <summary>Says how often what was said was repeated, once its time is over. To be called now and then.</summary>
    public void Tend()
    {
        lock (_one)
        {
            foreach (var (key, (what, since, times)) in _said.ToList())
            {
                if (clock.GetElapsedTime(since) < s_quiet) continue;
                _said.Remove(key);
                if (times > 0) Say(DirectorEvents.Repeated(what, times));
            }
        }
    }

    // Changes of servers are never held back: whoever is told of the one has to be told of the other.
    bool IsRepeated(DirectorEvent what)
    {
        if (what.Kind.Level < EventLevel.Warning || what.Server is not null || what.Service is not null) return false;
        var key = $"{what.Kind.Id} {what.Text}";
        if (_said.TryGetValue(key, out var said))
        {
            if (clock.GetElapsedTime(said.Since) < s_quiet)
            {
                _said[key] = said with { Times = said.Times + 1 };
                return true;
            }
            if (said.Times > 0) Say(DirectorEvents.Repeated(said.What, said.Times));
        }
        _said[key] = (what, clock.GetTimestamp(), 0);
        return false;
    }

    void Say(DirectorEvent what)
    {
        journal.Append(what);
        log.Write(what);
        if (journal.Trouble == _trouble) return;
        // What the journal cannot take down is said aloud, once.
        if (journal.Trouble is { } trouble && _trouble is null) log.Write(DirectorEvents.Warning(trouble));
        _trouble = journal.Trouble;
    }
}
