using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Health;

/// <summary>A turn of a target's state, or the start of a hold.</summary>
/// <param name="Count">Outcomes in a row that made it turn.</param>
/// <param name="Threshold">So many were needed.</param>
/// <param name="IsHeld">It changed too often and is held down: see <see cref="FlapSpec"/>. From and To may then be the same.</param>
public readonly record struct StateChange(HealthState From, HealthState To, int Count, int Threshold, bool IsHeld);

/// <summary>
/// Rise and fall of one target: outcomes go in, the next value and perhaps a change come out. All times are of the process's own monotonic
/// clock (negative: before it started), so that setting the wall clock moves nothing; <see cref="HealthSnapshot"/> translates.
/// </summary>
/// <param name="Changed">When the state was taken up.</param>
public readonly record struct HealthTracker(HealthState State, TimeSpan Changed)
{
    /// <summary>Outcomes in a row that speak against the state: successes positive, failures negative. 0: settled.</summary>
    public int Count { get; init; }

    /// <summary>Of the last success.</summary>
    public TimeSpan? LastOk { get; init; }

    /// <summary>Of the last outcome from which something was learnt; null: none yet.</summary>
    public TimeSpan? Seen { get; init; }

    /// <summary>It changed too often; until then nothing is counted.</summary>
    public TimeSpan? HeldUntil { get; init; }

    /// <summary>Changes within the time of <see cref="FlapSpec"/>; null where there are none.</summary>
    public ValueList<TimeSpan>? Changes { get; init; }

    /// <summary>Whatever the last probe said, also that it could not be made.</summary>
    public ProbeOutcome? Last { get; init; }

    /// <summary>The last failure, kept while successes are counted: why the server is down.</summary>
    public (ProbeReason Reason, string? Detail)? Failure { get; init; }

    /// <summary>Neither counting nor without any knowledge.</summary>
    public bool IsSettled => State != HealthState.Unknown && Count == 0;

    /// <summary>Before the first probe of a target of which nothing is known that can be believed.</summary>
    public static HealthTracker Start(CheckSpec check, TimeSpan now) => new(
        check.Start switch
        {
            StartState.Up => HealthState.Up,
            StartState.Down => HealthState.Down,
            _ => HealthState.Unknown,
        },
        now);

    public bool IsHeld(TimeSpan now) => HeldUntil > now;

    public (HealthTracker Next, StateChange? Change) Observe(in ProbeOutcome outcome, TimeSpan now, CheckSpec check)
    {
        // The director's own trouble says nothing about the server, not even that the row is broken.
        if (outcome.Verdict == ProbeVerdict.Unmade) return (this with { Last = outcome }, null);

        var isGood = outcome.Verdict == ProbeVerdict.Up;
        var next = isGood
            ? this with { Last = outcome, Seen = now, LastOk = now }
            : this with { Last = outcome, Seen = now, Failure = (outcome.Reason, outcome.Detail) };
        if (IsHeld(now)) return (next with { Count = 0 }, null);

        var (towards, threshold) = isGood ? (HealthState.Up, check.Rise) : (HealthState.Down, check.Fall);
        if (State == towards) return (next with { Count = 0, HeldUntil = null }, null);

        var count = isGood ? Math.Max(Count, 0) + 1 : Math.Max(-Count, 0) + 1;
        if (count < threshold) return (next with { Count = isGood ? count : -count, HeldUntil = null }, null);
        return next.Turn(towards, count, threshold, now, check.Flap);
    }

    (HealthTracker, StateChange?) Turn(HealthState towards, int count, int threshold, TimeSpan now, FlapSpec? flap)
    {
        var turned = this with { State = towards, Changed = now, Count = 0, HeldUntil = null, Changes = null };
        var change = new StateChange(State, towards, count, threshold, IsHeld: false);
        // Getting to know a server is no change of it.
        if (flap is null || State == HealthState.Unknown) return (turned, change);

        var changes = (Changes ?? []).Where(t => now - t < flap.Within).Append(now).ToValueList();
        if (changes.Count < flap.Changes) return (turned with { Changes = changes }, change);
        var held = turned with { State = HealthState.Down, Changed = State == HealthState.Down ? Changed : now, HeldUntil = now + flap.Hold };
        return (held, change with { To = HealthState.Down, IsHeld = true });
    }
}
