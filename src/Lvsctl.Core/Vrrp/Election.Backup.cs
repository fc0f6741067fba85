namespace Lvsctl.Core.Vrrp;

// RFC 9568 6.4.2.
public sealed partial class Election
{
    TransitionReason _readyBecause;
    TimeSpan? _preemptFrom;             // the preempt delay began
    bool _wasLate;

    void HearAsBackup(in ElectionInput advert)
    {
        if (advert.Priority == VrrpAdvertisement.PriorityLeaving)
        {
            // Said twice, or doubled on its way, it does not begin the wait anew.
            var isRepeated = _readyBecause == TransitionReason.MasterLeft && Master == advert.Source && _timer <= _now + Skew;
            (Master, MasterPriority) = (advert.Source, advert.Priority);
            _readyBecause = TransitionReason.MasterLeft;
            if (!IsReady && !isRepeated) Arm(Skew);
            return;
        }
        (Master, MasterPriority) = (advert.Source, advert.Priority);
        if (Preempts && advert.Priority < Priority && _heldUntil <= _now && !IsPreemptDelayed())
        {
            // Discarded: the timer runs on, and ends in mastership.
            _readyBecause = TransitionReason.Preempting;
            return;
        }
        if (advert.Priority >= Priority) _preemptFrom = null;
        _readyBecause = TransitionReason.MasterSilent;
        Follow(advert.Interval);
    }

    bool IsPreemptDelayed()
    {
        _preemptFrom ??= _now;
        return _now - _preemptFrom < _settings.PreemptDelay;
    }

    /// <summary>Some master is there, and is given all its time.</summary>
    void Follow(TimeSpan interval)
    {
        MasterInterval = _settings.Version == 2 ? _settings.Interval : interval;
        Arm(MasterDown);
    }

    void Arm(TimeSpan wait)
    {
        IsReady = false;
        _wasLate = false;
        _timer = _now + wait;
    }

    void ExpireAsBackup()
    {
        var late = _now - _timer;
        if (late >= MasterInterval && !_wasLate)
        {
            // This process slept, and perhaps through the master's adverts: it listens for one before it believes in the silence.
            _output.Add(new(ElectionOutputKind.Late) { By = late });
            Arm(MasterInterval + Skew);
            _wasLate = true;
            return;
        }
        WantMaster();
    }

    void WantMaster()
    {
        Cancel();
        if (!IsInGroup)
        {
            BecomeMaster();
            return;
        }
        IsReady = true;
    }
}
