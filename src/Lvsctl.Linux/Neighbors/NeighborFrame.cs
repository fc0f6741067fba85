using System.Buffers.Binary;
using System.Net.NetworkInformation;
using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Linux.Neighbors;

/// <summary>Ethernet frames by which a host tells its network that an address is at its card from now on.</summary>
public static class NeighborFrame
{
    public const int MaxLength = 14 + 40 + 32;

    const ushort EtherTypeArp = 0x0806;
    const ushort EtherTypeIPv6 = 0x86dd;
    const byte IcmpV6 = 58;
    const byte NeighborAdvertisement = 136;
    const byte TargetLinkLayerAddress = 2;
    const byte Router = 0x80;
    const byte Override = 0x20;

    /// <summary>Gratuitous ARP request (RFC 5227 3) or unsolicited neighbour advertisement (RFC 4861 7.2.6), as the address is.</summary>
    /// <param name="card">48 bits.</param>
    /// <param name="isRouter">The host forwards IPv6; hosts take it off their list of routers where it says no.</param>
    /// <returns>How many bytes of <paramref name="frame"/>.</returns>
    public static int Write(WireAddress address, PhysicalAddress card, bool isRouter, Span<byte> frame)
    {
        var mac = card.GetAddressBytes();
        return address.Family == IpFamily.IPv6 ? WriteAdvertisement(address, mac, isRouter, frame) : WriteRequest(address, mac, frame);
    }

    static int WriteRequest(WireAddress address, byte[] mac, Span<byte> frame)
    {
        frame = frame[..42];
        frame[..6].Fill(0xff);
        mac.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherTypeArp);
        // Ethernet, IPv4, their lengths, request.
        ReadOnlySpan<byte> kind = [0, 1, 8, 0, 6, 4, 0, 1];
        kind.CopyTo(frame[14..]);
        mac.CopyTo(frame[22..]);
        address.Write(frame[28..]);
        // Nobody is asked: as keepalived sends it.
        frame[32..38].Fill(0xff);
        address.Write(frame[38..]);
        return frame.Length;
    }

    static int WriteAdvertisement(WireAddress address, byte[] mac, bool isRouter, Span<byte> frame)
    {
        frame = frame[..MaxLength];
        frame.Clear();
        // All nodes: ff02::1 at 33:33:00:00:00:01.
        frame[0] = frame[1] = 0x33;
        frame[5] = 1;
        mac.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherTypeIPv6);
        var header = frame[14..54];
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], 32);
        header[6] = IcmpV6;
        header[7] = 255;
        address.Write(header[8..]);
        header[24] = 0xff;
        header[25] = 2;
        header[39] = 1;
        var message = frame[54..];
        message[0] = NeighborAdvertisement;
        message[4] = (byte)(Override | (isRouter ? Router : 0));
        address.Write(message[8..]);
        message[24] = TargetLinkLayerAddress;
        message[25] = 1;
        mac.CopyTo(message[26..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], Checksum(header[8..], message));
        return frame.Length;
    }

    // RFC 4443 2.3.
    static ushort Checksum(ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> message)
    {
        var sum = (uint)message.Length + IcmpV6;
        for (var i = 0; i < addresses.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(addresses[i..]);
        for (var i = 0; i < message.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(message[i..]);
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
