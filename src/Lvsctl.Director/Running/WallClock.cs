namespace Lvsctl.Director.Running;

/// <summary>Notices when somebody sets the wall clock: it has gone otherwise than the monotonic one.</summary>
sealed class WallClock(TimeProvider clock, TimeSpan now)
{
    TimeSpan _now = now;
    DateTimeOffset _wall = clock.GetUtcNow();

    /// <summary>By how much since the last look; positive: forward.</summary>
    public TimeSpan Stepped(TimeSpan now)
    {
        var wall = clock.GetUtcNow();
        var step = wall - _wall - (now - _now);
        (_now, _wall) = (now, wall);
        return step;
    }
}
