namespace Lvsctl.Testing;

/// <summary>Time that passes only when told. Its ticks are not those of TimeSpan, so that a confusion of the two cannot go unseen.</summary>
public sealed class ManualClock : TimeProvider
{
    TimeSpan _elapsed;

    public TimeSpan Elapsed => _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond * 7;

    public override long GetTimestamp() => _elapsed.Ticks * 7;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _elapsed;

    public void Advance(TimeSpan time) => _elapsed += time;
}
