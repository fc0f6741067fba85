namespace Lvsctl.Core.Vrrp;

// RFC 9568 6.4.3.
public sealed partial class Election
{
    TimeSpan _sent;                     // the last advert
    WireAddress? _predecessor;          // a living master that was preempted: its last words are no rival's
    TimeSpan _predecessorUntil;         // an owner preempts without having listened, whoever it may be; a busy host may be late with them

    void BecomeMaster()
    {
        Cancel();
        _predecessor = _readyBecause == TransitionReason.Preempting ? Master : null;
        _predecessorUntil = _readyBecause is TransitionReason.Preempting or TransitionReason.Owner ? _now + 3 * MasterInterval : TimeSpan.MinValue;
        var (peer, priority) = (Master, MasterPriority);
        Master = null;
        MasterInterval = _settings.Interval;
        _preemptFrom = null;
        _heldUntil = TimeSpan.MinValue;
        _rivals.Clear();
        // The others are told first: until they are, they may take over as well.
        Send(Priority);
        _timer = _now + _settings.Interval;
        Emit(ElectionOutputKind.AddAddresses);
        _announcements.Start(_now);
        Announce();
        SyncConnections(VrrpState.Master);
        Turn(VrrpState.Master, _readyBecause, peer, priority);
    }

    void HearAsMaster(in ElectionInput advert)
    {
        if (advert.Priority == VrrpAdvertisement.PriorityLeaving)
        {
            // Its backups would take over after their skew; they hear at once that there is a master.
            SendNow();
            return;
        }
        var isTie = advert.Priority == Priority;
        if (advert.Priority > Priority || (isTie && advert.Source > _settings.Source))
        {
            TellRival(advert, isTie ? RivalVerdict.Prevails : RivalVerdict.Preempts);
            // Last words, by which the winner learns that there was another master, and announces its addresses again.
            Send(Priority);
            StepDown(isTie ? TransitionReason.TieLost : TransitionReason.Outranked, advert);
            return;
        }
        // RFC 3768 would be silent; RFC 9568 and keepalived assert themselves in version 2 as well.
        SendNow();
        if (!isTie && _now <= _predecessorUntil && advert.Source == (_predecessor ??= advert.Source)) return;
        if (TellRival(advert, RivalVerdict.Yields)) _announcements.Start(_now);
    }

    bool TellRival(in ElectionInput advert, RivalVerdict verdict)
    {
        if (!_rivals.Hear(advert.Source, _now)) return false;
        _output.Add(new(ElectionOutputKind.Rival)
        {
            Peer = advert.Source,
            Priority = advert.Priority,
            Verdict = verdict,
            TwoOwners = advert.Priority == VrrpAdvertisement.PriorityOwner && Priority == VrrpAdvertisement.PriorityOwner,
        });
        return true;
    }

    void SendInTime()
    {
        Send(Priority);
        // The beat is kept, unless it is lost.
        _timer += _settings.Interval;
        if (_timer <= _now) _timer = _now + _settings.Interval;
        while (_rivals.TryForget(_now, 3 * _settings.Interval, out var peer))
        {
            _output.Add(new(ElectionOutputKind.RivalGone) { Peer = peer });
            // What it announced meanwhile may be believed by somebody.
            _announcements.Start(_now);
        }
    }

    void SendNow()
    {
        Send(Priority);
        _timer = _now + _settings.Interval;
    }

    void Send(byte priority)
    {
        _sent = _now;
        _output.Add(new(ElectionOutputKind.SendAdvert) { Priority = priority });
    }

    /// <summary>The process slept so long that the backups have given this master up: it must not speak as one of old.</summary>
    void GiveUpIfStale()
    {
        if (_now - _sent <= VrrpTimers.MasterDown(_settings.Version, Priority, _settings.Interval)) return;
        _output.Add(new(ElectionOutputKind.Late) { By = _now - _timer });
        _readyBecause = TransitionReason.NoMaster;
        Abdicate(VrrpState.Backup, TransitionReason.Late);
        Arm(MasterDown);
    }

    void StepDown(TransitionReason why, in ElectionInput advert)
    {
        (Master, MasterPriority) = (advert.Source, advert.Priority);
        _readyBecause = TransitionReason.MasterSilent;
        Abdicate(VrrpState.Backup, why, advert.Source, advert.Priority);
        Follow(advert.Interval);
    }

    void Abdicate(VrrpState to, TransitionReason why, WireAddress? peer = null, byte priority = 0)
    {
        Cancel();
        _announcements.Stop();
        Emit(ElectionOutputKind.RemoveAddresses);
        SyncConnections(VrrpState.Backup);
        Turn(to, why, peer, priority);
    }
}
