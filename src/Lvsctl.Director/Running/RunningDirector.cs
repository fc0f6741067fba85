using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Probing;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Director.Running;

/// <summary>What the director needs from outside.</summary>
/// <param name="ReadManifest">Null where the manifest cannot be used; why is in the text.</param>
/// <param name="OpenKernel">Called again after the kernel was lost.</param>
public sealed record DirectorHost(Func<(ClusterSpec? Cluster, string Trouble)> ReadManifest, Func<IpvsClient> OpenKernel, KernelSettings Settings, TimeProvider Clock);

/// <summary>
/// The director as a daemon: probes by schedule, and sees to the kernel's table on every change, and now and then against drift. One thread
/// does it all, in turns; what it wants to know after a crash is on disk, and the kernel's table needs it for nothing.
/// </summary>
public sealed class RunningDirector : IDisposable
{
    static readonly TimeSpan s_turn = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_drainPoll = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_lockRetry = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan s_kernelRetry = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_saveEvery = TimeSpan.FromSeconds(10);

    readonly DirectorHost _host;
    readonly StateStore _store;
    readonly HealthStore _healthStore;
    readonly DirectorLog _log;
    readonly ServiceManager _manager;
    readonly ProbeEngine _engine;
    readonly ProbeRunner _runner;
    readonly HashSet<string> _unmade = [];
    readonly HashSet<string> _refused = [];
    ClusterSpec _cluster;
    DesiredTable _manifest;
    IpvsClient? _kernel;
    HealthDocument _memory;
    TimeSpan _nextPass;
    TimeSpan _nextSave;
    TimeSpan _nextKeepAlive;
    DateTime _stateSeen;
    bool _isDirty = true;
    bool _expectsDrift;
    bool _isDegraded;
    bool _reload;

    /// <exception cref="IpvsException">The kernel cannot be talked to.</exception>
    public RunningDirector(ClusterSpec cluster, DirectorHost host, StateStore store, HealthStore healthStore, DirectorLog log, ServiceManager manager)
    {
        (_host, _store, _healthStore, _log, _manager, _cluster) = (host, store, healthStore, log, manager, cluster);
        _manifest = DesiredTableBuilder.Build(cluster);
        _kernel = host.OpenKernel();
        var plan = ProbePlan.Of(cluster);
        var observed = _kernel.ReadTable();
        _engine = new ProbeEngine(ProbeSettings.Of(cluster.Daemon) with { Marks = ProbePaths.Marks(plan) }, host.Clock);
        _memory = healthStore.Read(out var trouble) ?? HealthDocument.Empty;
        if (trouble is not null) log.Warning(trouble);
        var monitor = new HealthMonitor(plan, _memory.Health, observed, _engine.Now, host.Clock.GetUtcNow());
        _runner = new ProbeRunner(_engine, monitor);
    }

    HealthMonitor Monitor => _runner.Monitor;

    /// <summary>From any thread: read the manifest again.</summary>
    public void RequestReload() => _engine.Invoke(() => _reload = true);

    /// <summary>Works until it is told to stop, and leaves the kernel's table as it is, unless the manifest says otherwise.</summary>
    public void Run(CancellationToken stop)
    {
        using var wake = stop.Register(() => _engine.Invoke(static () => { }));
        _log.Started(_cluster.Services.Count, _cluster.Services.Sum(s => s.Servers.Count), Monitor.Plan.Targets.Count);
        while (!stop.IsCancellationRequested)
        {
            if (_reload) Reload();
            LookAtIntents();
            if (_isDirty || Monitor.IsStale(_engine.Now) || _engine.Now >= _nextPass) SeeToTable();
            if (_engine.Now >= _nextSave) Save();
            if (_manager.KeepAliveEvery is { } often && _engine.Now >= _nextKeepAlive)
            {
                _manager.KeepAlive();
                _nextKeepAlive = _engine.Now + often;
            }
            _runner.Pump(Wait(), Seen);
        }
        _manager.Stopping();
        _log.Stopping("it was told to");
        Save();
        if (_cluster.Daemon.FlushOnExit) Flush();
    }

