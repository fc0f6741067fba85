using System.Collections.Frozen;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Reconcile;

/// <param name="Prune">Entries that are not ours are taken for ours.</param>
/// <param name="DrainTimeout">How long a server that left the manifest may keep its connections; zero cuts them.</param>
public sealed record PlanOptions(bool Prune, TimeSpan DrainTimeout)
{
    public static PlanOptions Default { get; } = new(Prune: false, DrainTimeout: TimeSpan.FromMinutes(15));
}

/// <param name="Force">The gate's reasons are reported and not heeded.</param>
public sealed record ApplyOptions(PlanOptions Plan, SafetyLimits Limits, bool Force);

/// <summary>A plan with what it was made from.</summary>
public sealed record PlannedTable(Plan Plan, DesiredTable Desired, IReadOnlyList<ObservedPool> Observed)
{
    /// <summary>Whom health alone decides about: servers that are out, or without weight, because they are sick, and fallbacks.</summary>
    public IReadOnlySet<(ServiceKey, RealServerKey)> ByHealth { get; init; } = FrozenSet<(ServiceKey, RealServerKey)>.Empty;
}

/// <param name="Refusals">Reasons of the gate; where there are any and no force, nothing was done.</param>
/// <param name="Report">Null when the gate refused.</param>
public sealed record ApplyResult(PlannedTable Planned, IReadOnlyList<Refusal> Refusals, ApplyReport? Report)
{
    /// <summary>Both as one: all that was to be done and was done, and what is left after the later one.</summary>
    public ApplyResult Then(ApplyResult next) => next.Report is null
        ? this with { Refusals = next.Refusals }
        : next with
        {
            Planned = next.Planned with { Plan = next.Planned.Plan with { Steps = [.. Planned.Plan.Steps, .. next.Planned.Plan.Steps] } },
            Report = new ApplyReport([.. Report!.Done, .. next.Report.Done], [.. Report.Failed, .. next.Report.Failed]) { NotTried = [.. Report.NotTried, .. next.Report.NotTried] },
        };

    /// <summary>The same wish tried once more: what failed at first and was done at last is done.</summary>
    internal ApplyResult Again(ApplyResult next) => next.Report is null
        ? next with { Report = Report }
        : next with
        {
            Planned = next.Planned with { Plan = next.Planned.Plan with { Steps = Planned.Plan.Steps } },
            Report = next.Report with { Done = [.. Report!.Done, .. next.Report.Done] },
        };
}

/// <summary>Lays what is known of the servers' health over a table that has the operators' intents in it already.</summary>
public delegate DesiredTable HealthOverlay(DesiredTable wanted, IReadOnlyList<ObservedPool> observed);

/// <summary>Brings the kernel's table to what the manifest, the operators and the servers' health want, one pass at a time.</summary>
/// <param name="health">Null: every server is taken for well.</param>
public sealed class Reconciler(IpvsClient client, StateStore store, TimeProvider clock, HealthOverlay? health = null)
{
    // The world may move between reading and writing; twice in a row is bad luck, more is somebody working against us.
    const int Attempts = 3;

    (DesiredTable Table, Ownership Named)? _named;

    /// <summary>What an apply would do now. Changes nothing, not even on disk.</summary>
    public PlannedTable Plan(DesiredTable manifest, PlanOptions options) => Plan(manifest, options, store.Read());

    /// <summary>One pass over everything. The caller holds the store's lock.</summary>
    /// <param name="prepare">Called with the plan once the gate has let it through, before the kernel's table is touched; again where it takes another pass.</param>
    /// <param name="recent">
    /// The table of a moment ago: where what is wanted is about a few services, just these are read again, since of ten thousand servers the
    /// whole takes its time. Null: the whole is read.
    /// </param>
    public ApplyResult Apply(DesiredTable manifest, ApplyOptions options, CancellationToken cancellation, Action<PlannedTable>? prepare = null, IReadOnlyList<ObservedPool>? recent = null) =>
        Apply(manifest, options, state => state, concerns: null, prepare, cancellation, recent);

