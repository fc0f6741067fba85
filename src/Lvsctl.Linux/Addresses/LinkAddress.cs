using System.Net;
using System.Runtime.InteropServices;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Addresses.RouteConstants;

namespace Lvsctl.Linux.Addresses;

/// <summary>An address of a network device.</summary>
public sealed record LinkAddress(int LinkIndex, IPAddress Address, int PrefixLength)
{
    /// <summary>The address alone: /32 or /128.</summary>
    public static LinkAddress Alone(Link link, IPAddress address) => new(link.Index, address, address.Family().AddressLength() * 8);

    /// <summary>
    /// struct ifaddrmsg, the index in host byte order:
    /// <code>
    ///  0        1        2       3       4       8
    /// +--------+--------+-------+-------+-------+------------
    /// | family | prefix | flags | scope | index | attributes
    /// +--------+--------+-------+-------+-------+------------
    /// </code>
    /// </summary>
    internal const int HeaderLength = 8;

    /// <summary>Null for an address of another family than IPv4 and IPv6.</summary>
    internal static LinkAddress? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderLength) throw NetlinkException.Malformed();
        var length = (IpFamily)payload[0] switch { IpFamily.IPv4 => 4, IpFamily.IPv6 => 16, _ => 0 };
        if (length == 0) return null;

        IPAddress? local = null, address = null;
        var attributes = new AttributeReader(payload[HeaderLength..]);
        while (attributes.Next())
        {
            if (attributes.Type is not (IFA_LOCAL or IFA_ADDRESS)) continue;
            if (attributes.Payload.Length != length) throw NetlinkException.Malformed();
            var value = new IPAddress(attributes.Payload);
            // On a point-to-point device IFA_ADDRESS is the peer's.
            if (attributes.Type == IFA_LOCAL) local = value;
            else address = value;
        }
        attributes.EnsureWellFormed();
        return (local ?? address) is { } own ? new LinkAddress(MemoryMarshal.Read<int>(payload[4..]), own, payload[1]) : null;
    }

    internal static void Write(MessageWriter writer, LinkAddress address)
    {
        var family = address.Address.Family();
        var header = writer.Reserve(HeaderLength);
        header[0] = (byte)family;
        header[1] = (byte)address.PrefixLength;
        // Duplicate address detection would find the director, or another real server, and disable the address.
        header[2] = family == IpFamily.IPv6 ? IFA_F_NODAD : (byte)0;
        header[3] = RT_SCOPE_UNIVERSE;
        MemoryMarshal.Write(header[4..], address.LinkIndex);
        address.Address.TryWriteBytes(writer.Attribute(IFA_LOCAL, family.AddressLength()), out _);
        address.Address.TryWriteBytes(writer.Attribute(IFA_ADDRESS, family.AddressLength()), out _);
    }
}
