namespace Lvsctl.Core.Vrrp;

// A master says that it leaves and answers until its successor is heard, so that the addresses are never without anybody.
public sealed partial class Election
{
    // For the way of two packets and a busy successor, beyond its skew.
    static readonly TimeSpan s_margin = TimeSpan.FromMilliseconds(100);

    TransitionReason _leaving;          // Stopped, HandOver, FaultBegan or Group
    bool _saidTwice;

    /// <summary>A leaving master answers so long at most, and once more if it has to repeat itself.</summary>
    TimeSpan SuccessorTime => VrrpTimers.LongestSkew(_settings.Version, _settings.Interval) + _settings.Interval / 4 + s_margin;

    void Leave(TransitionReason why)
    {
        _leaving = why;
        _saidTwice = false;
        // Nothing that draws the clients here any more.
        _announcements.Stop();
        Send(VrrpAdvertisement.PriorityLeaving);
        _timer = _now + SuccessorTime;
        Turn(VrrpState.Leaving, why);
    }

    void HearAsLeaving(in ElectionInput advert)
    {
        if (advert.Priority == VrrpAdvertisement.PriorityLeaving) return;
        (Master, MasterPriority) = (advert.Source, advert.Priority);
        End(TransitionReason.SuccessorHeard, advert.Source, advert.Priority);
        if (State != VrrpState.Backup) return;
        _readyBecause = TransitionReason.MasterSilent;
        Follow(advert.Interval);
    }

    void ExpireAsLeaving()
    {
        if (!_saidTwice)
        {
            // Whoever heard it would have taken over by now: nobody is there, or the advert was lost.
            _saidTwice = true;
            Send(VrrpAdvertisement.PriorityLeaving);
            _timer = _now + SuccessorTime;
            return;
        }
        if (_leaving == TransitionReason.HandOver && _fault == RouterFault.None && !IsInGroup)
        {
            // An address that nobody else wants is better kept.
            _readyBecause = TransitionReason.NobodyTookOver;
            BecomeMaster();
            return;
        }
        End(TransitionReason.NobodyTookOver);
        if (State != VrrpState.Backup) return;
        _readyBecause = TransitionReason.NoMaster;
        Arm(MasterDown);
    }

    void End(TransitionReason why, WireAddress? peer = null, byte priority = 0)
    {
        var to = _leaving == TransitionReason.Stopped ? VrrpState.Initialize : _fault != RouterFault.None ? VrrpState.Fault : VrrpState.Backup;
        Abdicate(to, why, peer, priority);
    }
}
