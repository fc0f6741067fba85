using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.Running;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Names;

namespace Lvsctl.Director.Status;

/// <summary>Puts a <see cref="StatusDocument"/> together.</summary>
public static class StatusReport
{
    public static StatusDocument WithoutManifest(IpvsInfo info, IReadOnlyList<ObservedPool> table) => new(
        info.Version.ToString(3), info.ConnectionTableSize,
        [.. table.OrderBy(p => p.Service.Service.Key, KeyOrder.Instance).Select(p => Service(null, p.Service.Service, p.Service, null, StatusOrigin.Unknown,
            [.. p.Servers.OrderBy(s => s.Server.Key, KeyOrder.Instance).Select(s => Server(null, s.Server, s, null, null, null, null))]))],
        null, null);

    /// <param name="health">Null: nothing is known.</param>
    public static StatusDocument Of(IpvsInfo info, PlannedTable planned, DirectorState state, HealthFacts? health, StatusDaemon? daemon = null)
    {
        var plan = planned.Plan;
        var pools = planned.Observed.ToDictionary(p => p.Service.Service.Key);
        var changes = plan.Steps.Where(s => s.Action == PlanAction.Change).ToDictionary(s => (s.ServiceKey, s.ServerKey), s => s.Fields);
        var foreign = plan.Foreign.Select(f => (f.Service, f.Server)).ToHashSet();
        var probed = Probed(health);

        StatusServer Stray(ServiceKey service, ObservedServer there)
        {
            var key = there.Server.Key;
            DateTimeOffset? since = state.Leaving.TryGetValue((service, key), out var time) ? time : null;
            var note = since is { } began ? $"leaving since {TimeText.Of(began)}: no longer in the manifest"
                : foreign.Contains((service, key)) || foreign.Contains((service, null)) ? "not in the manifest"
                : "no longer in the manifest; the next apply removes it";
            return Server(null, there.Server, there, null, note, null, since);
        }

        StatusService Named(DesiredService wanted)
        {
            var key = wanted.Service.Key;
            var pool = pools.GetValueOrDefault(key);
            var there = pool?.Servers.ToDictionary(s => s.Server.Key) ?? [];
            var at = probed.GetValueOrDefault(key, -1);
            var servers = wanted.Servers.Select((server, index) =>
            {
                there.Remove(server.Server.Key, out var found);
                var entry = Wanted(wanted.Name, server, found, Pending(changes, (key, server.Server.Key)), state.Intents);
                return at < 0 ? entry : WithHealth(entry, health!, at, index);
            }).ToList();
            servers.AddRange(there.Values.OrderBy(s => s.Server.Key, KeyOrder.Instance).Select(s => Stray(key, s)));
            var service = Service(wanted.Name, pool?.Service.Service ?? wanted.Service, pool?.Service, pool is null ? "missing in the kernel" : Pending(changes, (key, null)), StatusOrigin.Manifest, servers);
            if (at < 0 || !health!.IsLive) return service;
            var status = health.Services[at];
            return service with { Healthy = status.Healthy, HasQuorum = status.HasQuorum, FallbackStandsIn = status.FallbackStandsIn, KeptIn = status.KeptIn };
        }

        var named = planned.Desired.Services.Select(s => s.Service.Key).ToHashSet();
        var strays = planned.Observed.Where(p => !named.Contains(p.Service.Service.Key)).OrderBy(p => p.Service.Service.Key, KeyOrder.Instance)
            .Select(p => (IsForeign: foreign.Contains((p.Service.Service.Key, null)), Pool: p))
            .OrderBy(s => s.IsForeign)
            .Select(s => Service(null, s.Pool.Service.Service, s.Pool.Service, s.IsForeign ? "not in the manifest" : "no longer in the manifest", s.IsForeign ? StatusOrigin.Foreign : StatusOrigin.Left,
                [.. s.Pool.Servers.OrderBy(r => r.Server.Key, KeyOrder.Instance).Select(r => Stray(s.Pool.Service.Service.Key, r))]));
        return new(info.Version.ToString(3), info.ConnectionTableSize, [.. planned.Desired.Services.Select(Named), .. strays],
            [.. state.Intents.Where(i => !planned.Desired.Services.Any(s => s.Servers.Any(r => i.Concerns(s.Name, r.Name)))).Select(StatusIntent.Of)], daemon);
    }

    public static StatusDaemon Daemon(DirectorView view) => new(
        Environment.ProcessId, TimeText.Of(view.Started), view.Manifest.Paths, (long)(view.Wall - view.Manifest.ReadAt).TotalSeconds, view.Manifest.Refused, view.Waits, view.Trouble);

    /// <summary>The one of several that <see cref="Overlay"/> goes by.</summary>
    public static Intent? InForce(IReadOnlyList<Intent> intents, string service, string server) =>
        intents.Where(i => i.Concerns(service, server)).OrderBy(i => i.Kind switch { IntentKind.Maintain => 0, IntentKind.Drain => 1, _ => 2 }).ThenByDescending(i => i.Since).FirstOrDefault();

