using System.Net;

namespace Lvsctl.Core.Model;

/// <summary>
/// Identity of a virtual service in the kernel's table: address family plus either a firewall mark or protocol, address and port.
/// Everything else about a service can change while it keeps its identity.
/// </summary>
public readonly record struct ServiceKey
{
    ServiceKey(IpFamily family, TransportProtocol protocol, IPAddress address, ushort port, uint mark)
    {
        Family = family;
        Protocol = protocol;
        Address = address;
        Port = port;
        FirewallMark = mark;
    }

    public IpFamily Family { get; }

    /// <summary>Zero for a firewall-mark service.</summary>
    public TransportProtocol Protocol { get; }

    /// <summary>The any-address of the family for a firewall-mark service.</summary>
    public IPAddress Address { get; }

    /// <summary>0 means every port (persistent services only).</summary>
    public ushort Port { get; }

    /// <summary>1..4294967295, or 0 for a service that is known by its address.</summary>
    public uint FirewallMark { get; }

    public bool IsFirewallMark => FirewallMark != 0;

    public static ServiceKey At(TransportProtocol protocol, IPAddress address, ushort port) =>
        new(address.Family(), protocol, address, port, 0);

    /// <exception cref="ArgumentOutOfRangeException">The mark is 0, which the kernel takes for "no mark".</exception>
    public static ServiceKey Marked(uint mark, IpFamily family = IpFamily.IPv4)
    {
        ArgumentOutOfRangeException.ThrowIfZero(mark);
        return new(family, 0, family.AnyAddress(), 0, mark);
    }

    /// <summary><c>tcp 10.0.0.1:80</c>, <c>udp [2001:db8::1]:53</c>, <c>fwmark 7</c> or <c>fwmark 7 ipv6</c>.</summary>
    public override string ToString() =>
        IsFirewallMark
            ? Family == IpFamily.IPv6 ? $"fwmark {FirewallMark} ipv6" : $"fwmark {FirewallMark}"
            : $"{ProtocolName(Protocol)} {new IPEndPoint(Address, Port)}";

    static string ProtocolName(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => "tcp",
        TransportProtocol.Udp => "udp",
        TransportProtocol.Sctp => "sctp",
        _ => $"protocol-{(ushort)protocol}",
    };
}
