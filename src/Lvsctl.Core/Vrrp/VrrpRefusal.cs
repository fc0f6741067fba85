namespace Lvsctl.Core.Vrrp;

/// <summary>Why a packet was not accepted, in the order in which it is looked at.</summary>
public enum VrrpRefusal
{
    None,

    /// <summary>Neither VRRP (112) nor an authentication header (51).</summary>
    Protocol,

    /// <summary>Our router wants one, and there is none.</summary>
    NoAuthenticationHeader,

    /// <summary>There is one, and our router wants none.</summary>
    UnwantedAuthenticationHeader,

    /// <summary>Shorter than its header, its address count and its authentication data.</summary>
    TooShort,

    /// <summary>It is for another virtual router.</summary>
    RouterId,

    /// <summary>Multicast with a TTL or hop limit other than 255: it came from another network. Or less than a unicast peer's must be.</summary>
    HopLimit,

    /// <summary>The sender speaks another version of VRRP for this router.</summary>
    Version,

    /// <summary>The authentication header is not one for VRRP with HMAC-MD5-96, or its SPI is not the sender's address.</summary>
    AuthenticationHeader,

    /// <summary>Another password, or the packet was changed on its way.</summary>
    AuthenticationCode,

    /// <summary>The sender's sequence number did not rise: an old packet was sent again.</summary>
    Replay,

    /// <summary>Version 2: none, password and authentication header do not mix.</summary>
    AuthenticationType,

    Password,

    /// <summary>Version 2: not ours. Version 3: zero.</summary>
    Interval,

    /// <summary>Not an advertisement.</summary>
    Type,

    /// <summary>No addresses, or more bytes than they explain.</summary>
    AddressCount,

    Checksum,

    /// <summary>Multicast although our router uses unicast, or the other way round.</summary>
    Mode,

    /// <summary>Our own address: a packet of ours that came back, or another host that has the same address.</summary>
    OwnAddress,

    /// <summary>Unicast from somebody who is not a configured peer.</summary>
    UnknownPeer,
}

/// <summary>What was odd about a packet that was accepted.</summary>
[Flags]
public enum VrrpRemarks
{
    None = 0,

    /// <summary>The sender's list of addresses is not ours, as it is while an edit is rolled out.</summary>
    Addresses = 1,

    /// <summary>Version 3: not our interval. A backup adopts the master's.</summary>
    Interval = 2,

    /// <summary>Version 3 over IPv4: the checksum is of the form that we do not send.</summary>
    ChecksumForm = 4,
}
