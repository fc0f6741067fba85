using Lvsctl.Core.Cluster;
using Lvsctl.Director.Vrrp;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Director.Running;

/// <summary>What the director needs from outside.</summary>
/// <param name="ManifestPaths">As they were given.</param>
/// <param name="ReadManifest">From any thread.</param>
/// <param name="OpenKernel">Called again after the kernel was lost.</param>
public sealed record DirectorHost(IReadOnlyList<string> ManifestPaths, Func<ManifestReading> ReadManifest, Func<IpvsClient> OpenKernel, KernelSettings Settings, TimeProvider Clock)
{
    /// <summary>Null: virtual routers are none of this director's business.</summary>
    public VrrpSurroundings? Vrrp { get; init; }
}

/// <param name="Cluster">Null where the manifest cannot be used.</param>
/// <param name="Trouble">What is wrong with it, for people.</param>
public sealed record ManifestReading(ClusterSpec? Cluster, string Trouble);
