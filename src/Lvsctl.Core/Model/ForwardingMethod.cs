namespace Lvsctl.Core.Model;

/// <summary>How packets reach the real server: <c>IP_VS_CONN_F_FWD_MASK</c> values (linux/ip_vs.h).</summary>
public enum ForwardingMethod : uint
{
    /// <summary>Masquerading: the director rewrites both directions.</summary>
    Nat = 0,

    /// <summary>The director itself is the server. The kernel reports it; nobody asks for it.</summary>
    Local = 1,

    Tunnel = 2,

    /// <summary>Gatewaying: only the destination MAC changes, so the real server shares the link and answers by itself.</summary>
    DirectRouting = 3,

    /// <summary>Transparent-cache bypass; the kernel's own use.</summary>
    Bypass = 4,
}
