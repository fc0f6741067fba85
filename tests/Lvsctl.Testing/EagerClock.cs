namespace Lvsctl.Testing;

/// <summary>Time that passes at once when somebody waits for it, and never otherwise: hours of waiting take no time.</summary>
public sealed class EagerClock : TimeProvider
{
    TimeSpan _elapsed;

    public int Waits { get; private set; }

    /// <summary>Called each time that somebody has waited: the place for what happens meanwhile.</summary>
    public Action? Waited { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero)
        {
            _elapsed += dueTime;
            Waits++;
            Waited?.Invoke();
            // Not from in here: whoever asked for the timer does not have it yet.
            ThreadPool.UnsafeQueueUserWorkItem(static run => run.callback(run.state), (callback, state), preferLocal: false);
        }
        return new Spent();
    }

    sealed class Spent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
