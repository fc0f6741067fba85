using System.Diagnostics.CodeAnalysis;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Events;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Director.Running;

/// <summary>Keeps the kernel's table as the manifest, the operators and the servers' health want it; loses the kernel and finds it again.</summary>
sealed class TableKeeper(DirectorHost host, StateStore store, Announcer announcer, DirectorCounters counters) : IDisposable
{
    /// <summary>The one that waits rolls back itself; somebody has to if it has died.</summary>
    static readonly TimeSpan s_rollbackGrace = TimeSpan.FromSeconds(5);
    static readonly TimeSpan s_lockPatience = TimeSpan.FromSeconds(5);
    static readonly TimeSpan s_drainNews = TimeSpan.FromSeconds(30);

    readonly HashSet<string> _refused = [];
    readonly Dictionary<(string Service, string Server), (DrainProgress Progress, long Told)> _draining = [];
    IpvsClient? _kernel;
    long? _lockedSince;
    bool _isLockTold;
    long _lostSince;

    /// <summary>The last pass; null before the first, and while the kernel cannot be talked to.</summary>
    public PassView? Last { get; private set; }

    /// <summary>Why the kernel's table cannot be seen to; null: it can.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What waits for people; null: nothing.</summary>
    public string? Waits { get; private set; }

    public DateTimeOffset? LastSuccess { get; set; }

    /// <summary>Drains are under way: somebody has to look how far they are.</summary>
    public bool HasDrains { get; private set; }

    /// <summary>The kernel refused something that is wanted still.</summary>
    public bool HasFailures => Last?.Report?.Failed.Count > 0;

    /// <exception cref="IpvsException">The kernel cannot be talked to.</exception>
    public IReadOnlyList<ObservedPool> Read() => (_kernel ??= host.OpenKernel()).ReadTable();

    /// <summary>The table as of a moment ago: the last pass read it before its own steps, so what they were about is read again.</summary>
    /// <exception cref="IpvsException">The kernel cannot be talked to.</exception>
    public IReadOnlyList<ObservedPool> ReadRecent() =>
        Last is { } last && _kernel?.Reread(last.Planned.Observed, (last.Report?.Done ?? []).Select(s => s.ServiceKey).ToHashSet()) is { } recent ? recent : Read();

    /// <summary>Does something with the kernel and the state, which nobody else changes meanwhile.</summary>
    /// <returns>False where another lvsctl is at work.</returns>
    /// <exception cref="Exception">One of <see cref="IsTrouble"/>: the kernel, or the state's disk.</exception>
    /// <param name="isHealth">It writes no state, and says nothing of whether one could.</param>
    public bool TryWith<T>(Func<IpvsClient, T> work, [MaybeNullWhen(false)] out T result, bool isHealth = false)
    {
        try
        {
            _kernel ??= host.OpenKernel();
            using var held = store.TryLock();
            if (held is null)
            {
                TellLocked();
                result = default;
                return false;
            }
            (_lockedSince, _isLockTold) = (null, false);
            result = work(_kernel);
            if (isHealth && Last is not null) return true;
            if (Trouble is not null) announcer.Tell(DirectorEvents.Recovered(host.Clock.GetElapsedTime(_lostSince)));
            Trouble = null;
            return true;
        }
        catch (Exception e) when (IsTrouble(e))
        {
            Lose(e);
            throw;
        }
    }

    public static bool IsTrouble(Exception e) => e is IpvsException or NetlinkException or StateException or SysctlException;

    // A turn is short; somebody who was stopped, or whose output nobody reads, may hold the lock for ever.
    void TellLocked()
    {
        _lockedSince ??= host.Clock.GetTimestamp();
        if (_isLockTold || host.Clock.GetElapsedTime(_lockedSince.Value) < s_lockPatience) return;
        _isLockTold = true;
        announcer.Tell(DirectorEvents.Warning($"another lvsctl has held the lock in {store.Directory} for {s_lockPatience.TotalSeconds:0} s, and until it ends the director changes nothing, not even for a server that dies: look for it ('fuser {store.Directory}/lock')"));
    }

    void Lose(Exception e)
    {
        counters.KernelErrors++;
        if (Trouble is null)
        {
            _lostSince = host.Clock.GetTimestamp();
            announcer.Tell(DirectorEvents.Degraded(e.Message));
        }
        Trouble = e.Message;
        // The disk's trouble is none of the table's.
        if (e is StateException) return;
        Last = null;
        // The connection itself may be what is broken.
        _kernel?.Dispose();
        _kernel = null;
    }

