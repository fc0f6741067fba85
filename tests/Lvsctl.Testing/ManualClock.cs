namespace Lvsctl.Testing;

/// <summary>Time that passes only when told. Its ticks are not those of TimeSpan, so that a confusion of the two cannot go unseen.</summary>
public sealed class ManualClock : TimeProvider
{
    readonly Lock _one = new();
    readonly List<Timer> _timers = [];
    TimeSpan _elapsed;

    public TimeSpan Elapsed
    {
        get
        {
            lock (_one) return _elapsed;
        }
    }

    /// <summary>When somebody waits for it, by <see cref="Elapsed"/>; soonest first.</summary>
    public IReadOnlyList<TimeSpan> Awaited
    {
        get
        {
            lock (_one) return [.. _timers.Select(t => t.Due).Order()];
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond * 7;

    public override long GetTimestamp() => Elapsed.Ticks * 7;

    /// <summary>What somebody set the wall clock forward by; the other one goes on as it was.</summary>
    public TimeSpan WallStep { get; set; }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Elapsed + WallStep;

    /// <summary>Whoever waits for a moment within this time is called at that moment, on this thread.</summary>
    public void Advance(TimeSpan time)
    {
        var end = Elapsed + time;
        while (true)
        {
            Timer? next;
            lock (_one)
            {
                next = Next(end);
                _elapsed = next is null ? end : next.Due > _elapsed ? next.Due : _elapsed;
                if (next is not null && !next.Repeat()) _timers.Remove(next);
            }
            if (next is null) return;
            next.Call();
        }
    }

    // Allocates nothing: what a test measures is not the clock's.
    Timer? Next(TimeSpan end)
    {
        Timer? next = null;
        foreach (var timer in _timers)
        {
            if (timer.Due <= end && (next is null || timer.Due < next.Due)) next = timer;
        }
        return next;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan _period;

        public TimeSpan Due { get; private set; }

        public void Call() => callback(state);

        public bool Repeat()
        {
            Due += _period;
            return _period > TimeSpan.Zero;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._one)
            {
                clock._timers.Remove(this);
                _period = period;
                if (dueTime < TimeSpan.Zero) return true;
                Due = clock._elapsed + dueTime;
                clock._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._one) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
