using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lvsctl.Core.Model;

namespace Lvsctl.Manifests.Format;

/// <summary>Addresses and ports as text, without the liberties of inet_aton: 10.8 and 010.0.0.8 are no addresses.</summary>
static class IpText
{
    static readonly System.Buffers.SearchValues<char> IPv6Characters = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF:.");

    public static IPAddress? Address(ReadOnlySpan<char> text)
    {
        if (!text.Contains(':')) return IPv4(text);
        // Scopes (fe80::1%eth0) are of this host, and a manifest is everybody's.
        if (text.Length > 45 || text.ContainsAnyExcept(IPv6Characters)) return null;
        return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;
    }

    static IPAddress? IPv4(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < 4; i++)
        {
            var end = i < 3 ? text.IndexOf('.') : text.Length;
            if (end is <= 0 or > 3 || (end > 1 && text[0] == '0')) return null;
            if (!byte.TryParse(text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i])) return null;
            text = i < 3 ? text[(end + 1)..] : [];
        }
        return new IPAddress(bytes);
    }

    /// <summary>1..65535 without a sign or leading zeros, or 0.</summary>
    public static ushort Port(ReadOnlySpan<char> text) =>
        text is ['0', ..] || !ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? (ushort)0 : port;

    /// <summary><c>10.0.0.1</c>, <c>10.0.0.1:80</c>, <c>2001:db8::1</c>, <c>[2001:db8::1]:80</c>: address and what follows its colon, or null.</summary>
    public static (IPAddress Address, string? After)? Split(string text)
    {
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']');
            if (close < 0 || !text.AsSpan(1, close - 1).Contains(':') || Address(text.AsSpan(1, close - 1)) is not { } v6) return null;
            if (close == text.Length - 1) return (v6, null);
            return text[close + 1] == ':' ? (v6, text[(close + 2)..]) : null;
        }
        var colon = text.IndexOf(':');
        if (colon < 0 || text.IndexOf(':', colon + 1) >= 0) return Address(text) is { } bare ? (bare, null) : null;
        return IPv4(text.AsSpan(0, colon)) is { } v4 ? (v4, text[(colon + 1)..]) : null;
    }

    /// <summary>Why nobody can be reached at this address; null if somebody can.</summary>
    public static string? Unusable(IPAddress address, bool allowLinkLocal = false)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (address.Family() == IpFamily.IPv4)
        {
            return bytes[0] switch
            {
                0 => "0.0.0.0/8 means this network",
                >= 224 and < 240 => "it is a multicast address",
                >= 240 => "240.0.0.0/4 is reserved",
                _ => null,
            };
        }
        if (bytes[0] == 0xFF) return "it is a multicast address";
        if (address.Equals(IPAddress.IPv6Any)) return "it is the unspecified address";
        if (address.IsIPv4MappedToIPv6) return "write the IPv4 address itself";
        return address.IsIPv6LinkLocal && !allowLinkLocal ? "a link-local address is good on one link only" : null;
    }
}
