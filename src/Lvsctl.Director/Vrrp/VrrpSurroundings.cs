using Lvsctl.Core.Cluster;

namespace Lvsctl.Director.Vrrp;

/// <summary>What the director has to do with VRRP, which is another process.</summary>
/// <param name="HasPart">Whether a manifest gives this host a part in a virtual router.</param>
/// <param name="MayStart">False: it has a unit of its own.</param>
public sealed record VrrpSurroundings(IVrrpProcess Process, Func<ClusterSpec, bool> HasPart, bool MayStart);
