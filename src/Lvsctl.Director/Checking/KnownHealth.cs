using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Director.Status;

namespace Lvsctl.Director.Checking;

/// <summary>
/// What the last check knew, for verbs that probe nothing: a server that was found sick stays out when somebody applies the manifest. A
/// server of which nothing is known, or nothing young enough to be believed, is as the manifest wants it.
/// </summary>
public sealed class KnownHealth
{
    readonly ProbePlan _plan;
    readonly HealthSnapshot _memory;
    readonly TimeProvider _clock;

    KnownHealth(ClusterSpec cluster, HealthSnapshot memory, TimeProvider clock) => (_plan, _memory, _clock) = (ProbePlan.Of(cluster), memory, clock);

    /// <summary>Null where there is nothing to lay: neither checks of which something is known, nor a fallback.</summary>
    public static HealthOverlay? In(StateStore store, ClusterSpec cluster, TimeProvider clock)
    {
        var isChecked = cluster.Services.Any(s => s.Check is not null || s.Servers.Any(r => r.Check is not null));
        var memory = isChecked ? new HealthStore(store.Directory).Read(out _)?.Health : null;
        if (memory is null && !cluster.Services.Any(s => s.Fallback is not null)) return null;
        return new KnownHealth(cluster, memory ?? HealthSnapshot.Empty, clock).Lay;
    }

    /// <summary>What there is on disk about the servers' health, as far as it can be believed; null where no check looks at any.</summary>
    public static HealthFacts? Facts(StateStore store, ClusterSpec cluster, TimeProvider clock)
    {
        if (!cluster.Services.Any(s => s.Check is not null || s.Servers.Any(r => r.Check is not null))) return null;
        var (plan, now) = (ProbePlan.Of(cluster), clock.GetUtcNow());
        var monitor = new HealthMonitor(plan, new HealthStore(store.Directory).Read(out _)?.Health, [], TimeSpan.Zero, now);
        var trackers = new HealthTracker[plan.Targets.Count];
        for (var i = 0; i < trackers.Length; i++) trackers[i] = monitor[i];
        return new(plan, trackers,
            [.. plan.Services.Select((service, s) => (IReadOnlyList<HealthState>)[.. service.Servers.Select((_, i) => monitor.StateOf(new(s, i)))])],
            [.. plan.Services.Select((_, s) => monitor.StatusOf(s))], TimeSpan.Zero, now);
    }

    DesiredTable Lay(DesiredTable wanted, IReadOnlyList<ObservedPool> observed)
    {
        // As if the kernel had them all: "stays as it is" then means in.
        var asWanted = wanted.Services.Select(service => new ObservedPool(
            new ObservedService(service.Service, default),
            [.. service.Servers.Where(s => !s.IsOut).Select(s => new ObservedServer(s.Server, 0, 0, 0, default))]));
        var monitor = new HealthMonitor(_plan, _memory, [.. asWanted], TimeSpan.Zero, _clock.GetUtcNow());
        return monitor.Lay(wanted, TimeSpan.Zero, _clock.GetUtcNow());
    }
}
