namespace Lvsctl.Core.Health;

/// <summary>The largest of what was measured lately: within the last one to two spans, as the present and the one before are kept.</summary>
public sealed class RecentWorst(TimeSpan span)
{
    TimeSpan _began = TimeSpan.MinValue;
    TimeSpan _worst;
    TimeSpan _before;

    public void Add(TimeSpan value, TimeSpan now)
    {
        Turn(now);
        if (value > _worst) _worst = value;
    }

    public TimeSpan At(TimeSpan now)
    {
        Turn(now);
        return _worst > _before ? _worst : _before;
    }

    void Turn(TimeSpan now)
    {
        if (_began != TimeSpan.MinValue && now - _began < span) return;
        _before = _began != TimeSpan.MinValue && now - _began < 2 * span ? _worst : TimeSpan.Zero;
        (_began, _worst) = (now, TimeSpan.Zero);
    }
}
