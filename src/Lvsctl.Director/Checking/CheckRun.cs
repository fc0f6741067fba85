using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Probing;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Checking;

/// <param name="Deadline">For all the probing; what has not answered then is not known. The table is still seen to.</param>
/// <param name="Rounds">Probes of one target at most; more than one only where success or failures are being counted.</param>
/// <param name="DryRun">Probes, and changes nothing: neither the kernel's table nor what is on disk.</param>
public sealed record CheckOptions(ApplyOptions Apply, TimeSpan Deadline, int Rounds, bool DryRun)
{
    /// <summary>Where there is one, only health is seen to.</summary>
    public Hold? Hold { get; init; }
}

/// <summary>What one pass found and did.</summary>
/// <param name="Probed">Probes that were made, with the last outcome of each target, by its index in the plan; null: not probed.</param>
/// <param name="Changes">In the order they happened.</param>
/// <param name="Applied">Without a report where the gate refused or nothing was to be changed by wish.</param>
/// <param name="Meanwhile">What was done for the servers' health although the gate refused the rest; null: it did not refuse.</param>
/// <param name="Warnings">For people, each once.</param>
/// <param name="News">Those of them that were not told within a day.</param>
/// <param name="LastSuccess">When a check last left the table as it should be; this one, if it did.</param>
public sealed record CheckResult(
    HealthMonitor Monitor,
    IReadOnlyList<ProbeOutcome?> Probed,
    IReadOnlyList<HealthChange> Changes,
    IReadOnlyList<ServiceChange> ServiceChanges,
    ApplyResult Applied,
    ApplyReport? Meanwhile,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> News,
    DateTimeOffset? LastSuccess)
{
    /// <summary>The manifest wants more than was done, and waits for people.</summary>
    public bool IsHeldBack { get; init; }

    public int Abandoned => Probed.Count(p => p is { Reason: ProbeReason.Abandoned });

    public int Unmade => Probed.Count(p => p is { Verdict: ProbeVerdict.Unmade });
}

/// <summary>
/// One pass of probe, plan, gate and apply: what cron calls. Whatever fails on the way, no server goes that was not found sick as often as
/// its check says. The caller holds the store's lock.
/// </summary>
public sealed class CheckRun(ClusterSpec cluster, IpvsClient client, StateStore store, HealthStore healthStore, ProbeSettings settings, TimeProvider clock)
{
    // Between the beginnings of two rounds, where the check itself does not say how fast it counts.
    static readonly TimeSpan s_roundPause = TimeSpan.FromSeconds(1);

    // Once a minute would be a nuisance, and once for ever easily overlooked.
    static readonly TimeSpan s_tellAgain = TimeSpan.FromDays(1);

    readonly ProbePlan _plan = ProbePlan.Of(cluster);
    readonly DesiredTable _manifest = DesiredTableBuilder.Build(cluster);

