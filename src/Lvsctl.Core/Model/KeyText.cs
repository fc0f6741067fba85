using System.Globalization;
using System.Net;

namespace Lvsctl.Core.Model;

/// <summary>The texts of keys, read back: what their ToString writes.</summary>
public static class KeyText
{
    /// <summary><c>tcp 10.0.0.1:80</c>, <c>udp [2001:db8::1]:53</c>, <c>fwmark 7</c>, <c>fwmark 7 ipv6</c>.</summary>
    public static bool TryReadService(string text, out ServiceKey key)
    {
        key = default;
        var words = text.Split(' ');
        if (words is ["fwmark", var number, ..] && words.Length <= 3 && uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var mark) && mark != 0)
        {
            if (words.Length == 3 && words[2] != "ipv6") return false;
            key = ServiceKey.Marked(mark, words.Length == 3 ? IpFamily.IPv6 : IpFamily.IPv4);
            return true;
        }
        TransportProtocol? protocol = words[0] switch
        {
            "tcp" => TransportProtocol.Tcp,
            "udp" => TransportProtocol.Udp,
            "sctp" => TransportProtocol.Sctp,
            _ => null,
        };
        if (protocol is null || words.Length != 2 || !TryReadServer(words[1], out var endpoint)) return false;
        key = ServiceKey.At(protocol.Value, endpoint.Address, endpoint.Port);
        return true;
    }

    /// <summary><c>10.1.0.1:80</c> or <c>[2001:db8::1]:80</c>; the port must be there.</summary>
    public static bool TryReadServer(string text, out RealServerKey key)
    {
        key = default;
        if (!text.Contains(':') || (text[0] == '[' && !text.Contains("]:", StringComparison.Ordinal)) || !IPEndPoint.TryParse(text, out var endpoint)) return false;
        // "2001:db8::1" alone reads as an address without a port.
        if (text[0] != '[' && text.AsSpan().Count(':') > 1) return false;
        key = new RealServerKey(endpoint.Address, (ushort)endpoint.Port);
        return true;
    }
}
