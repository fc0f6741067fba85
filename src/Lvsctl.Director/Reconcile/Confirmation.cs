using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Director.Reconcile;

/// <param name="Failed">Steps, and</param>
/// <param name="Settings">settings that could not be put back, and why.</param>
public sealed record RollbackReport(IReadOnlyList<PlanStep> Done, IReadOnlyList<FailedStep> Failed, IReadOnlyList<string> Settings)
{
    public bool IsComplete => Failed.Count == 0 && Settings.Count == 0;
}

/// <summary>An apply that waits to be confirmed, or was rolled back: until people have spoken, nothing but the servers' health changes the table.</summary>
/// <param name="IsUndone">It was rolled back, or should be by now.</param>
public sealed record Hold(PendingConfirmation Change, bool IsUndone)
{
    /// <summary>What health goes by meanwhile: a server that comes back comes as it was.</summary>
    public DesiredTable Over(DesiredTable manifest) => IsUndone ? Change.Snapshot.Over(manifest) : manifest;
}

/// <summary>
/// An apply that is undone unless somebody confirms it: who was locked out by a change need not come back to take it away. What it takes
/// to undo it is on the disk before anything is changed, so that another run can do it if the one that waits has died.
/// </summary>
public sealed class Confirmation(IpvsClient client, KernelSettings kernel, StateStore store, TimeProvider clock)
{
    // What moves meanwhile, and servers that lose their weight before they go, take another pass.
    const int Passes = 3;

    PendingConfirmation? _mine;

    /// <summary>The one that nobody has confirmed or rolled back yet; its time may be over.</summary>
    public PendingConfirmation? Pending => PendingIn(store, kernel);

    public static PendingConfirmation? PendingIn(StateStore store, KernelSettings kernel) =>
        store.ReadConfirmation() is { Outcome: ConfirmationOutcome.Pending } found && found.Boot == Boot(kernel) ? found : null;

    /// <summary>Why the manifest waits for people, and only health changes the table; null where nothing stands against it.</summary>
    public Hold? Hold => store.ReadConfirmation() is { Outcome: ConfirmationOutcome.Pending or ConfirmationOutcome.RolledBack } found && found.Boot == Boot(kernel)
        ? new Hold(found, IsUndone: found.Outcome == ConfirmationOutcome.RolledBack)
        : null;

    /// <summary>True once this run has something that waits to be confirmed.</summary>
    public bool HasBegun => _mine is not null;

    /// <summary>What became of this run's own; null when it is not to be found.</summary>
    public ConfirmationOutcome? Outcome => store.ReadConfirmation() is { } found && found.Id == _mine?.Id ? found.Outcome : null;

    /// <summary>Keeps what a plan is about to change. Before the first change, and again before each that comes to it; the caller holds the lock.</summary>
    /// <param name="before">The state before the first of them.</param>
    public void Keep(PlannedTable planned, IReadOnlyList<SettingChange> settings, DirectorState before, TimeSpan within)
    {
        settings = [.. settings.Where(s => s.Before is not null)];
        if (_mine is null && planned.Plan.IsEmpty && settings.Count == 0) return;
        _mine ??= new(Guid.NewGuid(), default, Boot(kernel), ConfirmationOutcome.Pending, Snapshot.Empty, settings, before, Ownership.None);
        _mine = _mine with
        {
            Snapshot = _mine.Snapshot.With(planned.Plan, planned.Observed),
            Gained = _mine.Gained.With(store.Read().Ownership.Except(before.Ownership)),
        };
        Arm(within);
    }

    /// <summary>The time to confirm runs from now. The caller holds the lock.</summary>
    public void Arm(TimeSpan within) => store.WriteConfirmation(_mine = _mine! with { Deadline = clock.GetUtcNow() + within });

    /// <summary>What was applied stays. The caller holds the lock.</summary>
    public static void Confirm(StateStore store, PendingConfirmation pending) => store.WriteConfirmation(pending with { Outcome = ConfirmationOutcome.Confirmed });

    /// <summary>What was rolled back is settled: somebody applies what he wants now. The caller holds the lock.</summary>
    public void Supersede()
    {
        if (store.ReadConfirmation() is { Outcome: ConfirmationOutcome.RolledBack } last) store.WriteConfirmation(last with { Outcome = ConfirmationOutcome.Superseded });
    }

    /// <summary>
    /// Puts back what was changed, the table before the settings. Servers that came with the apply drain. What fails is tried again by the
    /// next that finds it. The caller holds the lock.
    /// </summary>
    public RollbackReport RollBack(PendingConfirmation pending)
    {
        List<PlanStep> done = [];
        IReadOnlyList<FailedStep> failed = [];
        var plan = Plan(pending);
        for (var pass = 0; pass < Passes && !plan.IsEmpty; pass++)
        {
            var report = Applier.Apply(client, plan, CancellationToken.None);
            done.AddRange(report.Done);
            failed = report.Failed;
            plan = Plan(pending);
        }
        var result = new RollbackReport(done, failed, new DirectorSettings(client, kernel).Restore(pending.Settings));
        if (!result.IsComplete) return result;

        // What was somebody else's is so again, but for what of ours has still to drain. What became ours meanwhile by a check or an
        // operator's verb stays so, unless it went with its service.
        var now = store.Read();
        var draining = plan.Draining.Select(d => (d.Service, d.Server)).ToHashSet();
        store.Write(now with
        {
            Ownership = now.Ownership.Except(pending.Gained).Except(OfNewServices(pending, now))
                .With(pending.Before.Ownership).With(new Ownership(draining.Select(d => d.Service), draining)),
            Leaving = now.Leaving.Where(l => pending.Before.Leaving.ContainsKey(l.Key) || draining.Contains(l.Key)).ToDictionary(),
        });
        store.WriteConfirmation(pending with { Outcome = ConfirmationOutcome.RolledBack });
        return result;
    }

    Plan Plan(PendingConfirmation pending)
    {
        var (state, now) = (store.Read(), clock.GetUtcNow());
        var observed = client.ReadTable();
        // What operators asked for meanwhile still holds.
        var desired = Overlay.Lay(state.Intents, pending.Snapshot.Wanted(observed), observed, now);
        var reach = pending.Snapshot.Touched.With(OfNewServices(pending, state));
        var plan = Planner.Plan(desired, observed, reach, DrainPolicy.UntilEmpty with { Begun = state.Leaving.Keys.ToHashSet() });
        // As in every apply: known as ours before it is made.
        var leaving = new Dictionary<(ServiceKey, RealServerKey), DateTimeOffset>(state.Leaving);
        foreach (var server in plan.Draining) leaving.TryAdd((server.Service, server.Server), now);
        if (!plan.IsEmpty) store.Write(state with { Ownership = state.Ownership.With(pending.Before.Ownership), Leaving = leaving });
        return plan;
    }

    // With a service that goes, all that is ours in it goes: a check may have added its fallback meanwhile.
    static Ownership OfNewServices(PendingConfirmation pending, DirectorState now)
    {
        var services = pending.Snapshot.Services.Where(s => s.Before is null).Select(s => s.Key).ToHashSet();
        return new(services, now.Ownership.Servers.Where(s => services.Contains(s.Service)));
    }

    static string? Boot(KernelSettings kernel) => kernel.Read("kernel.random.boot_id");
}
