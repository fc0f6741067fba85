using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Control;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Metrics;
using Lvsctl.Director.Notify;
using Lvsctl.Director.State;
using Lvsctl.Director.Vrrp;
using Lvsctl.Linux.Processes;

namespace Lvsctl.Director.Running;

/// <summary>The director with all that people and programs have of it: its journal, its notifications, its control socket, its metrics and page.</summary>
public sealed class DirectorService : IDisposable
{
    /// <summary>When what only the start needed is done.</summary>
    static readonly TimeSpan s_settled = TimeSpan.FromSeconds(5);

    readonly TimeProvider _clock;
    readonly DirectorLog _log;
    readonly EventJournal _journal;
    readonly Notifier _notifier;
    readonly RunningDirector _director;
    readonly ControlServer _control;
    readonly MetricsServer _metrics;
    readonly JournalIntake? _intake;
    readonly VrrpKeeper? _keeper;
    readonly CancellationTokenSource _stop = new();

    /// <exception cref="Linux.Ipvs.IpvsException">The kernel cannot be talked to.</exception>
    public DirectorService(ClusterSpec cluster, DirectorHost host, StateStore store, DirectorLog log, ServiceManager manager)
    {
        (_clock, _log) = (host.Clock, log);
        _journal = new EventJournal(EventJournal.In(store.Directory), cluster.Daemon.JournalSize, host.Clock);
        var announcer = new Announcer(_journal, log, host.Clock);
        if (_journal.Trouble is { } trouble) announcer.Tell(DirectorEvents.JournalDamaged(trouble));
        // Before anybody new is told of anything, and before what happens from now on.
        if (host.Vrrp is not null) _intake = new JournalIntake(announcer, store.Directory, host.Clock);
        _notifier = new Notifier(_journal, store.Directory, announcer, host.Clock);
        _notifier.Configure(cluster);
        _director = new RunningDirector(cluster, host, store, new HealthStore(store.Directory), announcer, manager);
        _control = new ControlServer(cluster.Control, [.. new DirectorRoutes(_director, _journal, store.Directory, _stop.Token).All, .. new OperatorRoutes(_director, host, store, _journal).All], announcer, host.Clock);
        TakeLog(cluster.Log, announcer);
        var before = cluster;
        _director.Adopted += adopted =>
        {
            TakeLog(adopted.Log, announcer);
            _journal.Size = adopted.Daemon.JournalSize;
            if (adopted.Daemon.StateDirectory != before.Daemon.StateDirectory && store.Directory != adopted.Daemon.StateDirectory)
                announcer.Tell(DirectorEvents.Warning($"daemon.state-directory: {store.Directory} stays in use until the director is started again"));
            before = adopted;
        };
        _director.Adopted += adopted => _control.Configure(adopted.Control);
        manager.HoldReadyUntil(_control.Tried);
        _metrics = new MetricsServer(cluster.Metrics, _director, announcer, host, () => [.. _notifier.Status.Select(n => new NotificationSample(n.Name, n.Kind, n.Delivered, n.Failed, n.GivenUp, n.Waiting))]);
        _director.Adopted += adopted => _metrics.Configure(adopted.Metrics);
        _director.Adopted += _notifier.Configure;
        if (host.Vrrp is not { } vrrp) return;
        _keeper = new VrrpKeeper(cluster, vrrp.Process, vrrp.HasPart, vrrp.MayStart, announcer, host.Clock);
        _director.Adopted += _keeper.Configure;
    }

    void TakeLog(LogSpec spec, Announcer announcer)
    {
        _log.Configure(spec);
        if (_log.Trouble is { } trouble) announcer.Tell(DirectorEvents.Warning($"{trouble}; standard error has it all"));
    }

    /// <summary>From any thread. Also for whoever has moved the log's file away.</summary>
    public void RequestReload()
    {
        _log.Reopen();
        _director.RequestReload();
    }

    /// <summary>Works until it is told to stop.</summary>
    public void Run(CancellationToken stop)
    {
        using var ends = stop.Register(_stop.Cancel);
        using var settled = _clock.CreateTimer(static _ => ProgramPages.HandBackClean(), null, s_settled, Timeout.InfiniteTimeSpan);
        _director.Run(stop);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _keeper?.Dispose();
        _metrics.Dispose();
        _control.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _director.Dispose();
        _intake?.Dispose();
        _notifier.Dispose();
        _journal.Dispose();
        _stop.Dispose();
    }
}
