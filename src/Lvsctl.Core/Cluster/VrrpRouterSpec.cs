using System.Net;

namespace Lvsctl.Core.Cluster;

/// <summary>A virtual router: addresses that the directors hold one at a time.</summary>
/// <param name="Id">Virtual router id, 1..255.</param>
public sealed record VrrpRouterSpec(string Name, string Interface, byte Id)
{
    public const int DefaultPriority = 100;
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    /// <summary>2 (RFC 3768) or 3 (RFC 9568).</summary>
    public int Version { get; init; } = 3;

    /// <summary>Between advertisements: 10 ms .. 40.95 s in version 3, whole seconds 1..255 in version 2.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;

    /// <summary>By director; one that is not named takes no part. Empty: every host that reads this takes part with <see cref="DefaultPriority"/>.</summary>
    public ValueList<DirectorPriority> Priorities { get; init; } = [];

    /// <summary>For a host that is not among <see cref="Priorities"/> because the manifest names no directors.</summary>
    public byte Priority { get; init; } = DefaultPriority;

    /// <summary>Advertised, in this order.</summary>
    public ValueList<VirtualAddress> Addresses { get; init; } = [];

    /// <summary>Held as well, but not advertised: where more are needed than a packet holds, or of the other family.</summary>
    public ValueList<VirtualAddress> Excluded { get; init; } = [];

    public bool Preempt { get; init; } = true;

    /// <summary>How long a better router waits before it takes over.</summary>
    public TimeSpan PreemptDelay { get; init; }

    /// <summary>Adverts are ignored and timers held for so long after the start.</summary>
    public TimeSpan StartDelay { get; init; }

    /// <summary>Null: multicast.</summary>
    public UnicastSpec? Unicast { get; init; }

    /// <summary>Null: the interface's first address.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Version 2 only.</summary>
    public VrrpAuthentication? Authentication { get; init; }

    /// <summary>Version 3 over IPv4: whether the checksum that is sent covers a pseudo header. Both forms are accepted.</summary>
    public bool ChecksumPseudoHeader { get; init; } = true;

    public AnnounceSpec Announce { get; init; } = new();

    public ValueList<TrackSpec> Track { get; init; } = [];

    /// <summary>Routers of one group change state together.</summary>
    public string? SyncGroup { get; init; }

    /// <summary>Not null: the kernel's connection sync follows this router, master sending, backup receiving.</summary>
    public ConnectionSyncSpec? SyncConnections { get; init; }
}

/// <param name="Priority">1..255; 255 is the owner of the addresses.</param>
public readonly record struct DirectorPriority(string Director, byte Priority);

/// <param name="Interface">Null: the router's.</param>
public sealed record VirtualAddress(IPAddress Address, int PrefixLength, string? Interface = null, string? Label = null);

/// <param name="Peers">Empty: the other directors of the manifest.</param>
/// <param name="MinTtl">Packets of peers whose TTL is lower are refused.</param>
public sealed record UnicastSpec(ValueList<IPAddress> Peers, byte MinTtl = 1);

public enum VrrpAuthenticationKind
{
    /// <summary>Eight bytes in clear text.</summary>
    Pass,

    /// <summary>IPsec AH with HMAC-MD5-96.</summary>
    Ah,
}

public sealed record VrrpAuthentication(VrrpAuthenticationKind Kind, string PasswordFile);

/// <summary>Gratuitous ARP, or unsolicited neighbour advertisements.</summary>
public sealed record AnnounceSpec
{
    /// <summary>For each address on becoming master.</summary>
    public int Count { get; init; } = 5;

    /// <summary>When the burst is repeated once.</summary>
    public TimeSpan RepeatAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>While master; zero: never.</summary>
    public TimeSpan Refresh { get; init; }

    /// <summary>At least so long between two packets on one interface.</summary>
    public TimeSpan Spacing { get; init; }
}

/// <summary>The kernel's connection sync daemons; zero and null are the kernel's defaults.</summary>
public sealed record ConnectionSyncSpec
{
    /// <summary>Null: the router's interface.</summary>
    public string? Interface { get; init; }

    /// <summary>0..255; null: the virtual router id.</summary>
    public byte? Id { get; init; }

    public IPAddress? Group { get; init; }

    public ushort Port { get; init; }

    public byte Ttl { get; init; }

    /// <summary>Bytes, 1..65507.</summary>
    public ushort MaxLength { get; init; }
}
