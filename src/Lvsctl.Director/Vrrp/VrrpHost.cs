using Lvsctl.Core.Cluster;
using Lvsctl.Director.Events;
using Lvsctl.Director.Running;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Vrrp;

/// <summary>What the VRRP process needs from outside.</summary>
/// <param name="ReadManifest">From any thread.</param>
/// <param name="Node">As the command line names this director; null: by the host's name.</param>
/// <param name="StateDirectory">Where it keeps which addresses may be its own.</param>
/// <param name="Socket">Where <c>lvsctl vrrp status</c> and the like ask.</param>
/// <param name="OpenIpvs">Only where connection sync is wanted.</param>
public sealed record VrrpHost(
    Func<ManifestReading> ReadManifest,
    string? Node,
    string HostName,
    string StateDirectory,
    string Socket,
    Announcer Announcer,
    Func<IpvsClient> OpenIpvs,
    ServiceManager Manager,
    TimeProvider Clock)
{
    public OwnPart PartIn(ClusterSpec cluster) => OwnPart.Of(cluster, Node, HostName, OwnPart.ReadPassword);
}
