using System.Collections.Concurrent;
using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Neighbors;
using Lvsctl.Linux.Processes;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// VRRP at work: one loop on one thread waits for adverts, changes of the network, what is tracked, operators and the next deadline, asks the
/// election what to do, and does it. What may make it wait (log, journal, the manifest, IPVS, probes) is done by other threads.
/// </summary>
public sealed partial class VrrpProcess : IDisposable
{
    const ulong MonitorToken = 0;
    const ulong DoorToken = 1;

    // Sockets and guests have numbers that are never used again: an event of one that was closed in the same breath is nobody's.
    const ulong FirstToken = 16;

    // Low among the real-time ones: the kernel's own threads and whoever knows better come first.
    const int RealTimePriority = 10;

    // Of one socket at a time: a flood of packets must not keep the timers.
    const int MostAtOnce = 64;

    // What the manifest's slowest router would want may be longer than a service manager waits.
    static readonly TimeSpan s_longestStop = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    readonly VrrpHost _host;
    readonly long _epoch;
    readonly Poller _poller = new();
    readonly PollReady[] _ready = new PollReady[64];
    readonly byte[] _packet = new byte[4096];
    readonly byte[] _frame = new byte[NeighborFrame.MaxLength];
    readonly ConcurrentQueue<Action> _posted = new();
    readonly List<RouterOutput> _outputs = [];
    readonly List<RouteChange> _changes = [];
    readonly AddressClient _client;
    readonly RouteMonitor _monitor;
    readonly NeighborSocket _neighbors;
    readonly Network _network;
    readonly AddressList _list;
    readonly SerialWorker _teller = new("vrrp-tell");
    readonly SerialWorker _reader = new("vrrp-read");
    readonly SerialWorker _syncer = new("vrrp-sync");
    readonly ConnectionSync _connections;
    readonly Dictionary<ulong, Port> _ports = [];
    readonly Dictionary<(int, IPAddress), int> _ownRemovals = [];
    readonly List<RouterSet> _leaving = [];
    readonly Dictionary<string, VrrpState> _groupStates = [];
    RouterSet _live = new([]);
    OwnPart _part;
    Tracking? _tracking;
    readonly VrrpDoor _door;
    ControlSpec _control;
    ulong _nextToken = FirstToken;
    string? _notPreferred;
    string? _notLocked;
    ConnectionSyncRole? _syncRole;                      // as it was asked for last
    TimeSpan _syncRetryAt = TimeSpan.MaxValue;
    string? _syncTrouble;
    TimeSpan _portsRetryAt = TimeSpan.MaxValue;
    TimeSpan _admitAt = TimeSpan.MaxValue;              // not listening until then
    TimeSpan _stopBy = TimeSpan.MaxValue;
    bool _isReloading;

    /// <exception cref="VrrpException">The manifest does not say what this host is to do.</exception>
    /// <exception cref="IOException">A socket or file cannot be had.</exception>
    public VrrpProcess(ClusterSpec cluster, VrrpHost host)
    {
        _host = host;
        _epoch = host.Clock.GetTimestamp();
        _part = host.PartIn(cluster);
        _control = cluster.Control;
        _door = VrrpDoor.Open(host.Socket, _control);
        _client = AddressClient.Open();
        _monitor = RouteMonitor.Open();
        _neighbors = NeighborSocket.Open();
        _network = new(_client);
        _connections = new(host.OpenIpvs);
        var boot = BootId();
        _list = new(Path.Combine(host.StateDirectory, "vrrp-addresses"), boot);
        _ownersWay = new(Path.Combine(host.StateDirectory, "vrrp-accept-local"), boot);
        _poller.Add(_monitor.Descriptor, PollEvents.Readable, MonitorToken);
        _poller.Add(_door.Descriptor, PollEvents.Readable, DoorToken);
        Track(cluster);
    }

    /// <summary>Another manifest is in force. Called by the loop: whoever listens takes no time.</summary>
    public event Action<ClusterSpec>? Adopted;

    TimeSpan Now => _host.Clock.GetElapsedTime(_epoch);

