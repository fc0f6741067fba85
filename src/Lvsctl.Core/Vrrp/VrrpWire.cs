using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Vrrp;

/// <summary>How one virtual router speaks on one interface.</summary>
/// <param name="Source">The interface's own address that packets leave from.</param>
public sealed record VrrpWire(int Version, byte RouterId, WireAddress Source)
{
    /// <summary>Ours, as it is advertised.</summary>
    public TimeSpan Interval { get; init; } = VrrpRouterSpec.DefaultInterval;

    /// <summary>Advertised, in this order.</summary>
    public ValueList<WireAddress> Addresses { get; init; } = [];

    /// <summary>Null: multicast.</summary>
    public ValueList<WireAddress>? Peers { get; init; }

    /// <summary>Of unicast packets.</summary>
    public byte MinHopLimit { get; init; } = 1;

    /// <summary>Version 2 only.</summary>
    public VrrpAuthenticationKind? Authentication { get; init; }

    /// <summary>At most 8 bytes count.</summary>
    public ValueList<byte> Password { get; init; } = [];

    public bool ChecksumPseudoHeader { get; init; } = true;

    public IpFamily Family => Source.Family;

    /// <summary>Of the packets: 112, or 51 where an authentication header comes first.</summary>
    public byte Protocol => Authentication == VrrpAuthenticationKind.Ah ? AuthenticationHeader.Protocol : VrrpAdvertisement.Protocol;

    /// <param name="peers">Where the router is unicast: its peers, those of the manifest or the other directors.</param>
    /// <param name="password">The password file's content without its line end.</param>
    public static VrrpWire Of(VrrpRouterSpec router, IPAddress source, IEnumerable<IPAddress> peers, ReadOnlySpan<byte> password) =>
        new(router.Version, router.Id, WireAddress.Of(source))
        {
            Interval = router.Interval,
            Addresses = router.Addresses.AsEnumerable().Select(a => WireAddress.Of(a.Address)).ToValueList(),
            Peers = router.Unicast is null ? null : peers.Select(WireAddress.Of).ToValueList(),
            MinHopLimit = router.Unicast?.MinTtl ?? 1,
            Authentication = router.Authentication?.Kind,
            Password = ValueList.Of(password[..Math.Min(password.Length, VrrpAdvertisement.AuthenticationLength)]),
            ChecksumPseudoHeader = router.ChecksumPseudoHeader,
        };

    /// <summary>The addresses as a message holds them.</summary>
    internal byte[] AddressBytes()
    {
        var size = Family.AddressLength();
        var bytes = new byte[Addresses.Count * size];
        for (var i = 0; i < Addresses.Count; i++) Addresses[i].Write(bytes.AsSpan(i * size));
        return bytes;
    }

    /// <summary>Eight bytes, filled up with zeros; HMAC does the same with its key.</summary>
    internal byte[] PasswordBytes()
    {
        var bytes = new byte[VrrpAdvertisement.AuthenticationLength];
        for (var i = 0; i < Math.Min(bytes.Length, Password.Count); i++) bytes[i] = Password[i];
        return bytes;
    }
}
