using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary><c>-S</c>: the table as the command lines that make it.</summary>
/// <param name="full">With everything that ipvsadm loses: thresholds, flags of other schedulers, netmasks without persistence.</param>
sealed class SavedTable(Output output, EndpointNames names, bool full)
{
    public void WriteService(VirtualService service)
    {
        output.Write($"-A {Option(service.Key)} -s {service.Scheduler}");
        if (service.IsPersistent) output.Write($" -p {service.PersistenceTimeout}");
        if ((service.IsPersistent || full) && ServiceText.Netmask(service) is { } mask) output.Write($" -M {mask}");
        if (service.PersistenceEngine is { } engine) output.Write($" --pe {engine}");
        if ((service.Flags & ServiceFlags.OnePacket) != 0) output.Write(" -o");
        if ((service.Flags & ServiceFlags.SchedulerFlags) != 0) output.Write($" -b {SchedulerFlags(service)}");
        output.WriteLine("");
    }

    string SchedulerFlags(VirtualService service)
    {
        var unnamed = service.Scheduler is "sh" or "mh" && (service.Flags & ServiceFlags.Scheduler3) != 0;
        return full && unnamed ? SchedulerFlagNames.FullText(service.Flags) : SchedulerFlagNames.Text(service.Scheduler, service.Flags);
    }

    public void WriteServer(ServiceKey service, RealServer server)
    {
        output.Write($"-a {Option(service)} -r {names.Text(service.Protocol, server.Key.Address, server.Key.Port)} {Forward(service, server)} -w {server.Weight}");
        if (full && server.UpperThreshold != 0) output.Write($" -x {server.UpperThreshold}");
        if (full && server.LowerThreshold != 0) output.Write($" -y {server.LowerThreshold}");
        if (server.Forward == ForwardingMethod.Tunnel) WriteTunnel(server.Tunnel);
        output.WriteLine("");
    }

    void WriteTunnel(Tunnel tunnel)
    {
        output.Write($" --tun-type {TableWords.Of(tunnel.Type)}");
        if (tunnel.Type == TunnelType.Ipip) return;
        if (tunnel.Type == TunnelType.Gue) output.Write($" --tun-port {tunnel.Port}");
        output.Write(tunnel.Checksum switch
        {
            TunnelChecksum.RemoteChecksum => " --tun-remcsum",
            TunnelChecksum.Checksum => " --tun-csum",
            _ => " --tun-nocsum",
        });
    }

    public void WriteTimeouts(ConnectionTimeouts timeouts) => output.WriteLine($"--set {timeouts.Tcp} {timeouts.TcpFin} {timeouts.Udp}");

    public void WriteDaemon(SyncDaemon daemon)
    {
        output.Write($"--start-daemon {SettingsListing.StateName(daemon.State)} --mcast-interface {daemon.Interface} --syncid {daemon.SyncId}");
        if (daemon.MaxMessageLength != 0) output.Write($" --sync-maxlen {daemon.MaxMessageLength}");
        if (daemon.Group is { } group) output.Write($" --mcast-group {InternetAddress.Text(group)}");
        if (daemon.Port != 0) output.Write($" --mcast-port {daemon.Port}");
        if (daemon.Ttl != 0) output.Write($" --mcast-ttl {daemon.Ttl}");
        output.WriteLine("");
    }

    string Option(ServiceKey key)
    {
        if (key.IsFirewallMark) return key.Family == IpFamily.IPv6 ? $"-f {key.FirewallMark} -6" : $"-f {key.FirewallMark}";
        var option = key.Protocol switch
        {
            TransportProtocol.Tcp => "-t",
            TransportProtocol.Udp => "-u",
            TransportProtocol.Sctp => "--sctp-service",
            _ => "--xxx-service",
        };
        return $"{option} {names.Text(key.Protocol, key.Address, key.Port)}";
    }

    // A server on the director's own address, with a port of its own, was asked for by NAT: -g would force the service's port on it.
    string Forward(ServiceKey service, RealServer server) => server.Forward switch
    {
        ForwardingMethod.Nat => "-m",
        ForwardingMethod.Tunnel => "-i",
        ForwardingMethod.Local when full && !service.IsFirewallMark && server.Key.Port != service.Port => "-m",
        _ => "-g",
    };
}
