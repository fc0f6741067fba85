using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// Sees that <c>lvsctl vrrp</c> runs where the manifest gives this host a part in a virtual router. One that dies is started again; one that
/// was told to stop is not, until the next reload; one that somebody else started is his. It outlives the director, and the next one finds it.
/// </summary>
public sealed class VrrpKeeper : IDisposable
{
    static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    /// <summary>Who lived for so long did not die of its start.</summary>
    static readonly TimeSpan s_sound = TimeSpan.FromMinutes(1);

    /// <summary>Whoever is to start it has had his time.</summary>
    static readonly TimeSpan s_overdue = TimeSpan.FromSeconds(10);

    readonly IVrrpProcess _process;
    readonly Func<ClusterSpec, bool> _hasPart;
    readonly bool _mayStart;
    readonly Announcer _announcer;
    readonly TimeProvider _clock;
    readonly ITimer _timer;
    readonly Lock _one = new();
    readonly Lock _turn = new();
    readonly long _began;
    ClusterSpec? _next;
    VrrpPresence _seen;
    bool? _isWanted;                    // null: the manifest does not say, and whatever runs goes on as it is
    bool _isReloadDue;
    bool _isRevived = true;
    bool _isSomebodyElses;
    bool _isStopTold;
    bool _isOverdueTold;
    bool _isTroubleTold;
    bool _isDisposed;
    long _since;
    long? _died;
    TimeSpan _pause;
    TimeSpan _toldPause = TimeSpan.MinValue;

    /// <param name="hasPart">Whether the manifest gives this host something to do.</param>
    /// <param name="mayStart">False: that is somebody else's, and here it is only looked at.</param>
    public VrrpKeeper(ClusterSpec cluster, IVrrpProcess process, Func<ClusterSpec, bool> hasPart, bool mayStart, Announcer announcer, TimeProvider clock)
    {
        (_process, _hasPart, _mayStart, _announcer, _clock) = (process, hasPart, mayStart, announcer, clock);
        _began = _since = clock.GetTimestamp();
        Adopt(cluster);
        _timer = clock.CreateTimer(_ => Turn(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Another manifest. From any thread, and at once.</summary>
    public void Configure(ClusterSpec cluster)
    {
        lock (_one) _next = cluster;
    }

    void Turn()
    {
        lock (_turn)
        {
            if (_isDisposed) return;
            try
            {
                See();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _announcer.Tell(DirectorEvents.Warning($"whether lvsctl vrrp is at work cannot be known: {e.Message}"));
            }
            _timer.Change(s_lookEvery, Timeout.InfiniteTimeSpan);
        }
    }

    void See()
    {
        // What an operator stopped before he reloaded is begun again by that.
        var now = _process.Look();
        if (now != _seen) Note(now);
        ClusterSpec? next;
        lock (_one) (next, _next) = (_next, null);
        if (next is not null)
        {
            Adopt(next);
            (_isReloadDue, _isRevived, _isStopTold, _isOverdueTold, _isTroubleTold) = (true, true, false, false, false);
        }
        if (now.IsThere) SeeToLiving(now);
        else SeeToAbsent(now);
    }

    void Adopt(ClusterSpec cluster)
    {
        try
        {
            _isWanted = _hasPart(cluster);
        }
        catch (VrrpException e)
        {
            _announcer.Tell(DirectorEvents.Warning($"VRRP: {e.Message}"));
        }
    }

    // What has changed since the last look.
    void Note(VrrpPresence now)
    {
        var before = _seen;
        _seen = now;
        if (now.IsThere)
        {
            if (!before.IsThere || now.Process != before.Process) _since = _clock.GetTimestamp();
            if (now.Standing == VrrpStanding.Own) _isSomebodyElses = true;
            // The manifest may be another since its director went.
            if (!before.IsThere && _died is null && now.Standing == VrrpStanding.Kept) _isReloadDue = true;
            // One that was started here says so itself.
            if (_died is null || now.Standing == VrrpStanding.Own) _announcer.Tell(VrrpEvents.Found(now.Process, now.Standing == VrrpStanding.Kept));
            return;
        }
        if (!before.IsThere) return;
        _died = _clock.GetTimestamp();
        if (now.Standing is VrrpStanding.Stopped or VrrpStanding.Ending)
        {
            (_pause, _isRevived) = (TimeSpan.Zero, false);
            return;
        }
        // At once the first time: addresses wait for it.
        _pause = _clock.GetElapsedTime(_since) >= s_sound ? TimeSpan.Zero : Longer(_pause);
        TellDied(before);
    }

    static TimeSpan Longer(TimeSpan pause) => pause == TimeSpan.Zero ? s_firstPause : pause * 2 < s_longestPause ? pause * 2 : s_longestPause;

    void TellDied(VrrpPresence before)
    {
        var isRestarted = MayStart && _isWanted == true;
        // One that always dies is not told each time.
        if (isRestarted && _pause == _toldPause) return;
        _toldPause = isRestarted && _pause == s_longestPause ? _pause : TimeSpan.MinValue;
        _announcer.Tell(VrrpEvents.Died(before.Process, isRestarted ? _pause : null));
    }

    bool MayStart => _mayStart && !_isSomebodyElses;

    void SeeToLiving(VrrpPresence now)
    {
        if (_isWanted == false && now.Standing == VrrpStanding.Kept)
        {
            _isStopTold = _isStopTold || Succeeds("stop", _process.Stop());
            _isReloadDue = false;
            return;
        }
        if (_isReloadDue) _isReloadDue = !Succeeds("read its manifest again", _process.Reload());
    }

    // It may not listen yet, or be busy: it is asked again at the next look, and that is told once.
    bool Succeeds(string what, string? why)
    {
        if (why is not null && !_isTroubleTold) _announcer.Tell(DirectorEvents.Warning($"lvsctl vrrp does not {what}: {why}; trying again"));
        _isTroubleTold = why is not null;
        return why is null;
    }

    void SeeToAbsent(VrrpPresence now)
    {
        _isReloadDue = false;
        if (_isWanted != true) return;
        if (!MayStart)
        {
            if (_isOverdueTold || _isSomebodyElses || _clock.GetElapsedTime(_began) < s_overdue) return;
            _isOverdueTold = true;
            _announcer.Tell(DirectorEvents.Warning("this host has a part in virtual routers, and no lvsctl vrrp is at work: as it is not the director that starts it, start its unit"));
            return;
        }
        if (now.Standing == VrrpStanding.Ending || now.Standing == VrrpStanding.Stopped && !_isRevived) return;
        if (_died is { } died && _clock.GetElapsedTime(died) < _pause) return;
        Start();
    }

    void Start()
    {
        _isRevived = false;
        var refused = _process.Start();
        _died = _since = _clock.GetTimestamp();
        if (refused is not null)
        {
            _pause = Longer(_pause);
            _announcer.Tell(DirectorEvents.Warning($"lvsctl vrrp cannot be started: {refused}; trying again"));
            return;
        }
        // It may be dead by the next look, and was there all the same.
        _seen = _process.Look() is { IsThere: true } there ? there : new(VrrpStanding.Kept);
    }

    /// <summary>Leaves the process as it is.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            _isDisposed = true;
            _timer.Dispose();
        }
    }
}