    TimeSpan Wait()
    {
        var until = _nextPass;
        if (_isDirty) until = TimeSpan.Zero;
        if (Monitor.NextChange < until) until = Monitor.NextChange;
        var wait = until - _engine.Now;
        if (_kernel is null || _expectsLock) wait = s_lockRetry;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < s_turn ? wait : s_turn;
    }

    bool _expectsLock;

    void Seen(int target, in ProbeOutcome outcome, HealthChange? change)
    {
        if (_log.SaysProbes) _log.Probed(Monitor.Plan.Targets[target], outcome);
        TellUnmade(target, outcome);
        if (change is null) return;
        _isDirty = true;
        foreach (var server in change.Servers)
        {
            var name = Monitor.Plan.Services[server.Server.Service].Spec.Name;
            _log.ServerChanged(name, Monitor.Plan.NameOf(server.Server), server.To, Monitor.Plan.Targets[target].Check.Name, outcome, change.Change, change.SinceOk);
        }
    }

    // Once, not each second.
    void TellUnmade(int target, in ProbeOutcome outcome)
    {
        if (outcome.Verdict != ProbeVerdict.Unmade && _unmade.Count == 0) return;
        var key = Monitor.Plan.KeyOf(target);
        if (outcome.Verdict == ProbeVerdict.Unmade)
        {
            if (_unmade.Add(key)) _log.ProbeUnmade(Monitor.Plan.Targets[target], outcome);
        }
        else if (_unmade.Remove(key))
        {
            _log.ProbeMadeAgain(Monitor.Plan.Targets[target]);
        }
    }

    // Operators' verbs write them down, and carry them out themselves; the rest of a drain is ours.
    void LookAtIntents()
    {
        var written = File.GetLastWriteTimeUtc(_store.Path);
        if (written == _stateSeen) return;
        _stateSeen = written;
        _isDirty = true;
        _expectsDrift = true;
    }

    void SeeToTable()
    {
        _expectsLock = false;
        try
        {
            _kernel ??= _host.OpenKernel();
            if (_store.TryLock() is not { } held)
            {
                // Another lvsctl is at work; its turn is short.
                _expectsLock = true;
                _nextPass = _engine.Now + s_lockRetry;
                return;
            }
            using (held) Pass(_kernel);
            if (_isDegraded) _log.Recovered();
            _isDegraded = false;
        }
        catch (Exception e) when (e is IpvsException or NetlinkException or StateException or SysctlException)
        {
            if (!_isDegraded) _log.Degraded(e.Message);
            _isDegraded = true;
            // The connection itself may be what is broken.
            if (e is not StateException)
            {
                _kernel?.Dispose();
                _kernel = null;
            }
            _isDirty = false;
            _nextPass = _engine.Now + s_kernelRetry;
        }
    }

