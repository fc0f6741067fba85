using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>Collects the steps of a plan and puts them in order: additions, changes, drains, removals of servers, removals of services.</summary>
sealed class Steps
{
    readonly List<PlanStep> _additions = [];
    readonly List<PlanStep> _changes = [];
    readonly List<PlanStep> _drains = [];
    readonly List<PlanStep> _removals = [];
    readonly List<PlanStep> _serviceRemovals = [];

    // Of ten thousand servers most are alike but for their address.
    readonly Dictionary<RealServer, IReadOnlyList<FieldChange>> _descriptions = [];

    public IReadOnlyList<PlanStep> InOrder() => [.. _additions, .. _changes, .. _drains, .. _removals, .. _serviceRemovals];

    public void Add(DesiredService service, TableChange change, IReadOnlyList<FieldChange> fields) =>
        _additions.Add(new(PlanAction.Add, change, service.Service.Key, service.Name, null, null, fields, null));

    public void Add(DesiredService service, DesiredServer server, TableChange change) =>
        _additions.Add(new(PlanAction.Add, change, service.Service.Key, service.Name, server.Server.Key, server.Name, Describe(server.Server), server.Because));

    IReadOnlyList<FieldChange> Describe(RealServer server)
    {
        var settings = server with { Key = default };
        if (_descriptions.TryGetValue(settings, out var known)) return known;
        return _descriptions[settings] = ServerFields.Describe(server);
    }

    public void Change(DesiredService service, TableChange change, IReadOnlyList<FieldChange> fields) =>
        _changes.Add(new(PlanAction.Change, change, service.Service.Key, service.Name, null, null, fields, null));

    public void Change(DesiredService service, DesiredServer server, ObservedServer now, IReadOnlyList<FieldChange> fields) =>
        _changes.Add(new(PlanAction.Change, new TableChange.SetServer(service.Service.Key, server.Server), service.Service.Key, service.Name,
            server.Server.Key, server.Name, fields, server.Because)
        {
            TakesOutOfService = now.Server.Weight > 0 && server.Server.Weight == 0,
            BeginsDrain = server.IsDraining,
        });

    public void Drain(ServiceKey service, string serviceName, ObservedServer server) =>
        _drains.Add(new(PlanAction.Drain, new TableChange.SetServer(service, server.Server with { Weight = 0 }), service, serviceName,
            server.Server.Key, server.Server.Key.ToString(), [ServerFields.Weight(server.Server.Weight, 0)],
            (server.ActiveConnections, server.InactiveConnections) == (0, 0)
                ? "no longer in the manifest; goes once it gets no new connections"
                : $"no longer in the manifest; {server.ActiveConnections} active and {server.InactiveConnections} inactive connections end first")
        {
            TakesOutOfService = true,
            BeginsDrain = true,
        });

    public void Remove(ServiceKey service, string serviceName, ObservedServer server, string serverName, string? because, bool endsDrain) =>
        _removals.Add(new(PlanAction.Remove, new TableChange.RemoveServer(service, server.Server.Key), service, serviceName,
            server.Server.Key, serverName, [], because ?? "no longer in the manifest")
        {
            TakesOutOfService = server.Server.Weight > 0,
            EndsDrain = endsDrain,
            ConnectionsCut = server.ActiveConnections,
        });

    public void RemoveService(ServiceKey service, string name, bool endsDrain) =>
        _serviceRemovals.Add(new(PlanAction.Remove, new TableChange.RemoveService(service), service, name, null, null, [], "no longer in the manifest")
        {
            EndsDrain = endsDrain,
        });
}
