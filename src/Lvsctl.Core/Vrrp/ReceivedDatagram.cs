using System.Buffers.Binary;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Vrrp;

/// <summary>What a raw socket gave, over either family.</summary>
public readonly ref struct ReceivedDatagram
{
    public const int IPv4HeaderLength = 20;

    public WireAddress Source { get; init; }

    public WireAddress Destination { get; init; }

    /// <summary>TTL or hop limit.</summary>
    public byte HopLimit { get; init; }

    /// <summary>112, or 51 where an authentication header comes first.</summary>
    public byte Protocol { get; init; }

    /// <summary>IPv4's, with its options; empty over IPv6, which has no authentication.</summary>
    public ReadOnlySpan<byte> Header { get; init; }

    /// <summary>Without the padding of a short Ethernet frame.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <param name="datagram">From the IP header on, as raw sockets give it.</param>
    /// <returns>False: no whole IPv4 datagram, or a fragment.</returns>
    public static bool TryReadIPv4(ReadOnlySpan<byte> datagram, out ReceivedDatagram received)
    {
        received = default;
        if (datagram.Length < IPv4HeaderLength || datagram[0] >> 4 != 4) return false;
        var header = (datagram[0] & 0xf) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        // More fragments, or not the first one.
        if ((BinaryPrimitives.ReadUInt16BigEndian(datagram[6..]) & 0x3fff) != 0) return false;
        if (header < IPv4HeaderLength || total < header || total > datagram.Length) return false;
        received = new()
        {
            Source = WireAddress.Read(datagram.Slice(12, 4)),
            Destination = WireAddress.Read(datagram.Slice(16, 4)),
            HopLimit = datagram[8],
            Protocol = datagram[9],
            Header = datagram[..header],
            Payload = datagram[header..total],
        };
        return true;
    }

    /// <summary>IPv6 raw sockets give the payload alone; the rest comes beside it.</summary>
    public static ReceivedDatagram IPv6(WireAddress source, WireAddress destination, byte hopLimit, ReadOnlySpan<byte> payload) => new()
    {
        Source = source,
        Destination = destination,
        HopLimit = hopLimit,
        Protocol = VrrpAdvertisement.Protocol,
        Payload = payload,
    };

    public IpFamily Family => Source.Family;

    /// <summary>Whom it concerns: several virtual routers share an interface, and most sockets hear all of them.</summary>
    public bool TryPeekRouterId(out byte id)
    {
        var at = (Protocol == AuthenticationHeader.Protocol ? AuthenticationHeader.Length : 0) + 1;
        id = at < Payload.Length ? Payload[at] : (byte)0;
        return at < Payload.Length;
    }
}