    /// <summary>One pass over everything.</summary>
    /// <param name="isAwaited">Something is known to have changed, so that steps are no sign of somebody else's hand.</param>
    /// <param name="touched">Services whose health has changed: what is done to them is no sign either.</param>
    /// <param name="recent">The table of a moment ago, where that may do.</param>
    public PassView Pass(IpvsClient kernel, Regime regime, Reconciler reconciler, List<ServiceChange> serviceChanges, bool isAwaited, IReadOnlySet<ServiceKey> touched, IReadOnlyList<ObservedPool>? recent)
    {
        try
        {
            return Pass(kernel, regime, reconciler, isAwaited, touched, recent);
        }
        finally
        {
            // Whatever became of the pass: the monitor has taken them up.
            Tell(serviceChanges);
        }
    }

    PassView Pass(IpvsClient kernel, Regime regime, Reconciler reconciler, bool isAwaited, IReadOnlySet<ServiceKey> touched, IReadOnlyList<ObservedPool>? recent)
    {
        var began = host.Clock.GetTimestamp();
        var options = Options(regime.Cluster);
        ApplyResult result;
        IReadOnlyList<Refusal> refusals = [];
        Waits = null;
        var confirmation = new Confirmation(kernel, host.Settings, store, host.Clock);
        if (confirmation.Pending is { } pending && host.Clock.GetUtcNow() - pending.Deadline > s_rollbackGrace)
        {
            // Whoever waited for the confirmation has died, or cannot roll back.
            var undone = confirmation.RollBack(pending);
            foreach (var step in undone.Done) counters.Stepped(step);
            announcer.Tell(DirectorEvents.Warning($"an apply was not confirmed by {TimeText.Of(pending.Deadline)} and nobody rolled it back: {undone.Done.Count} changes taken back{(undone.IsComplete ? "" : $", {undone.Failed.Count + undone.Settings.Count} could not be")}; the next 'lvsctl apply' goes on"));
        }
        if (confirmation.Hold is { } hold)
        {
            // What people have not confirmed, or took back, waits for people.
            var wanted = hold.Over(regime.Manifest);
            Waits = hold.IsUndone ? "an apply was rolled back; until the next 'lvsctl apply' only health changes the table" : "an apply waits for 'lvsctl confirm'; until then only health changes the table";
            result = HealthOnly.Apply(reconciler, store, wanted, reconciler.Plan(wanted, options.Plan), options, CancellationToken.None, out _);
        }
        else
        {
            var director = new DirectorSettings(kernel, host.Settings);
            var settings = director.Plan(regime.Cluster.Settings);
            result = reconciler.Apply(regime.Manifest, options, CancellationToken.None, _ => director.Apply(settings, regime.Cluster.Settings), recent);
            refusals = result.Report is null ? result.Refusals : [];
            if (result.Report is null) result = HealthOnly.Apply(reconciler, store, regime.Manifest, result.Planned, options, CancellationToken.None, out _);
        }
        TellRefusals(refusals);
        var report = result.Report!;
        if (!isAwaited && report.Done.Any(s => s.Because is null && !touched.Contains(s.ServiceKey)))
        {
            counters.Drifts++;
            announcer.Tell(DirectorEvents.Drifted(report.Done.Count));
        }
        Tell(report);
        FollowDrains(result.Planned);
        counters.Passes++;
        counters.LastPassSeconds = host.Clock.GetElapsedTime(began).TotalSeconds;
        counters.PassSeconds += counters.LastPassSeconds;
        var now = host.Clock.GetUtcNow();
        if (refusals.Count == 0 && Waits is null && report is { Failed.Count: 0, NotTried.Count: 0 }) LastSuccess = now;
        return Last = new(result.Planned, report, refusals, now, LastSuccess);
    }

    /// <summary>What health wants of some services, without a look at the rest.</summary>
    /// <returns>False where a whole pass has to do it.</returns>
    public bool HealthPass(IpvsClient kernel, IReadOnlyList<DesiredService> services, HealthOverlay health, List<ServiceChange> serviceChanges)
    {
        var began = host.Clock.GetTimestamp();
        ApplyResult? result;
        try
        {
            result = new HealthPass(kernel, store, host.Clock, health).Apply(services);
        }
        finally
        {
            Tell(serviceChanges);
        }
        if (result is null) return false;
        Tell(result.Report!);
        counters.HealthPasses++;
        counters.PassSeconds += host.Clock.GetElapsedTime(began).TotalSeconds;
        if (result.Report!.Failed.Count > 0) return false;
        Learn(kernel, result.Planned.Desired, result.Report);
        return true;
    }

