using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Health;

/// <summary>
/// What is kept between processes. Times are of the wall clock, since nothing else means anything to another process; they come back as
/// ages, and an age that is negative or above <see cref="DaemonSpec.StateMaxAge"/> is not believed: the wall clock was set, or the
/// knowledge is old. Not believing leads to <see cref="HealthState.Unknown"/> (or what the check's start says), which empties no table.
/// </summary>
public sealed record HealthSnapshot(DateTimeOffset Taken, IReadOnlyList<TargetMemory> Targets, IReadOnlyList<ServiceMemory> Services)
{
    public static HealthSnapshot Empty { get; } = new(default, [], []);
}

/// <param name="Key"><see cref="ProbePlan.KeyOf"/>.</param>
/// <param name="Seen">When something was last learnt; what decides whether the rest is believed.</param>
/// <param name="Count">As in <see cref="HealthTracker.Count"/>.</param>
public sealed record TargetMemory(string Key, HealthState State, int Count, DateTimeOffset Seen, DateTimeOffset Changed)
{
    public DateTimeOffset? LastOk { get; init; }

    public DateTimeOffset? HeldUntil { get; init; }

    public IReadOnlyList<DateTimeOffset> Changes { get; init; } = [];

    /// <summary>Of the last failure; <see cref="ProbeReason.Ok"/>: there was none.</summary>
    public ProbeReason Failure { get; init; }

    public string? FailureDetail { get; init; }

    /// <summary>No server has been up for longer; a file that says so is broken.</summary>
    static readonly TimeSpan s_longest = TimeSpan.FromDays(3650);

    /// <summary>Null when nothing was learnt yet.</summary>
    internal static TargetMemory? Of(string key, in HealthTracker tracker, Clock clock) => tracker.Seen is not { } seen
        ? null
        : new(key, tracker.State, tracker.Count, clock.ToWall(seen), clock.ToWall(tracker.Changed))
        {
            LastOk = tracker.LastOk is { } ok ? clock.ToWall(ok) : null,
            HeldUntil = tracker.HeldUntil is { } held ? clock.ToWall(held) : null,
            Changes = tracker.Changes is { } changes ? [.. changes.Select(clock.ToWall)] : [],
            Failure = tracker.Failure?.Reason ?? ProbeReason.Ok,
            FailureDetail = tracker.Failure?.Detail,
        };

    /// <summary>Null when it is not to be believed.</summary>
    internal HealthTracker? Restore(CheckSpec check, Clock clock, TimeSpan maxAge)
    {
        // What is asked once an hour is not stale after ten minutes.
        if (clock.Believe(Seen, maxAge > 2 * check.Every ? maxAge : 2 * check.Every) is not { } seen || !Enum.IsDefined(State)) return null;
        var held = HeldUntil - clock.Wall is { } rest && rest > TimeSpan.Zero && rest <= check.Flap?.Hold ? clock.Now + rest : (TimeSpan?)null;
        var changes = check.Flap is null ? [] : Changes.Select(c => clock.Believe(c, check.Flap.Within)).OfType<TimeSpan>().Order().ToValueList();
        return new(State, clock.Believe(Changed, s_longest) ?? seen)
        {
            Count = State switch
            {
                HealthState.Up => Math.Clamp(Count, -check.Fall, 0),
                HealthState.Down => Math.Clamp(Count, 0, check.Rise),
                _ => Math.Clamp(Count, -check.Fall, check.Rise),
            },
            Seen = seen,
            LastOk = clock.Believe(LastOk, s_longest),
            HeldUntil = held,
            Changes = changes.Count == 0 ? null : changes,
            Failure = Failure == ProbeReason.Ok ? null : (Failure, FailureDetail),
        };
    }
}

/// <param name="Key">The service's identity, as <see cref="Model.ServiceKey.ToString"/> writes it.</param>
/// <param name="KeptIn">As in <see cref="ServiceStatus.KeptIn"/>.</param>
/// <param name="Servers">Those of which there is something to tell.</param>
public sealed record ServiceMemory(string Key, bool HasQuorum, int KeptIn, IReadOnlyList<ServerMemory> Servers);

/// <param name="Name">The manifest's.</param>
public sealed record ServerMemory(string Name)
{
    /// <summary>Its slow start began.</summary>
    public DateTimeOffset? CameIn { get; init; }

    /// <summary>The weight that the server said itself, as far as its steps have taken it.</summary>
    public int? AgentWeight { get; init; }
}
