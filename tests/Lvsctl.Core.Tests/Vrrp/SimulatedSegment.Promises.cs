using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

// What must hold.
sealed partial class SimulatedSegment
{
    readonly TimeSpan?[] _dualSince;
    readonly TimeSpan?[] _unownedSince;
    readonly bool[] _wasEligible;
    TimeSpan _calmSince;
    bool _isSettling;
    bool _mustBeOwned;
    SimulatedHost? _stopped;

    bool IsConnected
    {
        get
        {
            foreach (var cut in _cut)
            {
                if (cut) return false;
            }
            return _loss == 0 && !_isSettling && !Array.Exists(_hosts, h => h.IsPaused);
        }
    }

    void Disturb() => _calmSince = _now;

    void Look()
    {
        // In a bad state of the link nothing is promised; what was sent in it may arrive later.
        if (!IsConnected) _calmSince = _now;
        var calm = _calmSince + (_isOver ? TimeSpan.Zero : 2 * _shortest);
        for (var router = 0; router < _routers; router++)
        {
            LookForTwoMasters(router, calm);
            LookForNoOwner(router, calm);
        }
    }

    /// <summary>After each of its steps.</summary>
    void LookAt(SimulatedHost host)
    {
        var masters = 0;
        for (var r = 0; r < _routers; r++)
        {
            var election = host.Routers![r];
            var state = election.State;
            Expect(state == host.State[r], $"#{host.Index} is {state} and told {host.State[r]}");
            Expect(host.Holds[r] == election.HoldsAddresses || state == VrrpState.Initialize,
                $"#{host.Index} is {state} and its addresses are {(host.Holds[r] ? "there" : "gone")}");
            Expect(state != VrrpState.Master || host.Fault == RouterFault.None || !host.KnowsFault, $"#{host.Index} is master with a fault");
            // Twice the longest skew with its margins; a step of the clock, or a sleep, comes on top.
            var longest = 2 * (VrrpTimers.LongestSkew(_version, _longest) + _longest / 4 + TimeSpan.FromMilliseconds(100)) + 30 * _shortest;
            Expect(state != VrrpState.Leaving || host.Clock(_now) - election.Since <= longest, $"#{host.Index} leaves and leaves");
            if (state == VrrpState.Master) masters++;
        }
        Expect(masters == 0 || masters == _routers, $"the sync group of #{host.Index} is torn apart");
    }

    void LookForTwoMasters(int router, TimeSpan calm)
    {
        var masters = 0;
        foreach (var host in _hosts)
        {
            if (host.IsMaster(router)) masters++;
        }
        if (masters < 2)
        {
            _dualSince[router] = null;
            return;
        }
        var since = _dualSince[router] ??= _now;
        // A new master's first advert is answered or obeyed at once; two that found each other on a mended link are told by the next one.
        var isNew = since > calm;
        var limit = 2 * _delay + 2 * _jitter + (isNew ? TimeSpan.Zero : _longest);
        Expect(_now - (isNew ? since : calm) <= limit, $"{masters} masters of {router} since {since.TotalMilliseconds:0.000}, calm since {calm.TotalMilliseconds:0.000}");
    }

    void LookForNoOwner(int router, TimeSpan calm)
    {
        var isEligible = false;
        foreach (var host in _hosts)
        {
            if (host.Holds[router])
            {
                _unownedSince[router] = null;
                return;
            }
            isEligible |= host.IsEligible(router);
        }
        Expect(!_mustBeOwned, $"nobody holds {router}");
        if (isEligible != _wasEligible[router]) _unownedSince[router] = null;
        _wasEligible[router] = isEligible;
        if (!isEligible) return;
        var since = _unownedSince[router] ??= _now;
        var limit = MasterDown + 2 * _delay + 2 * _jitter;
        Expect(_now - (since > calm ? since : calm) <= limit, $"nobody has held {router} since {since.TotalMilliseconds:0.000}, calm since {calm.TotalMilliseconds:0.000}");
    }

    void ExpectOneMaster(string when)
    {
        // A preemption may be under way at this very moment.
        for (var i = 0; i < 3 && _hosts.Count(h => h.IsMaster(0)) != 1; i++) RunUntil(_now + 2 * _delay);
        for (var router = 0; router < _routers; router++)
        {
            Expect(_hosts.Count(h => h.IsMaster(router)) == 1, $"{_hosts.Count(h => h.IsMaster(router))} masters of {router} {when}");
            Expect(_hosts.Count(h => h.Holds[router]) == 1, $"{_hosts.Count(h => h.Holds[router])} hosts hold {router} {when}");
            Expect(_hosts.All(h => h.Routers is null || h == _stopped || h.StateOf(router) is VrrpState.Master or VrrpState.Backup), $"somebody of {router} is lost {when}");
        }
        var master = Array.Find(_hosts, h => h.IsMaster(0))!;
        Expect(Enumerable.Range(0, _routers).All(master.IsMaster), $"a sync group is torn apart {when}");
    }

    void ExpectTheBest()
    {
        var master = Array.Find(_hosts, h => h.IsMaster(0))!;
        foreach (var host in _hosts)
        {
            if (host.Routers is null || !(host.Settings[0].Preempt || host.Priority == 255)) continue;
            Expect(host.Priority <= master.Priority || host.Routers[0].HeldUntil is not null, $"#{master.Index} is master and #{host.Index} does not preempt");
        }
    }

    void Leave()
    {
        var master = Array.Find(_hosts, h => h.IsMaster(0))!;
        var isStop = _random.Next(2) == 0;
        Disturb();
        _mustBeOwned = true;
        if (isStop) _stopped = master;
        if (isStop) StepAll(master, ElectionInput.Stop);
        else Step(master, 0, ElectionInput.HandOver(TimeSpan.FromHours(1)));
        RunUntil(_now + VrrpTimers.LongestSkew(_version, _longest) + 2 * _delay + 4 * _jitter);
        ExpectOneMaster("after the master left");
        // Where intervals differ, the last word of one that lost may be all that is heard for longer than three of its intervals (RFC 9568 7.1).
        var isReturnExcused = _hosts.Any(h => h.Settings[0].Interval != _longest);
        Expect(isReturnExcused || !master.IsMaster(0), "the master left and is master");
        RunUntil(_now + _patience + MasterDown + 2 * _longest);
        ExpectOneMaster("some time after the master left");
        Expect(isReturnExcused || !master.IsMaster(0), "who handed over took it back");
        _mustBeOwned = false;
        if (isStop) Die(master, wholeMachine: true);
        else Step(master, 0, ElectionInput.Resume);
    }

    void Kill()
    {
        RunUntil(_now + _patience + MasterDown + 2 * _longest);
        var master = Array.Find(_hosts, h => h.IsMaster(0))!;
        var others = _hosts.Where(h => h != master && h.Routers is not null).ToList();
        if (others.Count == 0) return;
        // The silence began with its last advert, which all have heard; every backup counts with the dead master's interval.
        var best = others.Max(h => h.Priority);
        var wait = VrrpTimers.MasterDown(_version, best, master.Settings[0].Interval);
        Die(master, wholeMachine: true);
        Disturb();
        RunUntil(_now + wait * 1.001 + _delay + 2 * _jitter);
        Expect(_hosts.Any(h => h.IsMaster(0)), $"the master is dead, and nobody took over within {wait.TotalMilliseconds} ms");
        RunUntil(_now + _patience + MasterDown + 2 * _longest);
        ExpectOneMaster("after the master died");
    }
}
