using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Director.Checking;

/// <summary>
/// What the last check knew, for verbs that probe nothing: a server that was found sick stays out when somebody applies the manifest. A
/// server of which nothing is known, or nothing young enough to be believed, is as the manifest wants it.
/// </summary>
public sealed class KnownHealth(ClusterSpec cluster, HealthSnapshot memory, TimeProvider clock)
{
    readonly ProbePlan _plan = ProbePlan.Of(cluster);

    public DesiredTable Lay(DesiredTable wanted, IReadOnlyList<ObservedPool> observed)
    {
        // As if the kernel had them all: "stays as it is" then means in.
        var asWanted = wanted.Services.Select(service => new ObservedPool(
            new ObservedService(service.Service, default),
            [.. service.Servers.Where(s => !s.IsOut).Select(s => new ObservedServer(s.Server, 0, 0, 0, default))]));
        var monitor = new HealthMonitor(_plan, memory, [.. asWanted], TimeSpan.Zero, clock.GetUtcNow());
        return monitor.Lay(wanted, TimeSpan.Zero, clock.GetUtcNow());
    }
}