    /// <summary>Something was done between two passes: whoever asks for the table of a moment ago is to find it.</summary>
    public void Learn(IpvsClient kernel, DesiredTable desired, ApplyReport report)
    {
        if (Last is { } last && report.Done.Count > 0) Last = last.With(desired, kernel.ReadPart(report.Done.Select(s => s.ServiceKey).ToHashSet()));
    }

    public static ApplyOptions Options(ClusterSpec cluster) => new(
        PlanOptions.Default,
        new(cluster.Safety.MaxUnavailable ?? SafetyLimits.Default.MaxUnavailable, cluster.Safety.MaxDeletes ?? SafetyLimits.Default.MaxDeletes),
        Force: false);

    /// <summary>Tells what was done, and keeps count of it.</summary>
    public void Tell(ApplyReport report)
    {
        foreach (var step in report.Done) counters.Stepped(step);
        announcer.Tell(report.Done.Select(DirectorEvents.Step));
        foreach (var failed in report.Failed)
        {
            counters.StepsFailed++;
            announcer.Tell(DirectorEvents.StepFailed(failed.Step, failed.Why));
        }
    }

    /// <summary>
    /// Tells them and takes them off the list. As they stand at last: a wish that the gate refused never came true, and nobody is to hear that
    /// it is over.
    /// </summary>
    public void Tell(List<ServiceChange> changes)
    {
        // A service that listens at several addresses stands there once for each.
        announcer.Tell(changes.GroupBy(c => c.After.Key).SelectMany(service => DirectorEvents.ServiceChanged(new(service.First().Before, service.Last().After))).Distinct());
        changes.Clear();
    }

    // Once, until the gate lets it through or wants something else.
    void TellRefusals(IReadOnlyList<Refusal> refusals)
    {
        _refused.IntersectWith(refusals.Select(r => r.Text));
        foreach (var refusal in refusals.Where(r => _refused.Add(r.Text))) announcer.Tell(DirectorEvents.Refused(refusal.Rule, refusal.Text));
    }

    /// <summary>Another manifest: what was refused of the old one may be said again.</summary>
    public void Forget() => _refused.Clear();

    void FollowDrains(PlannedTable planned)
    {
        var intents = store.ReadOrLast().Intents.Where(i => i.Kind == IntentKind.Drain).ToList();
        HasDrains = intents.Count > 0 && planned.Desired.Services.Any(s => s.Servers.Any(r => r.IsDraining)) || planned.Plan.Draining.Count > 0;
        if (intents.Count == 0 && _draining.Count == 0) return;
        var pools = planned.Observed.ToDictionary(p => p.Service.Service.Key);
        var found = new HashSet<(string, string)>();
        foreach (var service in planned.Desired.Services)
        {
            foreach (var server in service.Servers.Where(s => s.IsDraining))
            {
                var name = (service.Name, server.Name);
                found.Add(name);
                var there = pools.GetValueOrDefault(service.Service.Key)?.Servers.FirstOrDefault(s => s.Server.Key == server.Server.Key);
                var progress = DrainProgress.Of(service.Service, there);
                if (_draining.TryGetValue(name, out var told) && (told.Progress == progress || host.Clock.GetElapsedTime(told.Told) < s_drainNews)) continue;
                _draining[name] = (progress, host.Clock.GetTimestamp());
                var deadline = intents.FindLast(i => i.Concerns(service.Name, server.Name))?.Deadline ?? host.Clock.GetUtcNow();
                announcer.Tell(DirectorEvents.DrainProgressed(service.Name, server.Name, progress.Active, progress.Inactive, progress.Persistent, deadline - host.Clock.GetUtcNow()));
            }
        }
        foreach (var (name, (progress, _)) in _draining.Where(d => !found.Contains(d.Key)).ToList())
        {
            _draining.Remove(name);
            if (intents.FindLast(i => i.Concerns(name.Service, name.Server)) is { } drain)
                announcer.Tell(DirectorEvents.Drained(name.Service, name.Server, isLate: !progress.IsDone && host.Clock.GetUtcNow() >= drain.Deadline));
        }
    }

    /// <summary>The ways of probes that the kernel has after the last pass; null: it is not known.</summary>
    public IReadOnlySet<ServiceKey>? ServicesThere()
    {
        if (Last is null) return null;
        var there = Last.Planned.Observed.Select(p => p.Service.Service.Key).ToHashSet();
        foreach (var step in Last.Report?.Done ?? [])
        {
            if (step.Change is TableChange.AddService) there.Add(step.ServiceKey);
            if (step.Change is TableChange.RemoveService) there.Remove(step.ServiceKey);
        }
        return there;
    }

    public void Dispose() => _kernel?.Dispose();
}