    /// <param name="prepare">Called once the gate has let the plan through, before the kernel's table is touched.</param>
    public CheckResult Run(CheckOptions options, CancellationToken cancellation, Action<PlannedTable>? prepare = null)
    {
        var warnings = new List<string>();
        var memory = healthStore.Read(out var trouble) ?? HealthDocument.Empty;
        if (trouble is not null) warnings.Add(trouble);
        if (!options.DryRun) PreparePaths(options, cancellation);

        var observed = client.ReadTable();
        using var engine = new ProbeEngine(settings with { Marks = ProbePaths.Marks(_plan, observed) }, clock);
        var monitor = new HealthMonitor(_plan, memory.Health, observed, engine.Now, clock.GetUtcNow());
        var changes = new List<HealthChange>();
        var probed = Probe(engine, monitor, options, changes, cancellation);
        warnings.AddRange(probed.Select(p => p?.Warning).OfType<string>().Distinct());

        var serviceChanges = new List<ServiceChange>();
        var reconciler = new Reconciler(client, store, clock, (wanted, _) => monitor.Lay(wanted, engine.Now, clock.GetUtcNow(), serviceChanges));
        var manifest = options.Hold?.Over(_manifest) ?? _manifest;
        var isHeldBack = false;
        ApplyResult applied;
        if (options.DryRun) applied = new ApplyResult(reconciler.Plan(manifest, options.Apply.Plan), [], null);
        else if (options.Hold is null) applied = reconciler.Apply(manifest, options.Apply, cancellation, prepare);
        else applied = HealthOnly.Apply(reconciler, store, manifest, reconciler.Plan(manifest, options.Apply.Plan), options.Apply, cancellation, out isHeldBack);
        isHeldBack |= !ReferenceEquals(manifest, _manifest);
        var meanwhile = !options.DryRun && options.Hold is null && applied.Report is null ? HealthOnly.Apply(reconciler, store, manifest, applied.Planned, options.Apply, cancellation, out _).Report : null;

        var now = clock.GetUtcNow();
        var told = memory.Told.Where(t => now - t.Value is { } age && age >= TimeSpan.Zero && age < s_tellAgain).ToDictionary();
        var news = warnings.Where(w => !told.ContainsKey(w)).ToList();
        var lastSuccess = applied.Report is { Failed.Count: 0, NotTried.Count: 0 } ? now : memory.LastSuccess;
        if (!options.DryRun)
        {
            foreach (var warning in news) told[warning] = now;
            healthStore.Write(new HealthDocument(monitor.Remember(engine.Now, now), told) { LastSuccess = lastSuccess });
        }
        return new CheckResult(monitor, probed, changes, serviceChanges, applied, meanwhile, warnings, news, lastSuccess) { IsHeldBack = isHeldBack };
    }

    // Before the probes that need them.
    void PreparePaths(CheckOptions options, CancellationToken cancellation)
    {
        if (!ProbePaths.Any(cluster)) return;
        new Reconciler(client, store, clock).Apply(_manifest, options.Apply, store.Read().Intents, static step => ProbePaths.IsPath(step.ServiceKey), cancellation);
    }

    ProbeOutcome?[] Probe(ProbeEngine engine, HealthMonitor monitor, CheckOptions options, List<HealthChange> changes, CancellationToken cancellation)
    {
        var count = _plan.Targets.Count;
        var last = new ProbeOutcome?[count];
        var rounds = new int[count];
        var again = new PriorityQueue<int, TimeSpan>();
        // Spread as in the daemon: neighbours in the manifest are neighbours in a rack.
        foreach (var target in Enumerable.Range(0, count).OrderBy(_plan.HashOf)) again.Enqueue(target, TimeSpan.Zero);
        // The engine's numbers are the plan's.
        foreach (var target in _plan.Targets) engine.Add(target);

        while (again.Count > 0 || engine.Pending > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (engine.Now >= options.Deadline) break;
            while (again.TryPeek(out var target, out var due) && due <= engine.Now)
            {
                again.Dequeue();
                rounds[target]++;
                engine.Start(target);
            }
            var wait = options.Deadline - engine.Now;
            if (again.TryPeek(out _, out var next) && next - engine.Now < wait) wait = next - engine.Now;
            engine.Pump(wait < s_roundPause ? wait : s_roundPause);
            Take();
        }
        engine.Abandon();
        Take();
        // Those whose turn never came.
        while (again.TryDequeue(out var target, out _)) last[target] ??= new(ProbeReason.Abandoned, TimeSpan.Zero);
        return last;

        void Take()
        {
            while (engine.TryTakeEnded(out var ended))
            {
                var (target, outcome) = ended;
                last[target] = outcome;
                if (outcome.Reason == ProbeReason.Abandoned) continue;
                var now = engine.Now;
                if (monitor.Observe(target, outcome, now) is { } change) changes.Add(change);
                if (rounds[target] < options.Rounds && monitor.IsCounting(target, now)) again.Enqueue(target, now + Pause(_plan.Targets[target].Check));
            }
        }
    }

    static TimeSpan Pause(CheckSpec check)
    {
        var pace = check.FastEvery ?? check.Every;
        return pace < s_roundPause ? pace : s_roundPause;
    }
}
