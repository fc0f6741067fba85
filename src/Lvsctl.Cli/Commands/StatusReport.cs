using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Cli.Commands;

/// <summary>The kernel's table beside what the manifest and the operators want of it.</summary>
/// <param name="Services">Those of the manifest, in its order; without a manifest all, by address.</param>
/// <param name="Leaving">Services that lvsctl made and the manifest no longer names.</param>
/// <param name="Foreign">Services of somebody else.</param>
/// <param name="Orphans">Intents about servers that the manifest does not name; null without a manifest.</param>
sealed record StatusReport(
    IpvsInfo Info,
    IReadOnlyList<StatusService> Services,
    IReadOnlyList<StatusService> Leaving,
    IReadOnlyList<StatusService> Foreign,
    IReadOnlyList<Intent>? Orphans)
{
    public static StatusReport WithoutManifest(IpvsInfo info, IReadOnlyList<ObservedPool> table) => new(info, [.. table.OrderBy(p => p.Service.Service.Key, KeyOrder.Instance).Select(Unnamed)], [], [], null);

    public static StatusReport Of(IpvsInfo info, PlannedTable planned, DirectorState state)
    {
        var plan = planned.Plan;
        var pools = planned.Observed.ToDictionary(p => p.Service.Service.Key);
        var changes = plan.Steps.Where(s => s.Action == PlanAction.Change).ToDictionary(s => (s.ServiceKey, s.ServerKey), s => s.Fields);
        var foreign = plan.Foreign.Select(f => (f.Service, f.Server)).ToHashSet();

        StatusServer Stray(ServiceKey service, ObservedServer there)
        {
            var key = there.Server.Key;
            DateTimeOffset? since = state.Leaving.TryGetValue((service, key), out var time) ? time : null;
            var note = since is { } began ? $"leaving since {TimeText.Of(began)}: no longer in the manifest"
                : foreign.Contains((service, key)) || foreign.Contains((service, null)) ? "not in the manifest"
                : "no longer in the manifest; the next apply removes it";
            return new(null, there.Server, there, null, note, null, since);
        }

        StatusService Named(DesiredService wanted)
        {
            var key = wanted.Service.Key;
            var pool = pools.GetValueOrDefault(key);
            var there = pool?.Servers.ToDictionary(s => s.Server.Key) ?? [];
            var servers = wanted.Servers.Select(server =>
            {
                there.Remove(server.Server.Key, out var found);
                return Server(wanted.Name, server, found, Pending(changes, (key, server.Server.Key)), state.Intents);
            }).ToList();
            servers.AddRange(there.Values.OrderBy(s => s.Server.Key, KeyOrder.Instance).Select(s => Stray(key, s)));
            return new(wanted.Name, pool?.Service.Service ?? wanted.Service, pool?.Service, pool is null ? "missing in the kernel" : Pending(changes, (key, null)), servers);
        }

        var named = planned.Desired.Services.Select(s => s.Service.Key).ToHashSet();
        var strays = planned.Observed.Where(p => !named.Contains(p.Service.Service.Key)).OrderBy(p => p.Service.Service.Key, KeyOrder.Instance)
            .Select(p => new StatusService(null, p.Service.Service, p.Service,
                foreign.Contains((p.Service.Service.Key, null)) ? "not in the manifest" : "no longer in the manifest",
                [.. p.Servers.OrderBy(s => s.Server.Key, KeyOrder.Instance).Select(s => Stray(p.Service.Service.Key, s))]))
            .ToLookup(s => foreign.Contains((s.Service.Key, null)));
        return new(info, [.. planned.Desired.Services.Select(Named)], [.. strays[false]], [.. strays[true]],
            [.. state.Intents.Where(i => !planned.Desired.Services.Any(s => s.Servers.Any(r => i.Concerns(s.Name, r.Name))))]);
    }

    static StatusServer Server(string service, DesiredServer wanted, ObservedServer? there, string? pending, IReadOnlyList<Intent> intents)
    {
        var missing = (there, wanted.IsOut) switch
        {
            (null, false) => "missing in the kernel",
            (not null, true) => "still in the kernel",
            _ => null,
        };
        var notes = new[] { wanted.Because, missing, pending }.OfType<string>().ToList();
        return new(wanted.Name, there?.Server ?? wanted.Server, there, wanted.IsOut ? null : wanted.Server.Weight, notes.Count == 0 ? null : string.Join("; ", notes),
            InForce(intents, service, wanted.Name), null);
    }

    /// <summary>The one of several that <see cref="Overlay"/> goes by.</summary>
    static Intent? InForce(IReadOnlyList<Intent> intents, string service, string server) =>
        intents.Where(i => i.Concerns(service, server)).OrderBy(i => i.Kind switch { IntentKind.Maintain => 0, IntentKind.Drain => 1, _ => 2 }).ThenByDescending(i => i.Since).FirstOrDefault();

    static string? Pending(Dictionary<(ServiceKey, RealServerKey?), IReadOnlyList<FieldChange>> changes, (ServiceKey, RealServerKey?) key) =>
        changes.TryGetValue(key, out var fields) ? $"pending: {string.Join(", ", fields.Select(f => $"{f.Field} {f.Before} -> {f.After}"))}" : null;

    static StatusService Unnamed(ObservedPool pool) =>
        new(null, pool.Service.Service, pool.Service, null, [.. pool.Servers.OrderBy(s => s.Server.Key, KeyOrder.Instance).Select(s => new StatusServer(null, s.Server, s, null, null, null, null))]);
}

/// <param name="Name">The manifest's; null when it is not in there.</param>
/// <param name="Service">As the kernel has it, or as it is wanted where the kernel does not.</param>
/// <param name="There">Null when the kernel does not have it.</param>
/// <param name="Note">What is worth a look.</param>
sealed record StatusService(string? Name, VirtualService Service, ObservedService? There, string? Note, IReadOnlyList<StatusServer> Servers);

/// <param name="WantedWeight">Null when it is wanted out of the table, or nothing is known of what is wanted.</param>
/// <param name="LeavingSince">Of a server that left the manifest and waits for its connections.</param>
sealed record StatusServer(
    string? Name, RealServer Server, ObservedServer? There, int? WantedWeight, string? Note, Intent? Intent, DateTimeOffset? LeavingSince);
