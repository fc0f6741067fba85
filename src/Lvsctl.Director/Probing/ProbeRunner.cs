using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing;

/// <summary>Keeps a cluster probed: takes what is due from the schedule, has it asked, and tells the monitor what came of it. One thread pumps it.</summary>
public sealed class ProbeRunner
{
    /// <summary>
    /// Probes that are due within one tick begin together, at its end. At a thousand probes a second most of their cost would otherwise be
    /// waking up for each of them.
    /// </summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    readonly ProbeEngine _engine;
    readonly HealthMonitor _monitor;
    readonly ProbeSchedule _schedule;

    /// <param name="engine">Without targets yet: its numbers become the plan's.</param>
    public ProbeRunner(ProbeEngine engine, HealthMonitor monitor)
    {
        _engine = engine;
        _monitor = monitor;
        foreach (var target in monitor.Plan.Targets) engine.Add(target);
        _schedule = new ProbeSchedule(monitor.Plan, engine.Now, target => monitor.IsCounting(target, engine.Now));
    }

    /// <summary>Probes made.</summary>
    public long Ended { get; private set; }

    /// <summary>Does what there is to do, and waits for more, at most so long.</summary>
    /// <param name="changed">Called for each change of a server's health.</param>
    public void Pump(TimeSpan atMost, Action<HealthChange> changed)
    {
        var now = _engine.Now;
        var ticked = new TimeSpan(now.Ticks / Tick.Ticks * Tick.Ticks);
        while (_schedule.TryTake(ticked, out var target)) _engine.Start(target);
        now = _engine.Now;
        _engine.Pump(_schedule.NextDue is { } due && EndOfTick(due) - now < atMost ? EndOfTick(due) - now : atMost);
        while (_engine.TryTakeEnded(out var ended))
        {
            now = _engine.Now;
            if (_monitor.Observe(ended.Number, ended.Outcome, now) is { } change) changed(change);
            _schedule.Ended(ended.Number, now, _monitor.IsCounting(ended.Number, now));
            Ended++;
        }
    }

    static TimeSpan EndOfTick(TimeSpan time) => new((time.Ticks + Tick.Ticks - 1) / Tick.Ticks * Tick.Ticks);
}
