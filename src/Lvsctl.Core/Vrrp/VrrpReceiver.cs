using System.Security.Cryptography;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Vrrp;

/// <summary>Decides which packets one virtual router listens to: RFC 9568 7.1 and RFC 3768 7.1, in the order of <see cref="VrrpRefusal"/>.</summary>
/// <param name="sequence">The same as the transmitter's.</param>
public sealed class VrrpReceiver(VrrpWire wire, AuthenticationSequence sequence)
{
    readonly byte[] _addresses = wire.AddressBytes();
    readonly byte[] _password = wire.PasswordBytes();

    public VrrpWire Wire => wire;

    bool WantsHeader => wire.Authentication == VrrpAuthenticationKind.Ah;

    /// <param name="advert">Of the datagram's own bytes; to be used while these are there.</param>
    public VrrpRefusal Receive(in ReceivedDatagram datagram, out VrrpAdvertisement advert, out VrrpRemarks remarks)
    {
        advert = default;
        remarks = VrrpRemarks.None;
        if (datagram.Protocol is not (VrrpAdvertisement.Protocol or AuthenticationHeader.Protocol)) return VrrpRefusal.Protocol;
        var hasHeader = datagram.Protocol == AuthenticationHeader.Protocol;
        if (hasHeader != WantsHeader) return hasHeader ? VrrpRefusal.UnwantedAuthenticationHeader : VrrpRefusal.NoAuthenticationHeader;

        var message = datagram.Payload;
        if (hasHeader && message.Length < AuthenticationHeader.Length) return VrrpRefusal.TooShort;
        if (hasHeader) message = message[AuthenticationHeader.Length..];
        if (datagram.Family != wire.Family || !VrrpAdvertisement.TryRead(message, wire.Family, out advert)) return VrrpRefusal.TooShort;
        if (advert.RouterId != wire.RouterId) return VrrpRefusal.RouterId;
        if (wire.Peers is null ? datagram.HopLimit != 255 : datagram.HopLimit < wire.MinHopLimit) return VrrpRefusal.HopLimit;
        if (advert.Version != wire.Version) return VrrpRefusal.Version;
        if (hasHeader && Authenticate(datagram) is not VrrpRefusal.None and var refusal) return refusal;
        if (wire.Version == 2)
        {
            if (advert.AuthenticationType != AuthenticationType(wire.Authentication)) return VrrpRefusal.AuthenticationType;
            if (wire.Authentication == VrrpAuthenticationKind.Pass
                && !CryptographicOperations.FixedTimeEquals(advert.AuthenticationData, _password))
            {
                return VrrpRefusal.Password;
            }
        }
        if (wire.Version == 2 ? advert.Interval != wire.Interval : advert.Interval == TimeSpan.Zero) return VrrpRefusal.Interval;
        if (advert.Type != VrrpAdvertisement.AdvertisementType) return VrrpRefusal.Type;
        if (advert.Count == 0 || message.Length != advert.Length) return VrrpRefusal.AddressCount;
        if (!IsChecksumRight(message, datagram, ref remarks)) return VrrpRefusal.Checksum;
        if ((datagram.Destination == WireAddress.Group(wire.Family)) != wire.Peers is null) return VrrpRefusal.Mode;
        if (datagram.Source == wire.Source) return VrrpRefusal.OwnAddress;
        if (wire.Peers is { } peers && !Contains(peers, datagram.Source)) return VrrpRefusal.UnknownPeer;

        // Not before all else is right: a packet that is refused must not make the next ones look old.
        if (hasHeader) sequence.Hear(datagram.Source, AuthenticationHeader.Sequence(datagram.Payload));
        if (advert.Interval != wire.Interval) remarks |= VrrpRemarks.Interval;
        if (!AreOurs(advert)) remarks |= VrrpRemarks.Addresses;
        return VrrpRefusal.None;
    }

    internal static byte AuthenticationType(VrrpAuthenticationKind? kind) => kind switch
    {
        VrrpAuthenticationKind.Pass => 1,
        VrrpAuthenticationKind.Ah => 2,
        _ => 0,
    };

    VrrpRefusal Authenticate(in ReceivedDatagram datagram)
    {
        if (!AuthenticationHeader.IsWellFormed(datagram.Payload)) return VrrpRefusal.AuthenticationHeader;
        if (AuthenticationHeader.SecurityParameters(datagram.Payload) != (uint)datagram.Source.Number) return VrrpRefusal.AuthenticationHeader;
        if (!AuthenticationHeader.IsRight(datagram.Header, datagram.Payload, _password)) return VrrpRefusal.AuthenticationCode;
        return sequence.IsFresh(datagram.Source, AuthenticationHeader.Sequence(datagram.Payload)) ? VrrpRefusal.None : VrrpRefusal.Replay;
    }

    bool IsChecksumRight(ReadOnlySpan<byte> message, in ReceivedDatagram datagram, ref VrrpRemarks remarks)
    {
        if (wire.Version == 2) return VrrpChecksum.IsRight(message);
        if (wire.Family == IpFamily.IPv6) return VrrpChecksum.IsRight(message, datagram.Source, datagram.Destination);
        // keepalived sums the pseudo header too, RFC 9568 does not: the form that we send is tried first.
        if (IsRight(message, datagram, wire.ChecksumPseudoHeader)) return true;
        remarks |= VrrpRemarks.ChecksumForm;
        return IsRight(message, datagram, !wire.ChecksumPseudoHeader);

        static bool IsRight(ReadOnlySpan<byte> message, in ReceivedDatagram datagram, bool pseudoHeader) =>
            pseudoHeader ? VrrpChecksum.IsRight(message, datagram.Source, datagram.Destination) : VrrpChecksum.IsRight(message);
    }

    bool AreOurs(in VrrpAdvertisement advert)
    {
        if (advert.Addresses.SequenceEqual(_addresses)) return true;
        if (advert.Count != wire.Addresses.Count) return false;
        // The order is the configuration's, and means nothing.
        for (var i = 0; i < advert.Count; i++)
        {
            if (!Contains(wire.Addresses, advert[i])) return false;
        }
        return true;
    }

    static bool Contains(ValueList<WireAddress> list, WireAddress address)
    {
        foreach (var one in list)
        {
            if (one == address) return true;
        }
        return false;
    }
}
