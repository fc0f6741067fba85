using System.Net;

namespace Lvsctl.Core.Model;

/// <summary><c>IP_VS_STATE_*</c> (linux/ip_vs.h).</summary>
public enum SyncState : uint
{
    Master = 1,
    Backup = 2,
}

/// <summary>One of the kernel's two connection-sync daemons. A zero or null setting means the kernel's default, which it then reports.</summary>
public sealed record SyncDaemon(SyncState State, string Interface)
{
    /// <summary>At most 15 bytes (IFNAMSIZ).</summary>
    public string Interface { get; init; } = Interface;

    /// <summary>0..255; on a backup 0 takes every master's messages.</summary>
    public uint SyncId { get; init; }

    /// <summary>Bytes, 1..65507; the kernel's default follows the link's MTU (1472 at 1500).</summary>
    public ushort MaxMessageLength { get; init; }

    /// <summary>Multicast group, IPv4 or IPv6; default 224.0.0.81.</summary>
    public IPAddress? Group { get; init; }

    /// <summary>UDP port; default 8848.</summary>
    public ushort Port { get; init; }

    /// <summary>Default 1.</summary>
    public byte Ttl { get; init; }
}

/// <summary>Time-outs of connection entries, in seconds, 0..2678400; 0 leaves the one in force.</summary>
public readonly record struct ConnectionTimeouts(uint Tcp, uint TcpFin, uint Udp);
