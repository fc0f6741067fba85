using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Ipvs;

public sealed partial class IpvsClient
{
    /// <summary>Adds those of the changes whose answer was lost and whose effect the kernel does not show.</summary>
    void AddUnconfirmed(List<Refusal> refusals, IReadOnlyList<TableChange> changes, int start, int end, NetlinkAnswer verdict)
    {
        var refused = refusals.Select(r => r.Index).ToHashSet();
        var evidence = new Evidence(this);
        // Backwards: the last change to touch an entry decides what it should look like now.
        for (var i = end - 1; i >= start; i--)
        {
            if (!refused.Contains(i) && !evidence.Supports(changes[i])) refusals.Add(new(i, verdict));
        }
        refusals.Sort((a, b) => a.Index.CompareTo(b.Index));
    }

    /// <summary>The kernel's present state, read where a question needs it, asked from the last change to the first.</summary>
    sealed class Evidence(IpvsClient client)
    {
        readonly HashSet<ServiceKey> _laterServices = [];
        readonly HashSet<(ServiceKey, RealServerKey)> _laterServers = [];
        readonly HashSet<ServiceKey> _laterCleared = [];
        readonly HashSet<SyncState> _laterDaemons = [];
        bool _flushedLater, _timeoutsSetLater;
        Dictionary<ServiceKey, VirtualService>? _services;
        readonly Dictionary<ServiceKey, Dictionary<RealServerKey, RealServer>> _servers = [];

        /// <summary>False only when the change would show and does not.</summary>
        public bool Supports(TableChange change) => change switch
        {
            TableChange.AddService add => Superseded(add.Service.Key) || Shows(add.Service, (ServiceFlags)uint.MaxValue),
            TableChange.SetService set => Superseded(set.Service.Key) || Shows(set.Service, set.FlagsMask),
            TableChange.RemoveService remove => SupportsRemoval(remove.Service),
            TableChange.AddServer add => Superseded(add.Service, add.Server.Key) || Shows(add.Service, add.Server),
            TableChange.SetServer set => Superseded(set.Service, set.Server.Key) || Shows(set.Service, set.Server),
            TableChange.RemoveServer remove => Superseded(remove.Service, remove.Server) || !Servers(remove.Service).ContainsKey(remove.Server),
            TableChange.Flush => SupportsFlush(),
            // Counters move by themselves, so nothing can be shown; the operator is told and zeroes again.
            TableChange.Zero => false,
            TableChange.SetTimeouts set => SupportsTimeouts(set.Timeouts),
            TableChange.StartSyncDaemon start => !_laterDaemons.Add(start.Daemon.State) || Daemon(start.Daemon.State) is { } runs && runs.Interface == start.Daemon.Interface,
            TableChange.StopSyncDaemon stop => !_laterDaemons.Add(stop.State) || Daemon(stop.State) is null,
            _ => false,
        };

        bool Superseded(ServiceKey service) => !_laterServices.Add(service) | _laterCleared.Contains(service) | _flushedLater;

        bool Superseded(ServiceKey service, RealServerKey server) =>
            !_laterServers.Add((service, server)) | _laterCleared.Contains(service) | _flushedLater;

        bool SupportsRemoval(ServiceKey service)
        {
            var superseded = Superseded(service);
            _laterCleared.Add(service);
            return superseded || !Services.ContainsKey(service);
        }

        bool SupportsFlush()
        {
            var superseded = _flushedLater;
            _flushedLater = true;
            return superseded || Services.Keys.All(_laterServices.Contains);
        }

        bool SupportsTimeouts(ConnectionTimeouts wanted)
        {
            if (_timeoutsSetLater) return true;
            _timeoutsSetLater = true;
            var now = client.GetTimeouts();
            return (wanted.Tcp == 0 || wanted.Tcp == now.Tcp)
                && (wanted.TcpFin == 0 || wanted.TcpFin == now.TcpFin)
                && (wanted.Udp == 0 || wanted.Udp == now.Udp);
        }

        bool Shows(VirtualService wanted, ServiceFlags mask) =>
            Services.TryGetValue(wanted.Key, out var now) && now with { Flags = now.Flags & mask } == wanted with { Flags = wanted.Flags & mask & ~ServiceFlags.Hashed };

        bool Shows(ServiceKey service, RealServer wanted)
        {
            if (!Servers(service).TryGetValue(wanted.Key, out var now)) return false;
            // A server on one of the director's own addresses is shown as local, and tunnel settings mean something in tunnel mode only.
            if (now.Forward == ForwardingMethod.Local) now = now with { Forward = wanted.Forward };
            if (wanted.Forward != ForwardingMethod.Tunnel) now = now with { Tunnel = wanted.Tunnel };
            return now == wanted;
        }

        Dictionary<ServiceKey, VirtualService> Services => _services ??= client.ListServices().ToDictionary(s => s.Service.Key, s => s.Service);

        Dictionary<RealServerKey, RealServer> Servers(ServiceKey service)
        {
            if (!_servers.TryGetValue(service, out var servers))
            {
                servers = client.ListServers(service).ToDictionary(s => s.Server.Key, s => s.Server);
                _servers.Add(service, servers);
            }
            return servers;
        }

        SyncDaemon? Daemon(SyncState state) => client.ListSyncDaemons().FirstOrDefault(d => d.State == state);
    }
}
