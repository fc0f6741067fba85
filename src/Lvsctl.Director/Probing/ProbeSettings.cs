using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Probing;

/// <summary>The surroundings of probes.</summary>
public sealed record ProbeSettings
{
    // For files, programs' pipes, netlink and whatever else the process has open.
    const int SetAside = 128;

    /// <summary>Probes under way at once, each with a descriptor.</summary>
    public int MostAtOnce { get; init; } = DaemonSpec.DefaultMaxProbes;

    /// <summary>Whom exec probes run as.</summary>
    public string ProbeUser { get; init; } = DaemonSpec.DefaultProbeUser;

    /// <summary>What a director calls itself where a server wants to be greeted.</summary>
    public string HostName { get; init; } = Environment.MachineName;

    /// <summary>The firewall mark that leads a probe along a path; a path that is not here cannot be probed.</summary>
    public IReadOnlyDictionary<ForwardingPath, uint> Marks { get; init; } = new Dictionary<ForwardingPath, uint>();

    /// <summary>As the manifest says, but no more than this process may have.</summary>
    public static ProbeSettings Of(DaemonSpec daemon) => new()
    {
        MostAtOnce = Math.Clamp(DescriptorLimit.Raise() - SetAside, 1, daemon.MaxProbes),
        ProbeUser = daemon.ProbeUser,
    };
}
