using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Health;

/// <summary>
/// When each target is probed next. Every target has its own place in its interval, given by its hash: probes are spread from the first
/// one on, keep their places over a reload, and a probe that took too long misses its turns instead of catching up with them. A target is
/// either waiting or under way, so that it is never probed twice at once. Times are monotonic; the caller probes whatever
/// <see cref="TryTake"/> gives and says when it <see cref="Ended"/>, however it ended.
/// </summary>
public sealed class ProbeSchedule
{
    /// <summary>The first probes are over this long after the start, however long the interval is.</summary>
    public static readonly TimeSpan Opening = TimeSpan.FromSeconds(5);

    const long UnderWay = long.MaxValue;

    readonly ProbePlan _plan;
    readonly long[] _due;           // by target; UnderWay while it is not in the heap
    readonly int[] _heap;           // targets, the earliest first
    int _waiting;

    /// <param name="counting">Targets that begin at their fast pace; null: none.</param>
    public ProbeSchedule(ProbePlan plan, TimeSpan now, Func<int, bool>? counting = null) : this(plan)
    {
        for (var target = 0; target < _due.Length; target++) Wait(target, First(target, now.Ticks, counting?.Invoke(target) ?? false));
    }

    ProbeSchedule(ProbePlan plan)
    {
        _plan = plan;
        _due = new long[plan.Targets.Count];
        _heap = new int[plan.Targets.Count];
        Array.Fill(_due, UnderWay);
    }

    /// <summary>When there is something to take; null while everything is under way.</summary>
    public TimeSpan? NextDue => _waiting == 0 ? null : new TimeSpan(_due[_heap[0]]);

    public int CountUnderWay => _due.Length - _waiting;

    public bool IsUnderWay(int target) => _due[target] == UnderWay;

    /// <summary>Takes the target that has waited longest, if its time has come; it is under way from now on.</summary>
    public bool TryTake(TimeSpan now, out int target)
    {
        target = -1;
        if (_waiting == 0 || _due[_heap[0]] > now.Ticks) return false;
        target = _heap[0];
        _due[target] = UnderWay;
        var last = _heap[--_waiting];
        if (_waiting > 0) SiftDown(0, last);
        return true;
    }

    /// <param name="counting">Successes or failures are being counted: the next turn is one of the fast pace.</param>
    /// <exception cref="InvalidOperationException">The target is not under way.</exception>
    public void Ended(int target, TimeSpan now, bool counting)
    {
        if (!IsUnderWay(target)) throw new InvalidOperationException($"{_plan.Targets[target]} has ended without having been taken");
        Wait(target, TurnAfter(target, now.Ticks, counting));
    }

    /// <summary>
    /// The schedule after a reload. Targets that stay keep their turns; one that is under way is so in the new schedule too, and ends there
    /// under its new index (<see cref="ProbePlan.IndexOf(ProbePlan, int)"/>). The old schedule is of no use any more.
    /// </summary>
    public ProbeSchedule Reloaded(ProbePlan plan, TimeSpan now, Func<int, bool>? counting = null)
    {
        var next = new ProbeSchedule(plan);
        var old = new int[plan.Targets.Count];
        Array.Fill(old, -1);
        for (var target = 0; target < _due.Length; target++)
        {
            if (plan.IndexOf(_plan, target) is >= 0 and var index) old[index] = target;
        }
        for (var target = 0; target < old.Length; target++)
        {
            if (old[target] < 0)
            {
                next.Wait(target, next.First(target, now.Ticks, counting?.Invoke(target) ?? false));
            }
            else if (!IsUnderWay(old[target]))
            {
                // A shorter interval takes effect now, not after the long one.
                next.Wait(target, Math.Min(_due[old[target]], next.TurnAfter(target, now.Ticks, counting?.Invoke(target) ?? false)));
            }
        }
        return next;
    }

    long First(int target, long now, bool counting)
    {
        var period = Period(target, counting);
        return period <= Opening.Ticks ? TurnAfter(target, now - 1, counting) : now + (long)(_plan.HashOf(target) % (ulong)Opening.Ticks);
    }

    /// <summary>The first moment after now that is the target's place in one of its intervals.</summary>
    long TurnAfter(int target, long now, bool counting)
    {
        var period = Period(target, counting);
        var place = (long)(_plan.HashOf(target) % (ulong)period);
        var since = (now - place) % period;
        if (since < 0) since += period;
        return now - since + period;
    }

    long Period(int target, bool counting)
    {
        var check = _plan.Targets[target].Check;
        return Math.Max(1, (counting ? check.FastEvery ?? check.Every : check.Every).Ticks);
    }

    void Wait(int target, long due)
    {
        _due[target] = due;
        var at = _waiting++;
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (_due[_heap[parent]] <= due) break;
            _heap[at] = _heap[parent];
            at = parent;
        }
        _heap[at] = target;
    }

    void SiftDown(int at, int target)
    {
        var due = _due[target];
        while (2 * at + 1 is var child && child < _waiting)
        {
            if (child + 1 < _waiting && _due[_heap[child + 1]] < _due[_heap[child]]) child++;
            if (_due[_heap[child]] >= due) break;
            _heap[at] = _heap[child];
            at = child;
        }
        _heap[at] = target;
    }
}
