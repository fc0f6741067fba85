using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>
/// The entries that are lvsctl's: those it made, and those a manifest named. Only these are ever changed or removed; all others in the
/// kernel's table are somebody else's.
/// </summary>
public sealed class Ownership
{
    readonly HashSet<ServiceKey> _services;
    readonly HashSet<(ServiceKey Service, RealServerKey Server)> _servers;

    Ownership(HashSet<ServiceKey> services, HashSet<(ServiceKey, RealServerKey)> servers) => (_services, _servers) = (services, servers);

    public Ownership(IEnumerable<ServiceKey> services, IEnumerable<(ServiceKey Service, RealServerKey Server)> servers)
        : this(new HashSet<ServiceKey>(services), new HashSet<(ServiceKey, RealServerKey)>(servers))    // with room from the start, where the number is known
    {
    }

    public static Ownership None { get; } = new([], (HashSet<(ServiceKey, RealServerKey)>)[]);

    /// <summary>Everything that was found, as if lvsctl had made it: what <c>--prune</c> asks for.</summary>
    public static Ownership Everything(IReadOnlyList<ObservedPool> observed) => new(
        observed.Select(p => p.Service.Service.Key),
        observed.SelectMany(p => p.Servers.Select(s => (p.Service.Service.Key, s.Server.Key))));

    public static Ownership Of(DesiredTable desired)
    {
        // With room for all from the start: a large set that grows leaves as much again behind.
        var services = new HashSet<ServiceKey>(desired.Services.Count);
        var servers = new HashSet<(ServiceKey, RealServerKey)>(desired.Services.Sum(s => s.Servers.Count));
        foreach (var service in desired.Services)
        {
            var key = service.Service.Key;
            services.Add(key);
            foreach (var server in service.Servers) servers.Add((key, server.Server.Key));
        }
        return new(services, servers);
    }

    public IReadOnlyCollection<ServiceKey> Services => _services;

    public IReadOnlyCollection<(ServiceKey Service, RealServerKey Server)> Servers => _servers;

    public bool Owns(ServiceKey service) => _services.Contains(service);

    public bool Owns(ServiceKey service, RealServerKey server) => _servers.Contains((service, server));

    public bool SameAs(Ownership other) =>
        ReferenceEquals(this, other) || (_services.SetEquals(other._services) && _servers.SetEquals(other._servers));

    /// <summary>Both together; one of the two where it holds the other already, as it does whenever nothing new is wanted.</summary>
    public Ownership With(Ownership other)
    {
        if (Holds(other)) return this;
        if (other.Holds(this)) return other;
        return new(_services.Concat(other._services), _servers.Concat(other._servers));
    }

    public Ownership Except(Ownership other) => new(_services.Where(s => !other._services.Contains(s)), _servers.Where(s => !other._servers.Contains(s)));

    bool Holds(Ownership other) =>
        other._services.Count <= _services.Count && other._servers.Count <= _servers.Count
        && other._services.All(_services.Contains) && other._servers.All(_servers.Contains);

    /// <summary>Neither more nor less than the manifest names, as it is whenever nothing new is wanted; found out without gathering that first.</summary>
    public bool IsJust(DesiredTable manifest)
    {
        var servers = 0;
        foreach (var service in manifest.Services)
        {
            var key = service.Service.Key;
            if (!_services.Contains(key)) return false;
            foreach (var server in service.Servers)
            {
                if (!_servers.Contains((key, server.Server.Key))) return false;
            }
            servers += service.Servers.Count;
        }
        return manifest.Services.Count == _services.Count && servers == _servers.Count;
    }

    /// <summary>Without what neither the table holds any more nor the manifest names; this very one where there is no such entry.</summary>
    public Ownership StillIn(IReadOnlyList<ObservedPool> observed, Ownership named)
    {
        if (named.Holds(this)) return this;
        var found = Everything(observed).With(named);
        return found.Holds(this) ? this : new(_services.Where(found.Owns), _servers.Where(found._servers.Contains));
    }

    /// <summary>Without what these steps removed, unless the manifest names it (a server that is out for maintenance comes back).</summary>
    public Ownership Without(IReadOnlyList<PlanStep> removals, DesiredTable manifest)
    {
        var named = Of(manifest);
        var services = removals.Where(s => s.ServerKey is null && !named.Owns(s.ServiceKey)).Select(s => s.ServiceKey).ToHashSet();
        var servers = removals.Where(s => s.ServerKey is { } server && !named.Owns(s.ServiceKey, server)).Select(s => (s.ServiceKey, s.ServerKey!.Value)).ToHashSet();
        return new(_services.Where(s => !services.Contains(s)), _servers.Where(s => !services.Contains(s.Service) && !servers.Contains(s)));
    }
}
