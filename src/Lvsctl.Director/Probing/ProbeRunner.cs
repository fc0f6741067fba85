using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing;

/// <param name="target">Its index in the plan.</param>
/// <param name="change">What turned by it, if anything did.</param>
public delegate void ProbeSeen(int target, in ProbeOutcome outcome, HealthChange? change);

/// <summary>Keeps a cluster probed: takes what is due from the schedule, has it asked, and tells the monitor what came of it. One thread pumps it.</summary>
public sealed class ProbeRunner
{
    /// <summary>
    /// Probes that are due within one tick begin together, at its end. At a thousand probes a second most of their cost would otherwise be
    /// waking up for each of them.
    /// </summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    static readonly TimeSpan s_memory = TimeSpan.FromSeconds(5);

    readonly ProbeEngine _engine;
    readonly RecentWorst _late = new(s_memory);
    ProbeSchedule _schedule;
    int[] _numbers;                                     // of the engine, by target
    readonly Dictionary<int, int> _targets = [];        // and back

    public ProbeRunner(ProbeEngine engine, HealthMonitor monitor)
    {
        _engine = engine;
        Monitor = monitor;
        _numbers = [.. monitor.Plan.Targets.Select(engine.Add)];
        for (var target = 0; target < _numbers.Length; target++) _targets[_numbers[target]] = target;
        _schedule = new ProbeSchedule(monitor.Plan, engine.Now, target => monitor.IsCounting(target, engine.Now));
    }

    public HealthMonitor Monitor { get; private set; }

    /// <summary>Probes made.</summary>
    public long Ended { get; private set; }

    /// <summary>The worst of the last seconds: how much later than its schedule wanted a probe began, or waits to begin.</summary>
    public TimeSpan Late => _late.At(_engine.Now);

    /// <summary>Does what there is to do, and waits for more, at most so long.</summary>
    public void Pump(TimeSpan atMost, ProbeSeen seen)
    {
        var now = _engine.Now;
        var ticked = new TimeSpan(now.Ticks / Tick.Ticks * Tick.Ticks);
        if (_schedule.NextDue is { } first && now - first > Tick) _late.Add(now - first, now);
        _late.Add(_engine.LongestInLine, now);
        while (_schedule.TryTake(ticked, out var target)) _engine.Start(_numbers[target]);
        now = _engine.Now;
        _engine.Pump(_schedule.NextDue is { } due && EndOfTick(due) - now < atMost ? EndOfTick(due) - now : atMost);
        while (_engine.TryTakeEnded(out var ended))
        {
            now = _engine.Now;
            // A target that a reload took away may have ended in the same breath.
            if (!_targets.TryGetValue(ended.Number, out var target)) continue;
            var change = Monitor.Observe(target, ended.Outcome, now);
            _schedule.Ended(target, now, Monitor.IsCounting(target, now));
            Ended++;
            seen(target, ended.Outcome, change);
        }
    }

    /// <summary>
    /// Goes on with another plan. A target that stays is not disturbed, not even where it is being probed; one whose settings changed is asked
    /// by the new ones at its next turn.
    /// </summary>
    /// <param name="next">Remembers what the old monitor knew.</param>
    /// <returns>How many targets stayed, came and went.</returns>
    public (int Kept, int Added, int Gone) Reload(HealthMonitor next)
    {
        var (old, oldNumbers, oldSchedule, now) = (Monitor.Plan, _numbers, _schedule, _engine.Now);
        _schedule = oldSchedule.Reloaded(next.Plan, now, target => next.IsCounting(target, now));
        _numbers = new int[next.Plan.Targets.Count];
        Array.Fill(_numbers, -1);
        _targets.Clear();
        Monitor = next;
        int kept = 0, gone = 0;
        for (var i = 0; i < oldNumbers.Length; i++)
        {
            var target = next.Plan.IndexOf(old, i);
            if (target >= 0 && next.Plan.Targets[target] == old.Targets[i])
            {
                kept++;
                _numbers[target] = oldNumbers[i];
                continue;
            }
            _engine.Remove(oldNumbers[i]);
            if (target < 0) gone++;
            // Its probe was given up; the schedule waits for its end.
            else if (_schedule.IsUnderWay(target)) _schedule.Ended(target, now, next.IsCounting(target, now));
        }
        for (var target = 0; target < _numbers.Length; target++)
        {
            if (_numbers[target] < 0) _numbers[target] = _engine.Add(next.Plan.Targets[target]);
            _targets[_numbers[target]] = target;
        }
        return (kept, _numbers.Length - kept, gone);
    }

    static TimeSpan EndOfTick(TimeSpan time) => new((time.Ticks + Tick.Ticks - 1) / Tick.Ticks * Tick.Ticks);
}
