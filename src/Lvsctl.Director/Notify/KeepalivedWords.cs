using System.Globalization;
using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Model;

namespace Lvsctl.Director.Notify;

/// <summary>
/// What keepalived tells of health (lvs_notify_fifo in keepalived.conf(5)): <c>RS [1.2.3.4]:tcp:80 [10.0.0.1]:tcp:80 UP</c> and
/// <c>VS [10.0.0.1]:tcp:80 DOWN</c>; and of VRRP (notify): <c>INSTANCE edge MASTER 200</c> and, of a sync group, <c>GROUP pair BACKUP 0</c>. It
/// knows addresses of services only, and one of ours may have several: the first stands for it.
/// </summary>
static class KeepalivedWords
{
    /// <summary>None for what keepalived has no words for. Names stand for what is not in the cluster any more.</summary>
    public static IReadOnlyList<string> Of(DirectorEvent what, ClusterSpec cluster)
    {
        if (what.Kind == EventKinds.VrrpTransition) return OfRouter("INSTANCE", what[EventFields.Router], what);
        if (what.Kind == EventKinds.VrrpGroup) return OfRouter("GROUP", what[EventFields.SyncGroup], what);
        if (what.Service is not { } name) return [];
        var service = cluster.Services.FirstOrDefault(s => s.Name == name);
        var key = service?.Listen[0];
        var virtualAddress = key is { } known ? Text(known) : name;
        if (what.Kind == EventKinds.ServiceQuorum) return ["VS", virtualAddress, "UP"];
        if (what.Kind == EventKinds.ServiceNoQuorum) return ["VS", virtualAddress, "DOWN"];
        if (what.Kind != EventKinds.ServerUp && what.Kind != EventKinds.ServerDown || what.Server is not { } serverName) return [];
        var server = service?.Servers.FirstOrDefault(s => s.Name == serverName) ?? (service?.Fallback?.Name == serverName ? service.Fallback : null);
        var realAddress = server is null || key is not { } at ? serverName : at.IsFirewallMark ? $"[{server.Address}]" : Text(server.Address, at.Protocol, server.Port ?? at.Port);
        return ["RS", realAddress, virtualAddress, what.Kind == EventKinds.ServerUp ? "UP" : "DOWN"];
    }

    // A master that leaves is none any more, and what it becomes is told when it has.
    static IReadOnlyList<string> OfRouter(string kind, string? name, DirectorEvent what)
    {
        var state = what[EventFields.To] switch
        {
            "master" => "MASTER",
            "backup" => "BACKUP",
            "fault" => "FAULT",
            "stopped" => "STOP",
            _ => null,
        };
        return state is null || name is null ? [] : [kind, name, state, what[EventFields.OwnPriority] ?? "0"];
    }

    static string Text(ServiceKey key) => key.IsFirewallMark ? string.Create(CultureInfo.InvariantCulture, $"FWM {key.FirewallMark}") : Text(key.Address, key.Protocol, key.Port);

    static string Text(IPAddress address, TransportProtocol protocol, ushort port) =>
        string.Create(CultureInfo.InvariantCulture, $"[{address}]:{protocol.ToString().ToLowerInvariant()}:{port}");
}
