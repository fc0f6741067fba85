using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Notify;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// Tells people what VRRP's process has written down where no director does: on a host whose manifest has no services, and so needs none. It
/// does just what the director would, with the same files, so that either goes on where the other ended; they take turns by a lock
/// (<see cref="StateStore.TryBeHerald"/>), and the director goes first. Where there are services it is the director's alone, and what it
/// misses while it is down it tells afterwards. All of it beside VRRP's loop.
/// </summary>
public sealed class VrrpStandIn : IDisposable
{
    static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    readonly StateStore _store;
    readonly DirectorLog _log;
    readonly TimeProvider _clock;
    readonly ITimer _timer;
    readonly Lock _one = new();
    volatile ClusterSpec _cluster;
    ClusterSpec? _told;
    Herald? _herald;
    bool _isDisposed;
    string? _trouble;

    public VrrpStandIn(ClusterSpec cluster, StateStore store, DirectorLog log, TimeProvider clock)
    {
        (_cluster, _store, _log, _clock) = (cluster, store, log, clock);
        // At once: a target that is new is told what happens from now on.
        Look();
        _timer = clock.CreateTimer(_ => Look(), null, s_lookEvery, s_lookEvery);
    }

    /// <summary>Another manifest. From any thread, and at once.</summary>
    public void Configure(ClusterSpec cluster) => _cluster = cluster;

    void Look()
    {
        // To stop may take a few seconds.
        if (!_one.TryEnter()) return;
        try
        {
            if (!_isDisposed) TrySee();
        }
        finally
        {
            _one.Exit();
        }
    }

    void TrySee()
    {
        try
        {
            See();
            _trouble = null;
        }
        catch (Exception e) when (e is StateException or IOException or UnauthorizedAccessException)
        {
            if (_trouble != e.Message) _log.Write(DirectorEvents.Warning($"what VRRP does cannot be told to anybody: {e.Message}; trying again"));
            _trouble = e.Message;
        }
    }

    void See()
    {
        var cluster = _cluster;
        var isWanted = cluster.Services.Count == 0 && cluster.Notify.Count > 0 && !_store.IsDaemonAtWork();
        if (!isWanted)
        {
            End();
            return;
        }
        if (_herald is null)
        {
            if (_store.TryBeHerald() is not { } turn) return;
            (_herald, _told) = (new Herald(turn, cluster, _store.Directory, _log, _clock), cluster);
        }
        else if (!ReferenceEquals(_told, cluster))
        {
            _herald.Notifier.Configure(_told = cluster);
        }
    }

    void End()
    {
        _herald?.Dispose();
        _herald = null;
    }

    /// <summary>After what was written down last has been told, or a few seconds.</summary>
    public void Dispose()
    {
        lock (_one)
        {
            _isDisposed = true;
            _timer.Dispose();
            // A director may have gone since the last look.
            TrySee();
            End();
        }
    }

    // The director's journal and queue, for a while.
    sealed class Herald : IDisposable
    {
        readonly IDisposable _turn;
        readonly EventJournal _journal;
        readonly JournalIntake _intake;

        public Herald(IDisposable turn, ClusterSpec cluster, string directory, DirectorLog log, TimeProvider clock)
        {
            _turn = turn;
            _journal = new EventJournal(EventJournal.In(directory), cluster.Daemon.JournalSize, clock);
            var announcer = new Announcer(_journal, log, clock);
            if (_journal.Trouble is { } trouble) announcer.Tell(DirectorEvents.JournalDamaged(trouble));
            _intake = new JournalIntake(announcer, directory, clock);
            Notifier = new Notifier(_journal, directory, announcer, clock);
            Notifier.Configure(cluster);
        }

        public Notifier Notifier { get; }

        public void Dispose()
        {
            _intake.Dispose();
            Notifier.Dispose();
            _journal.Dispose();
            _turn.Dispose();
        }
    }
}