    static Dictionary<ServiceKey, int> Probed(HealthFacts? health)
    {
        var found = new Dictionary<ServiceKey, int>();
        for (var i = 0; i < health?.Plan.Services.Count; i++) found.TryAdd(health.Plan.Services[i].Key, i);
        return found;
    }

    static StatusServer WithHealth(StatusServer server, HealthFacts health, int service, int index)
    {
        var planned = health.Plan.Services[service];
        var node = index < planned.Servers.Count ? planned.Servers[index] : planned.Fallback;
        if (node is null || health.Decisive(node) is not (>= 0 and var target)) return server;
        var tracker = health.Trackers[target];
        return server with
        {
            Health = health.Judge(node).ToString().ToLowerInvariant(),
            HealthSince = TimeText.Of(health.WallOf(tracker.Changed)),
            Check = health.Plan.Targets[target].Check.Name,
            Evidence = ProbeWords.Evidence(tracker),
        };
    }

    static StatusServer Wanted(string service, DesiredServer wanted, ObservedServer? there, string? pending, IReadOnlyList<Intent> intents)
    {
        var missing = (there, wanted.IsOut) switch
        {
            (null, false) => "missing in the kernel",
            (not null, true) => "still in the kernel",
            _ => null,
        };
        var notes = new[] { wanted.Because, missing, pending }.OfType<string>().ToList();
        return Server(wanted.Name, there?.Server ?? wanted.Server, there, wanted.IsOut ? null : wanted.Server.Weight, notes.Count == 0 ? null : string.Join("; ", notes), InForce(intents, service, wanted.Name), null);
    }

    static string? Pending(Dictionary<(ServiceKey, RealServerKey?), IReadOnlyList<FieldChange>> changes, (ServiceKey, RealServerKey?) key) =>
        changes.TryGetValue(key, out var fields) ? $"pending: {string.Join(", ", fields.Select(f => $"{f.Field} {f.Before} -> {f.After}"))}" : null;

    static StatusService Service(string? name, VirtualService service, ObservedService? there, string? because, string origin, IReadOnlyList<StatusServer> servers)
    {
        var key = service.Key;
        var isMark = key.IsFirewallMark;
        return new(name, there is not null, because)
        {
            Family = TableWords.Of(key.Family),
            FirewallMark = isMark ? key.FirewallMark : null,
            Protocol = isMark ? null : TableWords.Of(key.Protocol),
            Address = isMark ? null : InternetAddress.Text(key.Address),
            Port = isMark ? null : key.Port,
            Scheduler = service.Scheduler,
            SchedulerFlags = [.. TableWords.SchedulerFlags(service)],
            OnePacket = (service.Flags & ServiceFlags.OnePacket) != 0,
            Persistent = service.IsPersistent,
            PersistenceTimeout = service.IsPersistent ? service.PersistenceTimeout : null,
            Netmask = key.Family == IpFamily.IPv6 ? null : TableWords.DottedMask(service.Netmask),
            PrefixLength = key.Family == IpFamily.IPv6 ? service.Netmask : null,
            PersistenceEngine = service.PersistenceEngine,
            Statistics = Counters(there?.Statistics),
            Rates = Rates(there?.Statistics),
            Servers = servers,
            Key = key.ToString(),
            Origin = origin,
        };
    }

    static StatusServer Server(string? name, RealServer server, ObservedServer? there, int? wanted, string? because, Intent? intent, DateTimeOffset? leaving) =>
        new(name, there is not null, wanted, because, leaving is { } since ? TimeText.Of(since) : null, intent is null ? null : StatusIntent.Of(intent))
        {
            Family = TableWords.Of(server.Key.Address.Family()),
            Address = InternetAddress.Text(server.Key.Address),
            Port = server.Key.Port,
            Forward = TableWords.Of(server.Forward),
            Weight = there?.Server.Weight,
            UpperThreshold = server.UpperThreshold,
            LowerThreshold = server.LowerThreshold,
            Tunnel = server.Forward == ForwardingMethod.Tunnel
                ? new(TableWords.Of(server.Tunnel.Type), server.Tunnel.Type == TunnelType.Gue ? server.Tunnel.Port : null, TableWords.Of(server.Tunnel.Checksum))
                : null,
            ActiveConnections = there?.ActiveConnections,
            InactiveConnections = there?.InactiveConnections,
            PersistentConnections = there?.PersistentConnections,
            Statistics = Counters(there?.Statistics),
            Rates = Rates(there?.Statistics),
        };

    static StatusCounters? Counters(TrafficStatistics? traffic) => traffic is { } t ? new(t.Connections, t.InPackets, t.OutPackets, t.InBytes, t.OutBytes) : null;

    static StatusRates? Rates(TrafficStatistics? traffic) =>
        traffic is { } t ? new(t.ConnectionsPerSecond, t.InPacketsPerSecond, t.OutPacketsPerSecond, t.InBytesPerSecond, t.OutBytesPerSecond) : null;
}
