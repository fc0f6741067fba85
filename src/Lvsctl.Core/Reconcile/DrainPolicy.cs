using Lvsctl.Core.Health;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>
/// When a server that is to go may go. Weight 0 ends new TCP connections and lets the open ones live; only from then on does a count of
/// none mean that none is cut: until then one may come between reading the table and removing the server. A UDP flow follows its entry
/// as long as packets come, whatever the weight, and the kernel counts none of them as active, so waiting would end only by chance.
/// </summary>
/// <param name="ForcedOut">Servers whose time is up: they go, connections or not.</param>
/// <param name="Waits">False: nothing is waited for.</param>
public sealed record DrainPolicy(bool Waits, IReadOnlySet<(ServiceKey, RealServerKey)> ForcedOut)
{
    public static DrainPolicy AtOnce { get; } = new(false, new HashSet<(ServiceKey, RealServerKey)>());

    public static DrainPolicy UntilEmpty { get; } = new(true, new HashSet<(ServiceKey, RealServerKey)>());

    /// <summary>Servers whose leaving an earlier plan began.</summary>
    public IReadOnlySet<(ServiceKey Service, RealServerKey Server)> Begun { get; init; } = new HashSet<(ServiceKey, RealServerKey)>();

    public bool MustWait(ServiceKey service, ObservedServer server) =>
        Waits
        && !ProbePaths.IsPath(service)
        && service.Protocol is not (TransportProtocol.Udp or TransportProtocol.Sctp)
        && (server.Server.Weight != 0 || server.ActiveConnections > 0 || server.InactiveConnections > 0)
        && !ForcedOut.Contains((service, server.Server.Key));
}