    /// <summary>
    /// Replaces the operators' intents and carries out what that means for the servers they are about, leaving whatever else is pending
    /// alone. Where the gate refuses, the old intents stay. The caller holds the store's lock.
    /// </summary>
    public ApplyResult Apply(DesiredTable manifest, ApplyOptions options, IReadOnlyList<Intent> intents, Func<PlanStep, bool> concerns, CancellationToken cancellation, Action<PlannedTable>? prepare = null, IReadOnlyList<ObservedPool>? recent = null) =>
        Apply(manifest, options, state => state with { Intents = intents }, concerns, prepare, cancellation, recent);

    /// <summary>
    /// Removes those of the servers that have drained, or whose time is up, and the services that they leave empty. Nothing else: since the
    /// apply that began it, others may have applied another manifest, and servers that it took back are not waited for any more. Null when
    /// none is left to wait for. The caller holds the store's lock.
    /// </summary>
    public ApplyResult? Finish(DesiredTable manifest, ApplyOptions options, IReadOnlyList<DrainingServer> draining, CancellationToken cancellation)
    {
        var leaving = store.Read().Leaving;
        var awaited = draining.Select(d => (d.Service, d.Server)).Where(leaving.ContainsKey).ToHashSet();
        if (awaited.Count == 0) return null;
        var services = awaited.Select(a => a.Service).ToHashSet();
        var result = Apply(manifest, options with { Plan = options.Plan with { Prune = false } }, state => state,
            step => step.Action == PlanAction.Remove && (step.ServerKey is { } server ? awaited.Contains((step.ServiceKey, server)) : services.Contains(step.ServiceKey)),
            prepare: null, cancellation);
        var left = result.Planned.Plan.Draining.Where(d => awaited.Contains((d.Service, d.Server)));
        return result with { Planned = result.Planned with { Plan = result.Planned.Plan with { Draining = [.. left] } } };
    }

    ApplyResult Apply(DesiredTable manifest, ApplyOptions options, Func<DirectorState, DirectorState> wish, Func<PlanStep, bool>? concerns, Action<PlannedTable>? prepare, CancellationToken cancellation, IReadOnlyList<ObservedPool>? recent = null)
    {
        var result = ApplyUntilSettled(manifest, options, wish, concerns, prepare, cancellation, recent);
        // A server without connections is drained too, lest one comes in the moment before it goes; but nobody has to come back for it.
        if (HasQuiescedIdle(result))
        {
            var since = client.Reread(result.Planned.Observed, result.Report!.Done.Select(s => s.ServiceKey).ToHashSet());
            result = result.Then(ApplyUntilSettled(manifest, options, wish, concerns, prepare, cancellation, since));
        }
        // A part is to be reported, nothing at all is not.
        if (result.Report is { Done.Count: 0, Failed.Count: 0, NotTried.Count: > 0 }) throw new OperationCanceledException(cancellation);
        return result;
    }

    ApplyResult ApplyUntilSettled(DesiredTable manifest, ApplyOptions options, Func<DirectorState, DirectorState> wish, Func<PlanStep, bool>? concerns, Action<PlannedTable>? prepare, CancellationToken cancellation, IReadOnlyList<ObservedPool>? recent = null)
    {
        var result = ApplyOnce(manifest, options, wish, concerns, prepare, cancellation, recent);
        for (var attempt = 1; attempt < Attempts && MustRetry(result); attempt++) result = result.Again(ApplyOnce(manifest, options, wish, concerns, prepare, cancellation));
        return result;
    }

    // A verb about one server adds no service; where there is none yet, the server comes with it in the first apply.
    static List<PlanStep> WithService(List<PlanStep> steps, IReadOnlyList<ObservedPool> observed)
    {
        if (!steps.Exists(s => s is { Action: PlanAction.Add, ServerKey: not null })) return steps;
        var services = observed.Select(p => p.Service.Service.Key).Concat(steps.Where(s => s.ServerKey is null).Select(s => s.ServiceKey)).ToHashSet();
        return [.. steps.Where(s => services.Contains(s.ServiceKey))];
    }

    static bool MustRetry(ApplyResult result) => result.Report is { NotTried.Count: 0 } report && report.Failed.Any(f => f.Error is { } e && WorldMoved(e));

