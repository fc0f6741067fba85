using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Addresses.RouteConstants;

namespace Lvsctl.Linux.Addresses;

/// <summary>A network device.</summary>
/// <param name="IsNoArp">The device speaks neither ARP nor neighbour discovery.</param>
public sealed record Link(int Index, string Name, bool IsUp, bool IsLoopback, bool IsNoArp)
{
    /// <summary>There is something at the other end of the wire.</summary>
    public bool HasCarrier { get; init; } = true;

    /// <summary>Null for a device that is no Ethernet card, nor behaves like one.</summary>
    public PhysicalAddress? Card { get; init; }

    /// <summary>
    /// struct ifinfomsg, in host byte order:
    /// <code>
    ///  0        1        2       4       8       12       16
    /// +--------+--------+-------+-------+-------+--------+------------
    /// | family | unused | type  | index | flags | change | attributes
    /// +--------+--------+-------+-------+-------+--------+------------
    /// </code>
    /// </summary>
    internal const int HeaderLength = 16;

    const int EthernetAddressLength = 6;

    /// <summary>Null when the message has no name, which the kernel's always have.</summary>
    internal static Link? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderLength) throw NetlinkException.Malformed();
        var flags = MemoryMarshal.Read<uint>(payload[8..]);
        string? name = null;
        PhysicalAddress? card = null;
        var isEthernet = MemoryMarshal.Read<ushort>(payload[2..]) == ARPHRD_ETHER;
        var attributes = new AttributeReader(payload[HeaderLength..]);
        while (attributes.Next())
        {
            if (attributes.Type == IFLA_IFNAME) name = attributes.Text;
            else if (attributes.Type == IFLA_ADDRESS && isEthernet && attributes.Payload.Length == EthernetAddressLength) card = new(attributes.Payload.ToArray());
        }
        attributes.EnsureWellFormed();
        return name is null
            ? null
            : new Link(MemoryMarshal.Read<int>(payload[4..]), name, (flags & IFF_UP) != 0, (flags & IFF_LOOPBACK) != 0, (flags & IFF_NOARP) != 0) { HasCarrier = (flags & (IFF_UP | IFF_LOWER_UP)) != IFF_UP, Card = card };
    }

    /// <summary>Only the flags in <paramref name="change"/> are looked at.</summary>
    internal static void WriteHeader(MessageWriter writer, int index = 0, uint flags = 0, uint change = 0)
    {
        var header = writer.Reserve(HeaderLength);
        MemoryMarshal.Write(header[4..], index);
        MemoryMarshal.Write(header[8..], flags);
        MemoryMarshal.Write(header[12..], change);
    }
}
