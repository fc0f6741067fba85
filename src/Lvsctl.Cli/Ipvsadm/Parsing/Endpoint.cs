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
        // A port alone, or nothing.
        if (!text.AsSpan().ContainsAnyExceptInRange('0', '9')) return null;
        var host = text.AsSpan();
        ReadOnlySpan<char> port = default;
        var hasPort = false;
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']');
            if (end < 0 || end + 1 == text.Length || text[end + 1] != ':') return null;
            port = text.AsSpan(end + 2);
            hasPort = true;
            host = text.AsSpan(1, end - 1);
        }

        if (InternetAddress.ParseIPv6(host) is not { } address)
        {
            // Brackets around anything else than an IPv6 address go, and with them the port behind.
            var colon = host.LastIndexOf(':');
            hasPort = colon >= 0;
            port = hasPort ? host[(colon + 1)..] : default;
            if (hasPort) host = host[..colon];
            if ((InternetAddress.ParseIPv4(host) ?? names.HostAddress(host.ToString())) is not { } found) return null;
            address = found;
        }

        if (!hasPort) return new Endpoint(address, null);
        if (DecimalNumber.TryParse(port, 0, ushort.MaxValue, out var number)) return new Endpoint(address, (ushort)number);
        return protocol.Name() is { } name && names.ServicePort(port.ToString(), name) is { } named ? new Endpoint(address, named) : null;
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
