using System.Net;

namespace Lvsctl.Core.Model;

/// <summary>
/// The order of every listing that has no manifest's to go by: numeric by address and port. The kernel's own depends on its hash table, and
/// is another on each machine.
/// </summary>
public sealed class KeyOrder : IComparer<ServiceKey>, IComparer<RealServerKey>
{
    public static KeyOrder Instance { get; } = new();

    /// <summary>Services by address, then those by firewall mark.</summary>
    public int Compare(ServiceKey x, ServiceKey y) =>
        x.FirewallMark != y.FirewallMark ? x.FirewallMark.CompareTo(y.FirewallMark)
        : x.Family != y.Family ? x.Family.CompareTo(y.Family)
        : Compare(x.Address, y.Address) is not 0 and var byAddress ? byAddress
        : x.Port != y.Port ? x.Port.CompareTo(y.Port)
        : x.Protocol.CompareTo(y.Protocol);

    public int Compare(RealServerKey x, RealServerKey y) => Compare(x.Address, y.Address) is not 0 and var byAddress ? byAddress : x.Port.CompareTo(y.Port);

    static int Compare(IPAddress x, IPAddress y)
    {
        if (x.AddressFamily != y.AddressFamily) return x.Family().CompareTo(y.Family());
        Span<byte> left = stackalloc byte[16], right = stackalloc byte[16];
        x.TryWriteBytes(left, out var length);
        y.TryWriteBytes(right, out _);
        return left[..length].SequenceCompareTo(right[..length]);
    }
}
