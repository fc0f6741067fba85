using System.Net;
using System.Runtime.InteropServices;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Addresses.RouteConstants;

namespace Lvsctl.Linux.Addresses;

/// <summary>An address of a network device.</summary>
public sealed record LinkAddress(int LinkIndex, IPAddress Address, int PrefixLength)
{
    /// <summary>Only written: IPv4's name for ifconfig, such as <c>eth0:vip</c>; null: the device's.</summary>
    public string? Label { get; init; }

    /// <summary>
    /// Only written: IPv6's preferred lifetime is zero, so that the host's own connections leave from another address. Those from an address
    /// that moves to another host would break, and the answers to its probes would go astray. IPv4 needs no such thing: there the first
    /// address of a network is the source, and a virtual one comes second.
    /// </summary>
    public bool IsDeprecated { get; init; }

    /// <summary>Only read: IPv6 still looks whether another host has it, or has found one; nothing may be sent from it.</summary>
    public bool IsTentative { get; init; }

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
        return (local ?? address) is { } own ? new LinkAddress(MemoryMarshal.Read<int>(payload[4..]), own, payload[1]) { IsTentative = (payload[2] & IFA_F_TENTATIVE) != 0 } : null;
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
        if (address.Label is { } label && family == IpFamily.IPv4) writer.Text(IFA_LABEL, label);
        if (!address.IsDeprecated || family != IpFamily.IPv6) return;
        // struct ifa_cacheinfo: preferred, valid, created, updated.
        MemoryMarshal.Write(writer.Attribute(IFA_CACHEINFO, 16)[4..], uint.MaxValue);
    }
}
