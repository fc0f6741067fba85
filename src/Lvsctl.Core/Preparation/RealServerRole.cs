using System.Net;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Preparation;

/// <summary>
/// A virtual address for which this host is a real server, and how packets for it arrive. In direct routing and in a tunnel they arrive
/// with the virtual address as destination, so the host must hold it, on a device that does not tell the network about it.
/// </summary>
/// <param name="Forward"><see cref="ForwardingMethod.DirectRouting"/> or <see cref="ForwardingMethod.Tunnel"/>; NAT needs nothing of the kind.</param>
public readonly record struct RealServerRole(IPAddress Vip, ForwardingMethod Forward)
{
    /// <summary>The device that holds the address: <c>lo</c>, or the tunnel device that takes packets from any director.</summary>
    public string Device => Forward != ForwardingMethod.Tunnel ? "lo" : Vip.Family() == IpFamily.IPv6 ? "ip6tnl0" : "tunl0";

    /// <summary>The kernel's word for such a tunnel, which also finds its module; null where no tunnel is needed.</summary>
    public string? TunnelKind => Forward != ForwardingMethod.Tunnel ? null : Vip.Family() == IpFamily.IPv6 ? "ip6tnl" : "ipip";

    /// <summary>32 or 128: the address alone, never the network around it.</summary>
    public int PrefixLength => Vip.Family().AddressLength() * 8;

    /// <summary><c>192.168.1.200 dr</c>.</summary>
    public override string ToString() => $"{Vip} {ForwardName(Forward)}";

    public static string ForwardName(ForwardingMethod forward) => forward == ForwardingMethod.Tunnel ? "tun" : "dr";

    /// <summary>Reads a virtual address; null when it can be none, with the reason.</summary>
    public static IPAddress? ParseVip(string text, out string? problem)
    {
        // TryParse alone takes "1" for 0.0.0.1, and what it takes must read back the same for IPv4.
        if (!IPAddress.TryParse(text, out var address) || (address.Family() == IpFamily.IPv4 && address.ToString() != text))
        {
            problem = $"'{text}' is no IP address";
            return null;
        }
        problem = Refusal(address) is { } why ? $"{text} cannot be a virtual address: {why}" : null;
        return problem is null ? address : null;
    }

    static string? Refusal(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (address.Family() == IpFamily.IPv4)
        {
            return bytes[0] switch
            {
                0 => "0.0.0.0/8 means this network",
                127 => "127.0.0.0/8 is loopback",
                >= 224 and < 240 => "it is a multicast address",
                >= 240 => "240.0.0.0/4 is reserved",
                _ => null,
            };
        }
        if (address.Equals(IPAddress.IPv6Any)) return "it is the unspecified address";
        if (address.Equals(IPAddress.IPv6Loopback)) return "it is loopback";
        if (address.IsIPv6Multicast) return "it is a multicast address";
        if (address.IsIPv6LinkLocal || address.ScopeId != 0) return "a link-local address is good on one link only";
        if (address.IsIPv4MappedToIPv6) return "write the IPv4 address itself";
        return null;
    }
}
