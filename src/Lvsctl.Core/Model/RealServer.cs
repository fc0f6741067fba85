namespace Lvsctl.Core.Model;

/// <summary>A real server of a virtual service as it is asked of the kernel.</summary>
public sealed record RealServer(RealServerKey Key)
{
    public ForwardingMethod Forward { get; init; } = ForwardingMethod.DirectRouting;

    /// <summary>0..2147483647. 0 takes no new connections and keeps the old ones.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Connections at which the server takes no more; 0 = no limit.</summary>
    public uint UpperThreshold { get; init; }

    /// <summary>Connections below which an overloaded server takes new ones again; 0 = the kernel's three quarters of the upper one.</summary>
    public uint LowerThreshold { get; init; }

    public Tunnel Tunnel { get; init; }
}