    /// <summary>Returns after it was told to stop and every router has handed over, or has had its time.</summary>
    public void Run(CancellationToken stop)
    {
        using var wake = stop.UnsafeRegister(static poller => ((Poller)poller!).Wake(), _poller);
        // What only the start needed is not kept with the rest.
        ProgramPages.HandBackClean();
        _notLocked = RealTime.TryLockMemory();
        // First, and with a clean heap: see there.
        using var tidier = new Tidier(_host.Clock);
        _notPreferred = RealTime.TryPrefer(RealTimePriority);
        Begin();
        _host.Manager.Ready(Summary());
        while (true)
        {
            if (stop.IsCancellationRequested && _stopBy == TimeSpan.MaxValue) BeginStop();
            if (_stopBy != TimeSpan.MaxValue && (HaveAllStopped() || Now >= _stopBy)) break;
            var count = _poller.WaitExactly(_ready, Patience());
            // Sockets first: an advert that waits there may move a deadline that has passed.
            for (var i = 0; i < count; i++) Serve(_ready[i].Token);
            while (_posted.TryDequeue(out var posted)) posted();
            TickAll();
            if (_syncRetryAt <= Now && _syncRole is { } role) Sync(role);
            if (_portsRetryAt <= Now) RetryPorts();
            if (_admitAt <= Now) Listen();
            KeepAlive();
        }
        End();
    }

    /// <summary>From any thread.</summary>
    public void RequestReload() => Post(() => BeginReload(static _ => { }));

    void Post(Action what)
    {
        _posted.Enqueue(what);
        _poller.Wake();
    }

    void Tell(DirectorEvent what) => _teller.Do(() => _host.Announcer.Tell(what));

    void Begin()
    {
        _network.Refresh();
        _ownersWay.Inherit();
        var mine = AllAddresses(_part);
        // Those of the manifest go when their router starts; others are of an older one.
        foreach (var left in Earlier().Where(a => !mine.Contains(a))) Remove("", left);
        Note(mine);
        Tell(VrrpEvents.Started(_part.Routers.Count, _part.Who));
        if (_notPreferred is not null) Tell(DirectorEvents.Warning($"{_notPreferred}; VRRP works without, and may be late on a busy host"));
        if (_notLocked is not null) Tell(DirectorEvents.Warning($"{_notLocked}; VRRP works without, and may be late on a host that swaps"));
        _live = new([.. _part.Routers.Select(p => new RouterRun(p, _host.Clock.GetUtcNow()))]);
        foreach (var run in _live.Runs) Look(run);
        OpenPorts();
        for (var i = 0; i < _live.Runs.Count; i++)
        {
            Begin(i);
        }
    }

    void Begin(int router)
    {
        // Where it speaks from was not known yet when it was made, and decides between equals.
        _live.Elections.Reload(router, _live.Runs[router].Settings, [], Now, _outputs);
        CarryOut(_live);
        Weigh(_live, router);
        Step(_live, router, ElectionInput.Start);
    }

