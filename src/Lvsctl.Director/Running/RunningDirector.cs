using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Events;
using Lvsctl.Director.Probing;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Running;

/// <summary>
/// The director as a daemon: probes by schedule, and sees to the kernel's table on every change, and now and then against drift. One thread
/// does it all, in turns; others ask it. What it wants to know after a crash is on disk, and the kernel's table needs it for nothing.
/// </summary>
public sealed partial class RunningDirector : IDisposable
{
    static readonly TimeSpan s_turn = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_drainPoll = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_afterReload = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_lockRetry = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan s_kernelRetry = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_saveEvery = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_saveSoon = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_watchEvery = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_heldUp = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_stepped = TimeSpan.FromSeconds(5);

    /// <summary>Between two passes there is at least so many times what the last one took: a table that changes all the time leaves time for probes.</summary>
    const int PassPause = 4;

    /// <summary>The same of those that look only at what has changed.</summary>
    const int HealthPassPause = 1;

    /// <summary>With more services to look at than these, the whole table is read sooner.</summary>
    const int MostAtOnce = 100;

    /// <summary>Looking for drift takes at most one part in so many of the time.</summary>
    const int DriftShare = 20;

    readonly DirectorHost _host;
    readonly StateStore _store;
    readonly Announcer _announcer;
    readonly ServiceManager _manager;
    readonly ProbeEngine _engine;
    readonly ProbeRunner _runner;
    readonly TableKeeper _keeper;
    readonly HealthKeeper _healthKeeper;
    readonly ProbeNews _news;
    readonly DirectorCounters _counters = new();
    readonly DateTimeOffset _started;
    Regime _regime;
    Reconciler? _reconciler;
    IpvsClient? _reconciled;                            // the kernel that the reconciler works with
    readonly List<ServiceChange> _serviceChanges = [];   // not told yet
    IReadOnlyList<ObservedPool>? _recent;                // the table of a moment ago: another manifest need not wait until it is read again
    TimeSpan _nextPass;
    TimeSpan _earliestPass;
    TimeSpan _earliestHealthPass;
    TimeSpan _lastSave;
    TimeSpan _nextSave;
    TimeSpan _nextKeepAlive;
    TimeSpan _nextTending;
    DateTime _stateSeen;
    string _stamp;
    bool _isDirty = true;
    bool _isAwaited = true;
    bool _isLockAwaited;
    bool _isReady;

    /// <exception cref="IpvsException">The kernel cannot be talked to.</exception>
    public RunningDirector(ClusterSpec cluster, DirectorHost host, StateStore store, HealthStore healthStore, Announcer announcer, ServiceManager manager)
    {
        (_host, _store, _announcer, _manager) = (host, store, announcer, manager);
        _started = host.Clock.GetUtcNow();
        _regime = Regime.Of(cluster, host.ManifestPaths, _started);
        _stamp = ManifestPrint.Stamp(host.ManifestPaths);
        _keeper = new TableKeeper(host, store, announcer, _counters);
        var observed = _keeper.Read();
        _engine = new ProbeEngine(Settings(_regime, ProbePaths.Marks(_regime.Plan, observed)), host.Clock);
        _healthKeeper = new HealthKeeper(healthStore, announcer);
        _keeper.LastSuccess = _healthKeeper.Memory.LastSuccess;
        _news = new ProbeNews(announcer, host.Clock, _healthKeeper.Memory.Told);
        _runner = new ProbeRunner(_engine, new HealthMonitor(_regime.Plan, _healthKeeper.Memory.Health, observed, _engine.Now, _started));
    }

    HealthMonitor Monitor => _runner.Monitor;

    /// <summary>Works until it is told to stop, and leaves the kernel's table as it is, unless the manifest says otherwise.</summary>
    public void Run(CancellationToken stop)
    {
        using var wake = stop.Register(() => _engine.Invoke(static () => { }));
        var (cluster, plan) = (_regime.Cluster, _regime.Plan);
        _announcer.Tell(DirectorEvents.Started(cluster.Services.Count, cluster.Services.Sum(s => s.Servers.Count), plan.Targets.Count));
        var wall = new WallClock(_host.Clock, _engine.Now);
        while (!stop.IsCancellationRequested)
        {
            var began = _engine.Now;
            LookAtIntents();
            if (IsPassDue()) SeeToTable();
            else if (IsHealthPassDue()) SeeToHealth();
            if (_engine.Now >= _nextSave) Save();
            if (_engine.Now >= _nextTending) Tend();
            if (_manager.KeepAliveEvery is { } often && _engine.Now >= _nextKeepAlive)
            {
                _manager.KeepAlive();
                _nextKeepAlive = _engine.Now + often;
            }
            if (wall.Stepped(_engine.Now) is var step && step.Duration() >= s_stepped) _announcer.Tell(DirectorEvents.ClockStepped(step));
            var wait = Wait();
            _runner.Pump(wait, Seen);
            var took = _engine.Now - began - wait;
            _counters.Turned(_engine.Now, took);
            if (took >= s_heldUp) _announcer.Tell(DirectorEvents.HeldUp(took));
        }
        _manager.Stopping();
        _announcer.Tell(DirectorEvents.Stopping("it was told to", _regime.Cluster.Daemon.FlushOnExit));
        RefuseQuestions();
        _healthKeeper.SaveNow(Remember());
        if (_regime.Cluster.Daemon.FlushOnExit) Flush();
    }

