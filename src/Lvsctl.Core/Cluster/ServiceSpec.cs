using Lvsctl.Core.Model;

namespace Lvsctl.Core.Cluster;

/// <summary>One service of the manifest: one pool of servers behind one or several keys of the kernel's table.</summary>
public sealed record ServiceSpec(string Name)
{
    /// <summary>At least one; each stands once in the whole manifest.</summary>
    public ValueList<ServiceKey> Listen { get; init; } = [];

    public SchedulerSpec Scheduler { get; init; } = SchedulerSpec.Default;

    /// <summary>For every server that says nothing else.</summary>
    public ForwardSpec Forward { get; init; } = ForwardSpec.Default;

    public PersistenceSpec? Persistence { get; init; }

    /// <summary>Each UDP packet is scheduled alone.</summary>
    public bool OnePacket { get; init; }

    /// <summary>Null: servers are taken for healthy. A server may have one of its own.</summary>
    public CheckSpec? Check { get; init; }

    /// <summary>Probes never take out more servers than leave this many.</summary>
    public Share MinHealthy { get; init; } = Share.Count(0);

    public QuorumSpec? Quorum { get; init; }

    /// <summary>Stands in when none of the servers is left, or the quorum is lost.</summary>
    public ServerSpec? Fallback { get; init; }

    public FailureAction OnFailure { get; init; }

    /// <summary>How long a server that came back takes to reach its full weight; zero: at once.</summary>
    public TimeSpan SlowStart { get; init; }

    /// <summary>Ranges are spread out; each server has a name of its own.</summary>
    public ValueList<ServerSpec> Servers { get; init; } = [];
}

public enum FailureAction
{
    /// <summary>Out of the table: open connections go too.</summary>
    Remove,

    /// <summary>Weight 0: no new connections, open ones stay.</summary>
    Quiesce,
}

/// <summary>A service has its quorum from Minimum + Hysteresis healthy servers on, and loses it below Minimum.</summary>
public readonly record struct QuorumSpec(Share Minimum, Share Hysteresis);

/// <param name="Name">The kernel's name, at most 15 bytes.</param>
/// <param name="Flags">Some of <see cref="ServiceFlags.SchedulerFlags"/>.</param>
public sealed record SchedulerSpec(string Name, ServiceFlags Flags = ServiceFlags.None)
{
    public static SchedulerSpec Default { get; } = new(VirtualService.DefaultScheduler);
}

public readonly record struct ForwardSpec(ForwardingMethod Method, Tunnel Tunnel = default)
{
    public static ForwardSpec Default => new(ForwardingMethod.DirectRouting);
}

/// <param name="Timeout">Whole seconds, 1 s .. 31 d.</param>
public sealed record PersistenceSpec(TimeSpan Timeout)
{
    /// <summary>Clients of one such network go to one server; null: each address on its own. The form is that of <see cref="VirtualService.Netmask"/>.</summary>
    public uint? Netmask { get; init; }

    /// <summary>Null or <c>sip</c>.</summary>
    public string? Engine { get; init; }
}
