using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests.Writing;

/// <summary>
/// Puts a kernel's table into the words of a manifest, under names made of the addresses. What the kernel holds and no manifest can say
/// (most of it is ignored by the kernel, too) is said as near as can be, with a remark.
/// </summary>
public static class TableExport
{
    const uint LongestTimeout = 31 * 86_400;

    /// <param name="table">In the order that the manifest shall have.</param>
    /// <param name="timeouts">Zero or null: left as they are.</param>
    public static ExportedTable Of(IEnumerable<(VirtualService Service, IReadOnlyList<RealServer> Servers)> table, ConnectionTimeouts? timeouts = null, params IEnumerable<string> remarks)
    {
        var names = new Names();
        var services = new List<ExportedService>();
        var about = remarks.ToList();
        foreach (var (service, servers) in table)
        {
            if (NotAService(service) is { } why) about.Add($"{service.Key} is left out: {why}");
            else services.Add(Service(service, servers, names.Of(service.Key)));
        }
        return new(services, Timeouts(timeouts), about);
    }

    static string? NotAService(VirtualService service)
    {
        var key = service.Key;
        if (key.IsFirewallMark) return null;
        if (key.Protocol is not (TransportProtocol.Tcp or TransportProtocol.Udp or TransportProtocol.Sctp)) return "the kernel balances no such protocol";
        if (IpText.Unusable(key.Address) is { } why) return why;
        return key.Port == 0 && !service.IsPersistent ? "every port without persistence, which the kernel does not balance" : null;
    }

    static ExportedService Service(VirtualService service, IReadOnlyList<RealServer> servers, string name)
    {
        var remarks = new List<string>();
        var spec = new ServiceSpec(name)
        {
            Listen = [service.Key],
            Scheduler = new(service.Scheduler, service.Flags & ServiceFlags.SchedulerFlags),
            Persistence = Persistence(service, remarks),
            OnePacket = OnePacket(service, remarks),
        };
        var exported = new ServerExport(service.Key, remarks).Of(servers);
        spec = spec with
        {
            // What most of them do is said once.
            Forward = exported.GroupBy(s => s.Spec.Forward).OrderByDescending(g => g.Count()).Select(g => g.Key).FirstOrDefault(ForwardSpec.Default),
            Servers = exported.Select(s => s.Spec).ToValueList(),
        };
        return new(spec, exported, remarks);
    }

    static PersistenceSpec? Persistence(VirtualService service, List<string> remarks)
    {
        var engine = service.PersistenceEngine;
        if (engine is not null && !IsUsable(engine, service))
        {
            remarks.Add($"persistence engine '{engine}' is left out: {(service.IsPersistent ? "only sip over UDP works" : "without persistence it does nothing")}");
            engine = null;
        }
        if (!service.IsPersistent) return null;

        var seconds = Math.Clamp(service.PersistenceTimeout, 1, LongestTimeout);
        if (seconds != service.PersistenceTimeout) remarks.Add($"the kernel has a persistence of {service.PersistenceTimeout} s, which is not in 1 s .. 31 d");
        if (service.Netmask == 0) remarks.Add("the kernel's netmask 0.0.0.0, which sends all clients to one server, is left out");
        return new(TimeSpan.FromSeconds(seconds))
        {
            Netmask = service.Netmask == 0 || service.Netmask == VirtualService.WholeAddress(service.Key.Family) ? null : service.Netmask,
            Engine = engine,
        };
    }

    static bool IsUsable(string engine, VirtualService service) =>
        service.IsPersistent && engine == "sip" && (service.Key.IsFirewallMark || service.Key.Protocol == TransportProtocol.Udp);

    static bool OnePacket(VirtualService service, List<string> remarks)
    {
        if ((service.Flags & ServiceFlags.OnePacket) == 0) return false;
        if (service.Key.IsFirewallMark || service.Key.Protocol == TransportProtocol.Udp) return true;
        remarks.Add("one-packet is left out: it breaks whatever is not UDP");
        return false;
    }

    static TimeoutsSpec? Timeouts(ConnectionTimeouts? timeouts)
    {
        static TimeSpan? Span(uint seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
        return timeouts is null || timeouts == default(ConnectionTimeouts) ? null : new(Span(timeouts.Value.Tcp), Span(timeouts.Value.TcpFin), Span(timeouts.Value.Udp));
    }
}

/// <summary>The servers of one service.</summary>
/// <param name="remarks">Of the service: for servers that are left out.</param>
sealed class ServerExport(ServiceKey service, List<string> remarks)
{
    readonly Names _names = new();
    HashSet<RealServerKey> _taken = [];

