namespace Lvsctl.Core.Model;

/// <summary><c>IP_VS_CONN_F_TUNNEL_TYPE_*</c> (linux/ip_vs.h, Linux 5.3).</summary>
public enum TunnelType : byte
{
    Ipip = 0,
    Gue = 1,
    Gre = 2,
}

/// <summary>Checksum of the outer header: <c>IP_VS_TUNNEL_ENCAP_FLAG_*</c> (linux/ip_vs.h).</summary>
[Flags]
public enum TunnelChecksum : ushort
{
    None = 0,
    Checksum = 1,

    /// <summary>Remote checksum offload, GUE only.</summary>
    RemoteChecksum = 2,
}

/// <summary>Encapsulation towards one real server; means something in <see cref="ForwardingMethod.Tunnel"/> only.</summary>
/// <param name="Port">UDP destination port, for GUE only.</param>
public readonly record struct Tunnel(TunnelType Type, ushort Port = 0, TunnelChecksum Checksum = TunnelChecksum.None)
{
    /// <summary>IP in IP (or IPv6 in IPv6): what every real server gets that asks for nothing else.</summary>
    public static Tunnel Ipip => default;
}
