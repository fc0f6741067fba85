using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>
/// The entries that are lvsctl's: those it made, and those a manifest named. Only these are ever changed or removed; all others in the
/// kernel's table are somebody else's.
/// </summary>
public sealed class Ownership(IEnumerable<ServiceKey> services, IEnumerable<(ServiceKey Service, RealServerKey Server)> servers)
{
    readonly HashSet<ServiceKey> _services = [.. services];
    readonly HashSet<(ServiceKey Service, RealServerKey Server)> _servers = [.. servers];

    public static Ownership None { get; } = new([], []);

    /// <summary>Everything that was found, as if lvsctl had made it: what <c>--prune</c> asks for.</summary>
    public static Ownership Everything(IReadOnlyList<ObservedPool> observed) => new(
        observed.Select(p => p.Service.Service.Key),
        observed.SelectMany(p => p.Servers.Select(s => (p.Service.Service.Key, s.Server.Key))));

    public static Ownership Of(DesiredTable desired) => new(
        desired.Services.Select(s => s.Service.Key),
        desired.Services.SelectMany(s => s.Servers.Select(r => (s.Service.Key, r.Server.Key))));

    public IReadOnlyCollection<ServiceKey> Services => _services;

    public IReadOnlyCollection<(ServiceKey Service, RealServerKey Server)> Servers => _servers;

    public bool Owns(ServiceKey service) => _services.Contains(service);

    public bool Owns(ServiceKey service, RealServerKey server) => _servers.Contains((service, server));

    public bool SameAs(Ownership other) => _services.SetEquals(other._services) && _servers.SetEquals(other._servers);

    public Ownership With(Ownership other) => new(_services.Concat(other._services), _servers.Concat(other._servers));

    /// <summary>Without what these steps removed, unless the manifest names it (a server that is out for maintenance comes back).</summary>
    public Ownership Without(IReadOnlyList<PlanStep> removals, DesiredTable manifest)
    {
        var named = Of(manifest);
        var services = removals.Where(s => s.ServerKey is null && !named.Owns(s.ServiceKey)).Select(s => s.ServiceKey).ToHashSet();
        var servers = removals.Where(s => s.ServerKey is { } server && !named.Owns(s.ServiceKey, server)).Select(s => (s.ServiceKey, s.ServerKey!.Value)).ToHashSet();
        return new(_services.Where(s => !services.Contains(s)), _servers.Where(s => !services.Contains(s.Service) && !servers.Contains(s)));
    }
}
