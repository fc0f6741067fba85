using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Cluster;

/// <summary>What the kernel's table should hold while every server is well and nobody interferes.</summary>
public static class DesiredTableBuilder
{
    public static DesiredTable Build(ClusterSpec cluster)
    {
        var services = new List<DesiredService>(cluster.Services.Count);
        foreach (var service in cluster.Services)
        {
            foreach (var key in service.Listen) services.Add(Build(service, key));
        }
        if (ProbePaths.Any(cluster)) services.AddRange(ProbePaths.Services(ProbePlan.Of(cluster)));
        return new(services);
    }

    static DesiredService Build(ServiceSpec service, ServiceKey key)
    {
        var servers = new DesiredServer[service.Servers.Count];
        for (var i = 0; i < servers.Length; i++) servers[i] = new(service.Servers[i].Name, Server(service.Servers[i], key));
        return new(service.Name, Service(service, key), servers) { MinHealthy = Math.Max(1, service.MinHealthy.Of(servers.Length)) };
    }

    public static VirtualService Service(ServiceSpec service, ServiceKey key)
    {
        var flags = service.Scheduler.Flags;
        if (service.OnePacket) flags |= ServiceFlags.OnePacket;
        var wanted = new VirtualService(key) { Scheduler = service.Scheduler.Name };
        if (service.Persistence is not { } persistence) return wanted with { Flags = flags };

        return wanted with
        {
            Flags = flags | ServiceFlags.Persistent,
            PersistenceTimeout = (uint)persistence.Timeout.TotalSeconds,
            Netmask = persistence.Netmask ?? wanted.Netmask,
            PersistenceEngine = persistence.Engine,
        };
    }

    /// <summary>The real server behind one of its service's keys.</summary>
    public static RealServer Server(ServerSpec server, ServiceKey service) =>
        new(new(server.Address, Port(server, service)))
        {
            Forward = server.Forward.Method,
            Weight = server.Weight,
            UpperThreshold = server.UpperThreshold,
            LowerThreshold = server.LowerThreshold,
            Tunnel = server.Forward.Tunnel,
        };

    /// <summary>Only NAT can change the port; with the others the kernel would store a port that it then ignores.</summary>
    public static ushort Port(ServerSpec server, ServiceKey service) =>
        server.Forward.Method == ForwardingMethod.Nat || service.IsFirewallMark ? server.Port ?? service.Port : service.Port;
}
