using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>From the entries of a service to its servers, and what must hold between them and with their service.</summary>
/// <param name="service">As far as it is read.</param>
/// <param name="checkPlace">Where the service's check stands.</param>
sealed class ServerRules(ServiceSpec service, Place checkPlace, ReadContext context)
{
    readonly List<ServerSpec> _servers = [];
    readonly Dictionary<string, Place> _names = [];
    readonly Dictionary<(int Listen, RealServerKey Key), string> _keys = [];
    int _listens = Math.Min(1, service.Listen.Count);

    public ValueList<ServerSpec> Expand(IReadOnlyList<KeyValuePair<Entry, ServerEntry>> entries)
    {
        // With ports of their own, servers can meet on one of the service's ports and not on another.
        if (entries.Any(e => e.Value.Port is not null)) _listens = service.Listen.Count;
        foreach (var (entry, server) in entries)
        {
            if (!context.Services.HasRoomFor(service, server.Range?.Count ?? 1, entry.Place, context)) break;
            if (server.Address is { } address) Add(ToSpec(entry.Key, address, server), entry.Place);
            foreach (var member in server.Range ?? []) Add(ToSpec($"{entry.Key}-{member.Suffix}", member.Address, server), entry.Place);
            Check(entry, server, _servers[^1]);
        }
        return _servers.ToValueList();
    }

    ServerSpec ToSpec(string name, IPAddress address, ServerEntry server) => new(name, address)
    {
        Port = server.Port,
        Weight = server.Weight,
        UpperThreshold = server.Connections.Upper,
        LowerThreshold = server.Connections.Lower,
        Forward = server.Forward ?? service.Forward,
        Check = server.Check is { } own ? own.Check : service.Check,
    };

    void Add(ServerSpec server, Place place)
    {
        _servers.Add(server);
        if (!_names.TryAdd(server.Name, place))
        {
            context.Complain(Code.NameTaken, place,
                $"there is a server '{server.Name}' already, from {context.Report.Describe(_names[server.Name], place)}; give one of the entries another name");
        }
        for (var listen = 0; listen < _listens; listen++)
        {
            var key = new RealServerKey(server.Address, DesiredTableBuilder.Port(server, service.Listen[listen]));
            if (_keys.TryAdd((listen, key), server.Name)) continue;
            context.Complain(Code.ServerTaken, place,
                $"server '{server.Name}' is {key} of {service.Listen[listen]}, and so is '{_keys[(listen, key)]}'");
            break;
        }
    }

    // Of a range, one member speaks for all.
    void Check(Entry entry, ServerEntry written, ServerSpec server)
    {
        CheckFamily(server, service, entry.Place, context);
        CheckPort(server, service, written.PortPlace, context);
        foreach (var listen in service.Listen)
        {
            if (listen.Port == 0 && server.Check is not null)
            {
                CheckRules.CheckUse(server.Check, listen, server.Port, written.Check is null ? checkPlace : entry.Place, context);
            }
        }
    }

    public static void CheckPort(ServerSpec server, ServiceSpec service, Place place, ReadContext context)
    {
        if (server.Port is not { } port || service.Listen.Count == 0) return;
        foreach (var listen in service.Listen)
        {
            if (DesiredTableBuilder.Port(server, listen) == port) return;
        }
        context.Complain(Code.PortIgnored, place,
            $"port {port} has no effect: {ForwardFormat.WithBrief.Show(new(server.Forward.Method))} keeps the port that the client asked for{(service.Listen is [{ Port: > 0 and var asked }] ? $", {asked}" : "")}");
    }

    public static void CheckFamily(ServerSpec server, ServiceSpec service, Place place, ReadContext context)
    {
        var family = server.Address.Family();
        foreach (var listen in service.Listen)
        {
            if (listen.Family == family) continue;
            if (server.Forward.Method != ForwardingMethod.Tunnel)
            {
                context.Complain(Code.MixedFamilies, place,
                    $"{server.Address} is {family} and '{listen}' is {listen.Family}: that takes a tunnel (forward: tun)");
            }
            else if (context.Services.SyncConnections is { } sync)
            {
                context.Complain(Code.MixedWithSync, place,
                    $"{server.Address} is {family} and '{listen}' is {listen.Family}, which the kernel refuses together with connection sync ({context.Report.Describe(sync, place)})");
            }
            return;
        }
    }
}