    static bool HasQuiescedIdle(ApplyResult result)
    {
        if (result.Report is not { Failed.Count: 0, NotTried.Count: 0 } report) return false;
        var quiesced = report.Done.Where(s => s.TakesOutOfService && s.Action != PlanAction.Remove).Select(s => (s.ServiceKey, s.ServerKey!.Value)).ToHashSet();
        return quiesced.Count > 0 && result.Planned.Observed.Any(p => p.Servers.Any(s =>
            (s.ActiveConnections, s.InactiveConnections) == (0, 0) && quiesced.Contains((p.Service.Service.Key, s.Server.Key))));
    }

    ApplyResult ApplyOnce(DesiredTable manifest, ApplyOptions options, Func<DirectorState, DirectorState> wish, Func<PlanStep, bool>? concerns, Action<PlannedTable>? prepare, CancellationToken cancellation, IReadOnlyList<ObservedPool>? recent = null)
    {
        var found = store.Read();
        var state = wish(found);
        var planned = (recent is null ? null : PlanByPart(manifest, options.Plan, state, recent, Plan(manifest, options.Plan, state, recent))) ?? Plan(manifest, options.Plan, state);
        if (concerns is not null) planned = planned with { Plan = planned.Plan with { Steps = WithService([.. planned.Plan.Steps.Where(concerns)], planned.Observed) } };
        var refusals = SafetyGate.Check(planned.Plan, manifest, planned.Observed, options.Limits, planned.ByHealth);
        if (refusals.Count > 0 && !options.Force) return new ApplyResult(planned, refusals, null);

        // What we are about to make must be known as ours before it is there: if we die in between, the next apply may take it away again.
        var before = state with { Ownership = Owned(state.Ownership, manifest, planned, isWhole: concerns is null, options.Plan.Prune), Leaving = Leaving(state, planned) };
        WriteIfChanged(found, before);
        prepare?.Invoke(planned);
        var report = planned.Plan.IsEmpty ? new ApplyReport([], []) : Applier.Apply(client, planned.Plan, cancellation);

        var gone = report.Done.Where(s => s.Action == PlanAction.Remove).ToList();
        if (gone.Count > 0) WriteIfChanged(before, before with { Ownership = before.Ownership.Without(gone, manifest) });
        return new ApplyResult(planned, refusals, report);
    }

    PlannedTable Plan(DesiredTable manifest, PlanOptions options, DirectorState state)
    {
        var pass = client.ReadTableOnce();
        var planned = Plan(manifest, options, state, pass);
        // What was seen may be changed.
        if (planned.Plan.Steps.All(s => s.Action == PlanAction.Change) && KeepsOwnership(planned, manifest, state)) return planned;
        return PlanByPart(manifest, options, state, pass, planned) ?? Plan(manifest, options, state, client.ReadTable(pass));
    }

    // One look at a table that somebody changes may miss entries. That is nothing to remove by, nor to add by, since what was missed would be
    // refused: the services that this is about are looked at once more, and that is all there is to do where they are few.
    PlannedTable? PlanByPart(DesiredTable manifest, PlanOptions options, DirectorState state, IReadOnlyList<ObservedPool> seen, PlannedTable planned)
    {
        var services = planned.Plan.Steps.Select(s => s.ServiceKey).ToHashSet();
        if (!KeepsOwnership(planned, manifest, state) || client.Reread(seen, services) is not { } observed) return null;
        planned = Plan(manifest, options, state, observed);
        return KeepsOwnership(planned, manifest, state) && planned.Plan.Steps.All(s => services.Contains(s.ServiceKey)) ? planned : null;
    }

    // That an entry is ours is not forgotten by one look.
    bool KeepsOwnership(PlannedTable planned, DesiredTable manifest, DirectorState state) =>
        state.Ownership.IsJust(manifest) || ReferenceEquals(state.Ownership.StillIn(planned.Observed, Named(manifest)), state.Ownership);

    // What went by other hands (ipvsadm -C, a reboot) is not ours any more: whoever makes it again made it. What is taken over and has to
    // drain is ours until it has gone, or the next apply would leave it behind at weight 0. Who sees to a part takes over no more than that.
    Ownership Owned(Ownership owned, DesiredTable manifest, PlannedTable planned, bool isWhole, bool prune)
    {
        if (!owned.IsJust(manifest))
        {
            var named = Named(manifest);
            owned = owned.StillIn(planned.Observed, named);
            if (isWhole) owned = owned.With(named);
        }
        var steps = planned.Plan.Steps;
        if (!isWhole)
            owned = owned.With(new Ownership(steps.Where(s => s.ServerKey is null).Select(s => s.ServiceKey), steps.Where(s => s.ServerKey is not null).Select(s => (s.ServiceKey, s.ServerKey!.Value))));
        // What health adds is a fallback, and has to go again.
        else if (!ReferenceEquals(planned.Desired, manifest)) owned = owned.With(Ownership.Of(planned.Desired));
        return prune ? owned.With(new Ownership(planned.Plan.Draining.Select(d => d.Service), planned.Plan.Draining.Select(d => (d.Service, d.Server)))) : owned;
    }

