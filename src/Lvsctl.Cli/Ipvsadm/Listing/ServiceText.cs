using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary>The words for services and servers that listings use.</summary>
static class ServiceText
{
    public static string Name(ServiceKey key, EndpointNames names) => key.IsFirewallMark
        ? key.Family == IpFamily.IPv6 ? $"FWM  {key.FirewallMark} IPv6" : $"FWM  {key.FirewallMark}"
        : $"{ProtocolName(key.Protocol),-4} {names.ColumnText(key.Protocol, key.Address, key.Port)}";

    static string ProtocolName(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => "TCP",
        TransportProtocol.Udp => "UDP",
        TransportProtocol.Sctp => "SCTP",
        _ => "?",
    };

    /// <summary>What follows the name: <c>wlc (flag-1) persistent 300 mask 255.255.255.0 pe sip ops</c>.</summary>
    public static string Settings(VirtualService service)
    {
        var text = service.Scheduler;
        if ((service.Flags & ServiceFlags.SchedulerFlags) != 0) text += $" ({SchedulerFlagNames.Text(service.Scheduler, service.Flags)})";
        if (service.IsPersistent)
        {
            text += $" persistent {service.PersistenceTimeout}";
            if (Netmask(service) is { } mask) text += $" mask {mask}";
            if (service.PersistenceEngine is { } engine) text += $" pe {engine}";
        }
        return (service.Flags & ServiceFlags.OnePacket) != 0 ? text + " ops" : text;
    }

    /// <summary>255.255.255.0 or, for IPv6, 64; null when every client counts for itself.</summary>
    public static string? Netmask(VirtualService service)
    {
        if (service.Netmask == VirtualService.WholeAddress(service.Key.Family)) return null;
        return service.Key.Family == IpFamily.IPv6 ? $"{service.Netmask}" : TableWords.DottedMask(service.Netmask);
    }

    public static string Forward(ForwardingMethod forward) => forward switch
    {
        ForwardingMethod.Nat => "Masq",
        ForwardingMethod.Local => "Local",
        ForwardingMethod.Tunnel => "Tunnel",
        _ => "Route",
    };

    /// <summary><c>ipip</c>, <c>gue:6080:+c</c>, <c>gre:-c</c>.</summary>
    public static string Tunnel(RealServer server)
    {
        if (server.Forward != ForwardingMethod.Tunnel) return "n/a";
        var tunnel = server.Tunnel;
        var name = TableWords.Of(tunnel.Type);
        var checksum = tunnel.Checksum switch
        {
            TunnelChecksum.RemoteChecksum => "r+c",
            TunnelChecksum.Checksum => "+c",
            _ => "-c",
        };
        return tunnel.Type switch
        {
            TunnelType.Gue => $"{name}:{tunnel.Port}:{checksum}",
            TunnelType.Gre => $"{name}:{checksum}",
            _ => name,
        };
    }
}
