using System.Globalization;
using System.Net;
using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary>Writes addresses and ports, as numbers or by name; asks for each name once.</summary>
sealed class EndpointNames(INames names, bool numeric)
{
    /// <summary>A column of a listing holds this much of an IPv4 endpoint. An IPv6 one is never cut and pushes the columns aside.</summary>
    public const int ColumnWidth = 28;

    readonly Dictionary<IPAddress, string> _hosts = [];
    readonly Dictionary<(TransportProtocol, ushort), string> _services = [];

    // A pool's servers come one after the other, mostly with the same port.
    (TransportProtocol Protocol, ushort Port, string Text) _lastPort = (0, 0, "0");

    public string Text(TransportProtocol protocol, IPAddress address, ushort port)
    {
        var six = address.Family() == IpFamily.IPv6;
        var host = Host(address);
        if (_lastPort.Protocol != protocol || _lastPort.Port != port) _lastPort = (protocol, port, Port(protocol, port));
        return six ? $"[{host}]:{_lastPort.Text}" : string.Concat(host, ":", _lastPort.Text);
    }

    public string ColumnText(TransportProtocol protocol, IPAddress address, ushort port)
    {
        var text = Text(protocol, address, port);
        return text.Length > ColumnWidth && address.Family() == IpFamily.IPv4 ? text[..ColumnWidth] : text;
    }

    string Host(IPAddress address)
    {
        if (numeric) return InternetAddress.Text(address);
        if (_hosts.TryGetValue(address, out var known)) return known;
        return _hosts[address] = names.HostName(address) ?? InternetAddress.Text(address);
    }

    string Port(TransportProtocol protocol, ushort port)
    {
        if (_services.TryGetValue((protocol, port), out var known)) return known;
        var name = !numeric && protocol.Name() is { } protocolName ? names.ServiceName(port, protocolName) : null;
        return _services[(protocol, port)] = name ?? port.ToString(CultureInfo.InvariantCulture);
    }
}