    // Of a hundred thousand servers it takes megabytes.
    Ownership Named(DesiredTable manifest)
    {
        if (!ReferenceEquals(_named?.Table, manifest)) _named = (manifest, Ownership.Of(manifest));
        return _named!.Value.Named;
    }

    PlannedTable Plan(DesiredTable manifest, PlanOptions options, DirectorState state, IReadOnlyList<ObservedPool> observed)
    {
        var now = clock.GetUtcNow();
        var wished = Overlay.Lay(state.Intents, manifest, observed, now);
        var desired = health?.Invoke(wished, observed) ?? wished;
        var ownership = options.Prune ? Ownership.Everything(observed) : state.Ownership;
        var forcedOut = state.Leaving.Where(l => now - l.Value >= options.DrainTimeout).Select(l => l.Key).ToHashSet();
        var plan = Planner.Plan(desired, observed, ownership, new DrainPolicy(options.DrainTimeout > TimeSpan.Zero, forcedOut) { Begun = state.Leaving.Keys.ToHashSet() });
        return new PlannedTable(plan, desired, observed) { ByHealth = ByHealth(wished, desired) };
    }

    internal static HashSet<(ServiceKey, RealServerKey)> ByHealth(DesiredTable wished, DesiredTable healthy)
    {
        var found = new HashSet<(ServiceKey, RealServerKey)>();
        for (var i = 0; i < wished.Services.Count; i++)
        {
            var (before, after) = (wished.Services[i], healthy.Services[i]);
            if (ReferenceEquals(before, after)) continue;
            for (var s = 0; s < before.Servers.Count; s++)
            {
                if (Serves(before.Servers[s]) && !Serves(after.Servers[s])) found.Add((before.Service.Key, before.Servers[s].Server.Key));
            }
            // What is more than was wished for is a fallback, whether it comes or goes.
            for (var s = before.Servers.Count; s < after.Servers.Count; s++) found.Add((after.Service.Key, after.Servers[s].Server.Key));
        }
        return found;

        static bool Serves(DesiredServer server) => server is { IsOut: false, Server.Weight: > 0 };
    }

    static bool WorldMoved(IpvsException error) =>
        error.Reason is IpvsErrorReason.Exists or IpvsErrorReason.ServiceMissing or IpvsErrorReason.ServerMissing or IpvsErrorReason.AnswerLost;

    // The clock of a server that leaves runs from when it gets no more connections: it is at weight 0, or this plan takes it there. One whose
    // turn has not come (an operator's verb carries out only what concerns its own server) has all its time before it.
    Dictionary<(ServiceKey Service, RealServerKey Server), DateTimeOffset> Leaving(DirectorState state, PlannedTable planned)
    {
        var quiesced = planned.Observed
            .SelectMany(p => p.Servers.Where(s => s.Server.Weight == 0).Select(s => (p.Service.Service.Key, s.Server.Key)))
            .Concat(planned.Plan.Steps.Where(s => s.Action == PlanAction.Drain).Select(s => (s.ServiceKey, s.ServerKey!.Value)))
            .ToHashSet();
        return planned.Plan.Draining.Select(d => (d.Service, d.Server)).Where(quiesced.Contains)
            .ToDictionary(key => key, key => state.Leaving.GetValueOrDefault(key, clock.GetUtcNow()));
    }

    void WriteIfChanged(DirectorState before, DirectorState after)
    {
        var same = before.Intents.SequenceEqual(after.Intents)
            && before.Ownership.SameAs(after.Ownership)
            && before.Leaving.Count == after.Leaving.Count
            && before.Leaving.All(l => after.Leaving.TryGetValue(l.Key, out var since) && since == l.Value);
        if (!same) store.Write(after);
    }
}