    bool IsPassDue() => _engine.Now >= (_isDirty ? Min(_earliestPass, _nextPass) : _nextPass);

    bool IsHealthPassDue() => !_isDirty && _engine.Now >= _earliestHealthPass && Monitor.IsStale(_engine.Now);

    TimeSpan Wait()
    {
        var now = _engine.Now;
        var until = _isDirty ? Min(_earliestPass, _nextPass) : _nextPass;
        if (Monitor.IsStale(now)) until = Min(until, _earliestHealthPass);
        else if (Monitor.NextChange < until) until = Max(Monitor.NextChange, _earliestHealthPass);
        var wait = until - now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < s_turn ? wait : s_turn;
    }

    static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    void Seen(int target, in ProbeOutcome outcome, HealthChange? change)
    {
        var probed = Monitor.Plan.Targets[target];
        _counters.Probed(probed.Check.Name, probed.Check.Probe.Kind, outcome);
        if (_announcer.SaysProbes) _announcer.Tell(DirectorEvents.Probed(probed, outcome));
        _news.Look(Monitor.Plan, target, outcome);
        if (change is null) return;
        var last = ("", "");
        foreach (var server in change.Servers)
        {
            var service = Monitor.Plan.Services[server.Server.Service].Spec.Name;
            var name = Monitor.Plan.NameOf(server.Server);
            // A service that listens at several addresses has its servers once for each, one after the other in the plan.
            if (last == (service, name)) continue;
            last = (service, name);
            _counters.Turned(service, name, server.To);
            _announcer.Tell(DirectorEvents.ServerChanged(service, name, server.To, probed.Check.Name, outcome, change.Change, change.SinceOk));
        }
    }

    // Operators' verbs of a time without a daemon, and other runs, write the state themselves; the rest of a drain is ours.
    void LookAtIntents()
    {
        if (_isLockAwaited) return;
        var written = File.GetLastWriteTimeUtc(_store.Path);
        if (written == _stateSeen) return;
        _stateSeen = written;
        _isDirty = _isAwaited = true;
    }

    // A dead server leaves at once; what else has changed, and whatever is not plain, a pass over everything sees to.
    void SeeToHealth()
    {
        var began = _engine.Now;
        if (_keeper.Last is null || _keeper.Waits is not null || Monitor.StaleServices(began) is not { Count: <= MostAtOnce } stale)
        {
            _isDirty = true;
            return;
        }
        try
        {
            var services = stale.Select(i => _regime.Manifest.Services[i]).ToList();
            if (!_keeper.TryWith(kernel => _keeper.HealthPass(kernel, services, Overlay, _serviceChanges), out var isDone, isHealth: true))
            {
                // Another lvsctl is at work; its turn is short.
                _earliestHealthPass = began + s_lockRetry;
                return;
            }
            _isDirty |= !isDone;
        }
        catch (Exception e) when (TableKeeper.IsTrouble(e))
        {
            Degrade(e);
            return;
        }
        var now = _engine.Now;
        _earliestHealthPass = now + HealthPassPause * (now - began);
        // At once, unless there was one just now.
        _nextSave = Min(_nextSave, _lastSave + s_saveSoon);
        if (now >= _nextSave) Save();
        _manager.Status(Status());
    }

    void Degrade(Exception e)
    {
        // What it has seen of the servers' health is so, whatever the kernel makes of it.
        _keeper.Tell(_serviceChanges);
        _isDirty = false;
        _isAwaited = true;
        // Whatever else is wanted meanwhile: what has just failed is not tried at every turn.
        _nextPass = _earliestPass = _earliestHealthPass = _engine.Now + s_kernelRetry;
        _manager.Status($"degraded: {e.Message}");
    }

