using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <param name="Name">The manifest's, where it names it.</param>
/// <param name="Before">Null where it was not there.</param>
public sealed record TouchedService(ServiceKey Key, string Name, VirtualService? Before);

/// <inheritdoc cref="TouchedService"/>
public sealed record TouchedServer(ServiceKey Service, RealServerKey Key, string Name, RealServer? Before);

/// <summary>What plans were about to change, as it was before: enough to put it back, and nothing of the rest of the world.</summary>
public sealed record Snapshot(IReadOnlyList<TouchedService> Services, IReadOnlyList<TouchedServer> Servers)
{
    public static Snapshot Empty { get; } = new([], []);

    public bool IsEmpty => Services.Count == 0 && Servers.Count == 0;

    /// <summary>What a rollback may change: the keys that were touched.</summary>
    public Ownership Touched => new(Services.Select(s => s.Key), Servers.Select(s => (s.Service, s.Key)));

    /// <summary>With what this plan changes too. What is here already stays as it is: the first reading is the one to go back to.</summary>
    public Snapshot With(Plan plan, IReadOnlyList<ObservedPool> observed)
    {
        var touched = Touched;
        var before = observed.ToDictionary(p => p.Service.Service.Key);
        var servers = new Dictionary<ServiceKey, Dictionary<RealServerKey, RealServer>>();
        List<TouchedService> services = [.. Services];
        List<TouchedServer> all = [.. Servers];
        foreach (var step in plan.Steps)
        {
            var pool = before.GetValueOrDefault(step.ServiceKey);
            if (step.ServerKey is not { } server)
            {
                if (!touched.Owns(step.ServiceKey)) services.Add(new(step.ServiceKey, step.Service, pool?.Service.Service));
            }
            else if (!touched.Owns(step.ServiceKey, server))
            {
                if (!servers.TryGetValue(step.ServiceKey, out var there)) servers[step.ServiceKey] = there = pool?.Servers.ToDictionary(s => s.Server.Key, s => s.Server) ?? [];
                all.Add(new(step.ServiceKey, server, step.Server!, there.GetValueOrDefault(server)));
            }
        }
        return new(services, all);
    }

    /// <summary>
    /// A manifest as it is while what it wants of the touched entries is undone: they are as they were, and those that came are out. This
    /// very manifest where it wants nothing else.
    /// </summary>
    public DesiredTable Over(DesiredTable manifest)
    {
        var services = Services.Where(s => s.Before is not null).ToDictionary(s => s.Key, s => s.Before!);
        var servers = Servers.ToDictionary(s => (s.Service, s.Key));
        var undone = manifest.Services.Select(Undo).ToList();
        return undone.Zip(manifest.Services).All(p => ReferenceEquals(p.First, p.Second)) ? manifest : new(undone);

        DesiredService Undo(DesiredService wanted)
        {
            var service = services.GetValueOrDefault(wanted.Service.Key) ?? wanted.Service;
            var all = wanted.Servers.Select(s => UndoServer(wanted.Service.Key, s)).ToList();
            var isAsWanted = service == wanted.Service && all.Zip(wanted.Servers).All(p => ReferenceEquals(p.First, p.Second));
            return isAsWanted ? wanted : wanted with { Service = service, Servers = all };
        }

        DesiredServer UndoServer(ServiceKey service, DesiredServer wanted) =>
            !servers.TryGetValue((service, wanted.Server.Key), out var touched) || touched.Before == wanted.Server ? wanted
            : touched.Before is { } before ? wanted with { Server = before }
            : wanted with { IsOut = true, Because = "it came with an apply that was rolled back" };
    }

    /// <summary>The touched entries as they were. A service that was not touched itself is as it is now; where it has gone, its servers are not missed.</summary>
    public DesiredTable Wanted(IReadOnlyList<ObservedPool> observed)
    {
        var touched = Services.Select(s => s.Key).ToHashSet();
        var servers = Servers.Where(s => s.Before is not null).ToLookup(s => s.Service, s => new DesiredServer(s.Name, s.Before!));
        var around = Servers.Select(s => s.Service).Where(s => !touched.Contains(s)).ToHashSet();
        return new([
            .. Services.Where(s => s.Before is not null).Select(s => new DesiredService(s.Name, s.Before!, [.. servers[s.Key]])),
            .. observed.Select(p => p.Service.Service).Where(s => around.Contains(s.Key)).Select(s => new DesiredService(s.Key.ToString(), s, [.. servers[s.Key]])),
        ]);
    }
}
