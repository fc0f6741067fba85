using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

sealed partial class CommandLine
{
    ParsedCommand Build() => _command switch
    {
        CommandKind.AddService => Change(new TableChange.AddService(Service())),
        CommandKind.EditService => Change(new TableChange.SetService(Service())),
        CommandKind.DeleteService => Change(new TableChange.RemoveService(ServiceKey())),
        CommandKind.AddServer => Change(new TableChange.AddServer(ServiceKey(), Server())),
        CommandKind.EditServer => Change(new TableChange.SetServer(ServiceKey(), Server())),
        CommandKind.DeleteServer => Change(new TableChange.RemoveServer(ServiceKey(), ServerKey())),
        CommandKind.Clear => Change(new TableChange.Flush()),
        CommandKind.Zero => Change(new TableChange.Zero(_given.Has(Option.Service) ? ServiceKey() : null)),
        CommandKind.SetTimeouts => Change(new TableChange.SetTimeouts(_timeouts)),
        CommandKind.StartDaemon => Change(new TableChange.StartSyncDaemon(Daemon())),
        CommandKind.StopDaemon => Change(new TableChange.StopSyncDaemon(_state)),
        CommandKind.List => new ParsedCommand.List(List()),
        CommandKind.Save => new ParsedCommand.Save(_given.Has(Option.Numeric), _given.Has(Option.Full)),
        CommandKind.Restore => new ParsedCommand.Restore(),
        _ => throw new InvalidOperationException(),
    };

    static ParsedCommand.Change Change(TableChange change) => new(change);

    ServiceKey ServiceKey() =>
        _mark != 0 ? Core.Model.ServiceKey.Marked(_mark, Family) : Core.Model.ServiceKey.At(_protocol, _address, _port);

    // What was not given returns to its default, on -E and -e too.
    VirtualService Service() => new(ServiceKey())
    {
        Scheduler = _scheduler,
        Flags = _flags,
        PersistenceTimeout = _persistenceTimeout,
        Netmask = _netmask,
        PersistenceEngine = _engine.Length == 0 ? null : _engine,
    };

    RealServerKey ServerKey() => new(_server.Address, _server.Port ?? 0);

    RealServer Server() => new(ServerPortMustBeServices ? ServerKey() with { Port = _port } : ServerKey())
    {
        Forward = _forward,
        Weight = _weight,
        UpperThreshold = _upperThreshold,
        LowerThreshold = _lowerThreshold,
        Tunnel = new Tunnel(_tunnelType, _tunnelPort, _tunnelChecksum),
    };

    // Without rewriting, a packet reaches the server with the port it came with.
    bool ServerPortMustBeServices => _mark == 0 && _forward is ForwardingMethod.DirectRouting or ForwardingMethod.Tunnel;

    SyncDaemon Daemon() => new(_state, _interface)
    {
        SyncId = _syncId,
        MaxMessageLength = _maxLength,
        Group = _group,
        Port = _groupPort,
        Ttl = _ttl,
    };

    ListRequest List() => new(Subject())
    {
        Service = _given.Has(Option.Service) ? ServiceKey() : default,
        Columns = Columns(),
        Numeric = _given.Has(Option.Numeric),
        Exact = _given.Has(Option.Exact),
        Sorted = !_given.Has(Option.NoSort),
        EngineData = _given.Has(Option.PersistentConnections),
        Json = _given.Has(Option.Json),
    };

    ListSubject Subject() =>
        _given.Has(Option.Connection) ? ListSubject.Connections
        : _given.Has(Option.Timeout) ? ListSubject.Timeouts
        : _given.Has(Option.Daemon) ? ListSubject.Daemons
        : _given.Has(Option.Service) ? ListSubject.OneService
        : ListSubject.Table;

    TableColumns Columns() =>
        _given.Has(Option.Statistics) ? TableColumns.Statistics
        : _given.Has(Option.Rate) ? TableColumns.Rate
        : _given.Has(Option.Thresholds) ? TableColumns.Thresholds
        : _given.Has(Option.PersistentConnections) ? TableColumns.PersistentConnections
        : _given.Has(Option.TunnelInfo) ? TableColumns.Tunnel
        : TableColumns.Connections;
}