    void SeeToTable()
    {
        var began = _engine.Now;
        var touched = (Monitor.StaleServices(began) ?? [.. Enumerable.Range(0, Monitor.Plan.Services.Count)]).Select(i => Monitor.Plan.Services[i].Key).ToHashSet();
        var recent = _recent;
        _recent = null;
        PassView? pass;
        try
        {
            _isLockAwaited = !_keeper.TryWith(kernel => _keeper.Pass(kernel, _regime, ReconcilerOf(kernel), _serviceChanges, _isAwaited, touched, recent), out pass);
        }
        catch (Exception e) when (TableKeeper.IsTrouble(e))
        {
            Degrade(e);
            // What health wants needs nothing of the disk.
            if (e is StateException) _earliestHealthPass = _engine.Now;
            return;
        }
        if (pass is null)
        {
            // Another lvsctl is at work; its turn is short.
            _earliestPass = _nextPass = _engine.Now + s_lockRetry;
            return;
        }

        var wasDirty = _isDirty;
        _isDirty = _isAwaited = false;
        _stateSeen = File.GetLastWriteTimeUtc(_store.Path);
        var now = _engine.Now;
        var took = now - began;
        _earliestPass = now + PassPause * took;
        _nextPass = now + (_keeper.HasFailures ? s_kernelRetry : _keeper.HasDrains ? Max(s_drainPoll, PassPause * took) : Max(_regime.Cluster.Daemon.ReconcileEvery, DriftShare * took));
        // That may have looked at a part alone.
        if (recent is not null) _nextPass = Min(_nextPass, now + s_afterReload);
        var changed = pass.Report?.Done.Count > 0;
        if (changed && ProbePaths.Any(_regime.Cluster) && _keeper.ServicesThere() is { } there) _engine.Configure(Settings(_regime, MarksIn(_regime.Plan, there)));
        if (!wasDirty && !changed && _isReady) return;
        Save();
        _isReady = true;
        _manager.Ready(Status());
    }

    // A probe through a path that the kernel has not (yet) would end at the director itself.
    static Dictionary<ForwardingPath, uint> MarksIn(ProbePlan plan, IReadOnlySet<ServiceKey> there) =>
        ProbePaths.Marks(plan).Where(m => there.Contains(ServiceKey.Marked(m.Value, m.Key.Service.Family))).ToDictionary();

    Reconciler ReconcilerOf(IpvsClient kernel)
    {
        if (_reconciler is not null && ReferenceEquals(_reconciled, kernel)) return _reconciler;
        _reconciled = kernel;
        return _reconciler = new Reconciler(kernel, _store, _host.Clock, Overlay);
    }

    DesiredTable Overlay(DesiredTable wanted, IReadOnlyList<ObservedPool> observed) => Monitor.Lay(wanted, _engine.Now, _host.Clock.GetUtcNow(), _serviceChanges);

    static ProbeSettings Settings(Regime regime, IReadOnlyDictionary<ForwardingPath, uint> marks) => ProbeSettings.Of(regime.Cluster.Daemon) with { Marks = marks };

    string Status()
    {
        var (healthy, serving) = (0, 0);
        for (var s = 0; s < Monitor.Plan.Services.Count; s++)
        {
            var status = Monitor.StatusOf(s);
            healthy += status.Healthy;
            serving += status.Serving;
        }
        return $"{Monitor.Plan.Services.Count} services, {healthy} servers healthy, {serving} serving";
    }

    void Tend()
    {
        _nextTending = _engine.Now + s_watchEvery;
        _announcer.Tend();
        if (!_regime.Cluster.Daemon.WatchManifest) return;
        var stamp = ManifestPrint.Stamp(_host.ManifestPaths);
        // Whoever writes it slowly is let finish: it has to be the same twice.
        if (stamp != _stamp && stamp == _seenStamp) RequestReload();
        _seenStamp = stamp;
    }

    string? _seenStamp;

    void Save()
    {
        _lastSave = _engine.Now;
        _nextSave = _lastSave + s_saveEvery;
        _healthKeeper.Save(Remember());
    }

    HealthDocument Remember() => new(Monitor.Remember(_engine.Now, _host.Clock.GetUtcNow()), _news.Told) { LastSuccess = _keeper.LastSuccess };

    void Flush()
    {
        try
        {
            var all = new ApplyOptions(new PlanOptions(false, TimeSpan.Zero), SafetyLimits.Default, Force: true);
            var isDone = _keeper.TryWith(kernel => new Reconciler(kernel, _store, _host.Clock).Apply(DesiredTable.Empty, all, CancellationToken.None), out var result);
            if (isDone) _announcer.Tell(DirectorEvents.Flushed(result!.Report?.Done.Count ?? 0));
        }
        catch (Exception e) when (TableKeeper.IsTrouble(e))
        {
            // It was told, and there is no time to try again.
        }
    }

    public void Dispose()
    {
        RefuseQuestions();
        _engine.Dispose();
        _keeper.Dispose();
    }
}
