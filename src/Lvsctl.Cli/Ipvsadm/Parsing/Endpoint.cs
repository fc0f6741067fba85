using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

/// <summary><c>10.0.0.1:80</c>, <c>www:http</c>, <c>[2001:db8::1]:80</c>, <c>2001:db8::1</c>. The port may be missing.</summary>
readonly record struct Endpoint(IPAddress Address, ushort? Port)
{
    /// <param name="protocol">Whose service names a port may have; none before the service is known.</param>
    public static Endpoint? Parse(string text, TransportProtocol protocol, INames names)
    {
        if (IsNumber(text)) return null;
        var host = text;
        string? port = null;
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']');
            if (end < 0 || end + 1 == text.Length || text[end + 1] != ':') return null;
            host = text[1..end];
            port = text[(end + 2)..];
        }

        if (InternetAddress.ParseIPv6(host) is not { } address)
        {
            // Brackets around anything else than an IPv6 address go, and with them the port behind.
            var colon = host.LastIndexOf(':');
            port = colon < 0 ? null : host[(colon + 1)..];
            if (colon >= 0) host = host[..colon];
            if ((InternetAddress.ParseIPv4(host) ?? names.HostAddress(host)) is not { } found) return null;
            address = found;
        }

        if (port is null) return new Endpoint(address, null);
        if (DecimalNumber.TryParse(port, 0, ushort.MaxValue, out var number)) return new Endpoint(address, (ushort)number);
        return protocol.Name() is { } name && names.ServicePort(port, name) is { } named ? new Endpoint(address, named) : null;
    }

    // A port alone, or nothing.
    static bool IsNumber(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
        }
        return true;
    }
}

static class ProtocolNames
{
    /// <summary>As /etc/services has it; null for a protocol without services.</summary>
    public static string? Name(this TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => "tcp",
        TransportProtocol.Udp => "udp",
        TransportProtocol.Sctp => "sctp",
        _ => null,
    };
}