    void Pass(IpvsClient kernel)
    {
        var wasDirty = _isDirty;
        var serviceChanges = new List<ServiceChange>();
        var reconciler = new Reconciler(kernel, _store, _host.Clock, (wanted, _) => Monitor.Lay(wanted, _engine.Now, _host.Clock.GetUtcNow(), serviceChanges));
        var limits = new SafetyLimits(_cluster.Safety.MaxUnavailable ?? SafetyLimits.Default.MaxUnavailable, _cluster.Safety.MaxDeletes ?? SafetyLimits.Default.MaxDeletes);
        var options = new ApplyOptions(PlanOptions.Default, limits, Force: false);
        ApplyResult result;
        if (new Confirmation(kernel, _host.Settings, _store, _host.Clock).Hold is { } hold)
        {
            // What people have not confirmed, or took back, waits for people.
            var wanted = hold.Over(_manifest);
            result = HealthOnly.Apply(reconciler, _store, wanted, reconciler.Plan(wanted, options.Plan), options, CancellationToken.None, out _);
        }
        else
        {
            var director = new DirectorSettings(kernel, _host.Settings);
            var settings = director.Plan(_cluster.Settings);
            result = reconciler.Apply(_manifest, options, CancellationToken.None, _ => director.Apply(settings, _cluster.Settings));
            if (result.Report is null)
            {
                foreach (var refusal in result.Refusals.Where(r => _refused.Add(r.Text))) _log.Refused(refusal.Rule, refusal.Text);
                result = HealthOnly.Apply(reconciler, _store, _manifest, result.Planned, options, CancellationToken.None, out _);
            }
            else
            {
                _refused.Clear();
            }
        }

        var report = result.Report!;
        if (!wasDirty && !_expectsDrift && report.Done.Count > 0 && serviceChanges.Count == 0 && report.Done.All(s => s.Because is null)) _log.Drifted(report.Done.Count);
        foreach (var change in serviceChanges) _log.ServiceChanged(change);
        foreach (var step in report.Done) _log.Step(step);
        foreach (var failed in report.Failed) _log.StepFailed(failed.Step, failed.Why);
        _isDirty = report.Failed.Count > 0;
        _expectsDrift = false;
        _stateSeen = File.GetLastWriteTimeUtc(_store.Path);
        var drains = result.Planned.Plan.Draining.Count > 0 || _store.Read().Intents.Any(i => i.Kind == IntentKind.Drain);
        _nextPass = _engine.Now + (report.Failed.Count > 0 ? s_kernelRetry : drains ? s_drainPoll : _cluster.Daemon.ReconcileEvery);
        if (report.Failed.Count > 0) _isDirty = false;
        if (wasDirty || report.Done.Count > 0)
        {
            Save();
            _manager.Ready(Status());
        }
    }

    string Status()
    {
        var statuses = Enumerable.Range(0, Monitor.Plan.Services.Count).Select(Monitor.StatusOf).ToList();
        return $"{statuses.Count} services, {statuses.Sum(s => s.Healthy)} servers healthy, {statuses.Sum(s => s.Serving)} serving";
    }

    void Save()
    {
        _nextSave = _engine.Now + s_saveEvery;
        _memory = _memory with { Health = Monitor.Remember(_engine.Now, _host.Clock.GetUtcNow()) };
        try
        {
            _healthStore.Write(_memory);
        }
        catch (StateException e)
        {
            if (_refused.Add(e.Message)) _log.Warning(e.Message);
        }
    }

    void Reload()
    {
        _reload = false;
        var (cluster, trouble) = _host.ReadManifest();
        if (cluster is null)
        {
            _log.ReloadRefused(trouble);
            return;
        }
        var plan = ProbePlan.Of(cluster);
        var now = _engine.Now;
        var wall = _host.Clock.GetUtcNow();
        IReadOnlyList<ObservedPool> observed;
        try
        {
            observed = (_kernel ??= _host.OpenKernel()).ReadTable();
        }
        catch (Exception e) when (e is IpvsException or NetlinkException)
        {
            _log.ReloadRefused(e.Message);
            return;
        }
        var next = new HealthMonitor(plan, Monitor.Remember(now, wall), observed, now, wall);
        (_cluster, _manifest) = (cluster, DesiredTableBuilder.Build(cluster));
        _engine.Configure(ProbeSettings.Of(cluster.Daemon) with { Marks = ProbePaths.Marks(plan) });
        var (kept, added, gone) = _runner.Reload(next);
        _unmade.Clear();
        _refused.Clear();
        _log.Reloaded(kept, added, gone);
        _isDirty = true;
    }

    void Flush()
    {
        if (_kernel is null) return;
        using var held = _store.TryLock();
        if (held is null) return;
        var result = new Reconciler(_kernel, _store, _host.Clock).Apply(DesiredTable.Empty, new ApplyOptions(new PlanOptions(false, TimeSpan.Zero), SafetyLimits.Default, Force: true), CancellationToken.None);
        _log.Flushed(result.Report?.Done.Count ?? 0);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _kernel?.Dispose();
    }
}