    public List<ExportedServer> Of(IReadOnlyList<RealServer> servers)
    {
        _taken = [.. servers.Select(s => s.Key)];
        var twins = servers.GroupBy(s => s.Key.Address).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        var exported = new List<ExportedServer>(servers.Count);
        foreach (var server in servers)
        {
            if (Export(server, twins.Contains(server.Key.Address)) is { } done) exported.Add(done);
        }
        return exported;
    }

    ExportedServer? Export(RealServer server, bool hasTwin)
    {
        var about = new List<string>();
        if (IpText.Unusable(server.Key.Address) is { } unusable) return LeftOut(server, unusable);
        if (Forward(server, about) is not { } forward) return LeftOut(server, "the kernel uses a way to forward that nobody can ask for");

        var spec = new ServerSpec(_names.Of(server.Key, withPort: hasTwin), server.Key.Address)
        {
            Port = server.Key.Port == service.Port || server.Key.Port == 0 ? null : server.Key.Port,
            Weight = server.Weight,
            UpperThreshold = Threshold(server, server.UpperThreshold, about),
            LowerThreshold = Threshold(server, server.LowerThreshold, about),
            Forward = forward,
        };
        var port = DesiredTableBuilder.Port(spec, service);
        if (port == server.Key.Port) return new(spec, about);
        if (!_taken.Add(server.Key with { Port = port })) return LeftOut(server, $"the kernel ignores its port, and there is {server.Key with { Port = port }} already");
        about.Add($"the kernel has {server.Key}, but sends packets to port {port}");
        return new(spec with { Port = null }, about);
    }

    ExportedServer? LeftOut(RealServer server, string why)
    {
        remarks.Add($"server {server.Key} is left out: {why}");
        return null;
    }

    ForwardSpec? Forward(RealServer server, List<string> about) => server.Forward switch
    {
        ForwardingMethod.Nat => new(ForwardingMethod.Nat),
        ForwardingMethod.DirectRouting => new(ForwardingMethod.DirectRouting),
        ForwardingMethod.Tunnel => Tunnel(server, about),
        // One of the director's own addresses: the kernel no longer knows what was asked. Only NAT may have a port of its own, only a
        // tunnel another family.
        ForwardingMethod.Local => server.Key.Address.Family() != service.Family ? new(ForwardingMethod.Tunnel)
            : server.Key.Port == service.Port || service.IsFirewallMark ? new(ForwardingMethod.DirectRouting)
            : new(ForwardingMethod.Nat),
        _ => null,
    };

    static ForwardSpec? Tunnel(RealServer server, List<string> about)
    {
        var tunnel = server.Tunnel;
        if (tunnel.Type is TunnelType.Ipip) return new(ForwardingMethod.Tunnel);
        if (tunnel.Type is not (TunnelType.Gue or TunnelType.Gre) || tunnel is { Type: TunnelType.Gue, Port: 0 }) return null;

        var fits = tunnel.Checksum is TunnelChecksum.None or TunnelChecksum.Checksum || tunnel is { Type: TunnelType.Gue, Checksum: TunnelChecksum.RemoteChecksum };
        if (!fits) about.Add("the kernel has checksum flags that this kind of tunnel does not have");
        return new(ForwardingMethod.Tunnel, new(tunnel.Type, tunnel.Type == TunnelType.Gue ? tunnel.Port : (ushort)0, fits ? tunnel.Checksum : TunnelChecksum.None));
    }

    static uint Threshold(RealServer server, uint connections, List<string> about)
    {
        if (connections <= int.MaxValue) return connections;
        about.Add($"the kernel has a limit of {connections} connections for {server.Key}; {int.MaxValue} is the highest that can be written");
        return int.MaxValue;
    }
}

/// <summary>Names made of addresses: the same for the same, and each once.</summary>
sealed class Names
{
    readonly HashSet<string> _taken = [];

    public string Of(ServiceKey key) => Unique(key.IsFirewallMark
        ? $"fwmark-{key.FirewallMark}{(key.Family == IpFamily.IPv6 ? "-ipv6" : "")}"
        : $"{key.Protocol.ToString().ToLowerInvariant()}-{Word(key.Address)}-{(key.Port == 0 ? "all" : key.Port)}");

    public string Of(RealServerKey key, bool withPort) => Unique($"rs-{Word(key.Address)}{(withPort ? $"-{key.Port}" : "")}");

    static string Word(IPAddress address) => address.ToString().Replace('.', '-').Replace(':', '-');

    string Unique(string name)
    {
        var unique = name;
        for (var number = 2; !_taken.Add(unique); number++) unique = $"{name}.{number}";
        return unique;
    }
}