    // An address is worth more than the note that it is ours.
    void Note(IReadOnlyCollection<OwnAddress> mine)
    {
        try
        {
            _list.Write([.. mine]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(DirectorEvents.Warning($"{e.Message}; VRRP works without, but if it is killed and its manifest changes before it is started again, an address may be left behind"));
        }
    }

    // Nobody of us has those of an older manifest any more: they may be somebody else's by the next start.
    void Shorten()
    {
        // While a manifest is read, its addresses are in the list already.
        if (_leaving.Count > 0 || _isReloading) return;
        var mine = AllAddresses(_part);
        _reader.Do(() => Note(mine));
    }

    IReadOnlyList<OwnAddress> Earlier()
    {
        try
        {
            return _list.Read();
        }
        catch (IOException e)
        {
            Tell(DirectorEvents.Warning($"cannot read which addresses an earlier process may have left behind: {e.Message}"));
            return [];
        }
    }

    static string BootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    static HashSet<OwnAddress> AllAddresses(OwnPart part) =>
        [.. part.Routers.SelectMany(r => r.Addresses.Select(a => new OwnAddress(a.Interface ?? r.Spec.Interface, a.Address, a.PrefixLength)))];

    TimeSpan? Patience()
    {
        var next = _stopBy;
        Sooner(_live);
        foreach (var set in _leaving) Sooner(set);
        if (_syncRetryAt < next) next = _syncRetryAt;
        if (_portsRetryAt < next) next = _portsRetryAt;
        if (_admitAt < next) next = _admitAt;
        if (_host.Manager.KeepAliveEvery is { } every && _keepAliveAt + every < next) next = _keepAliveAt + every;
        if (!_posted.IsEmpty) return TimeSpan.Zero;
        return next == TimeSpan.MaxValue ? null : next - Now;

        void Sooner(RouterSet set)
        {
            if (set.Runs.Count > 0 && set.Elections.Deadline < next) next = set.Elections.Deadline;
            foreach (var run in set.Runs)
            {
                if (run.RetryAt < next) next = run.RetryAt;
            }
        }
    }

    void Serve(ulong token)
    {
        switch (token)
        {
            case MonitorToken:
                ReadChanges();
                break;
            case DoorToken:
                Admit();
                break;
            case var _ when _ports.TryGetValue(token, out var port):
                Receive(port);
                break;
            default:
                Talk(token);
                break;
        }
    }

    void TickAll()
    {
        Tick(_live);
        for (var i = _leaving.Count - 1; i >= 0; i--)
        {
            Tick(_leaving[i]);
            if (!_leaving[i].HasStopped) continue;
            _leaving.RemoveAt(i);
            OpenPorts();
            Shorten();
        }
    }

    void Tick(RouterSet set)
    {
        if (set.Runs.Count == 0) return;
        var now = Now;
        var deadline = set.Elections.Deadline;
        if (deadline <= now)
        {
            if (deadline != TimeSpan.MinValue) _lateness.Add(now - deadline);
            set.Elections.Tick(now, _outputs);
            CarryOut(set);
        }
        for (var i = 0; i < set.Runs.Count; i++)
        {
            if (set.Runs[i].RetryAt <= now) Retry(set, i);
        }
    }

    void Step(RouterSet set, int router, in ElectionInput input)
    {
        set.Elections.Step(router, input, Now, _outputs);
        CarryOut(set);
    }

    void BeginStop()
    {
        _stopBy = Now + s_longestStop;
        _host.Manager.Stopping();
        Tell(VrrpEvents.Stopping("it was told to"));
        for (var i = 0; i < _live.Runs.Count; i++) Step(_live, i, ElectionInput.Stop);
    }

    bool HaveAllStopped() => _live.HasStopped && _leaving.TrueForAll(s => s.HasStopped);

    void End()
    {
        _ownersWay.Close();
        _reader.Do(_ownersWay.Note);
        // A router that waits for its successor for too long keeps nobody.
        foreach (var run in Sets().SelectMany(s => s.Runs).Where(r => r.Election.HoldsAddresses))
        {
            foreach (var address in run.Addresses.Where(a => !a.Address.Equals(run.Source))) Remove(run.Name, address);
        }
        SyncConnections(null, VrrpState.Initialize);
        _reader.Do(() => Note([]));
    }

    void KeepAlive()
    {
        if (_host.Manager.KeepAliveEvery is not { } every || Now - _keepAliveAt < every) return;
        _keepAliveAt = Now;
        _host.Manager.KeepAlive();
    }

    TimeSpan _keepAliveAt;

    public void Dispose()
    {
        _tracking?.Dispose();
        _reader.Dispose();
        _syncer.Dispose();
        _teller.Dispose();
        _connections.Dispose();
        foreach (var guest in _guests.Values) guest.Dispose();
        _door.Dispose();
        foreach (var port in _ports.Values) port.Socket.Dispose();
        _neighbors.Dispose();
        _monitor.Dispose();
        _client.Dispose();
        _poller.Dispose();
    }
}
