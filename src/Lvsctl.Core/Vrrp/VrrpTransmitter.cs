using System.Buffers.Binary;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Vrrp;

/// <summary>Writes the adverts of one virtual router. Over IPv4 whole datagrams, for a socket with IP_HDRINCL; over IPv6 messages.</summary>
/// <param name="sequence">The same as the receiver's.</param>
public sealed class VrrpTransmitter(VrrpWire wire, AuthenticationSequence sequence)
{
    const byte ClassSelector6 = 0xc0;
    const byte HopLimit = 255;

    readonly byte[] _addresses = wire.AddressBytes();
    readonly byte[] _password = wire.PasswordBytes();
    ushort _id;

    public VrrpWire Wire => wire;

    bool HasHeader => wire.Authentication == VrrpAuthenticationKind.Ah;

    /// <summary>Of every advert.</summary>
    public int Length => Prefix + VrrpAdvertisement.LengthOf(wire.Version, wire.Addresses.Count, wire.Family);

    int Prefix => wire.Family == IpFamily.IPv6 ? 0 : ReceivedDatagram.IPv4HeaderLength + (HasHeader ? AuthenticationHeader.Length : 0);

    /// <param name="priority">0: leaving.</param>
    /// <param name="destination">The group, or a peer: one packet for each.</param>
    /// <param name="datagram">Gets <see cref="Length"/> bytes.</param>
    public void Write(byte priority, WireAddress destination, Span<byte> datagram)
    {
        datagram = datagram[..Length];
        var message = datagram[Prefix..];
        new VrrpAdvertisement
        {
            Version = (byte)wire.Version,
            Type = VrrpAdvertisement.AdvertisementType,
            RouterId = wire.RouterId,
            Priority = priority,
            AuthenticationType = VrrpReceiver.AuthenticationType(wire.Authentication),
            Interval = wire.Interval,
            Family = wire.Family,
            Addresses = _addresses,
            AuthenticationData = wire.Authentication == VrrpAuthenticationKind.Pass ? _password : [],
        }.Write(message);
        var isPlain = wire.Version == 2 || (wire.Family == IpFamily.IPv4 && !wire.ChecksumPseudoHeader);
        var checksum = isPlain ? VrrpChecksum.Of(message) : VrrpChecksum.Of(message, wire.Source, destination);
        BinaryPrimitives.WriteUInt16BigEndian(message[VrrpChecksum.Offset..], checksum);
        if (wire.Family == IpFamily.IPv4) WriteHeaders(destination, datagram);
    }

    void WriteHeaders(WireAddress destination, Span<byte> datagram)
    {
        // The kernel replaces an id of zero, and the authentication header covers the id.
        if (++_id == 0) _id = 1;
        var header = datagram[..ReceivedDatagram.IPv4HeaderLength];
        header.Clear();
        header[0] = 0x45;
        header[1] = ClassSelector6;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)datagram.Length);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], _id);
        header[8] = HopLimit;
        header[9] = HasHeader ? AuthenticationHeader.Protocol : VrrpAdvertisement.Protocol;
        wire.Source.Write(header[12..]);
        destination.Write(header[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], VrrpChecksum.OfIPv4Header(header));
        if (HasHeader)
        {
            AuthenticationHeader.Write(header, datagram[ReceivedDatagram.IPv4HeaderLength..], (uint)wire.Source.Number, sequence.Next(), _password);
        }
    }
}
