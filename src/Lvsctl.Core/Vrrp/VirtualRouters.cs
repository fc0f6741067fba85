namespace Lvsctl.Core.Vrrp;

/// <param name="Router">Index in <see cref="VirtualRouters"/>.</param>
public readonly record struct RouterOutput(int Router, ElectionOutput Output);

/// <summary>
/// All virtual routers of a host, for one loop to drive. Those of one sync group change together: none is master before all can be, one
/// that is master no more takes the others with it, and a fault of one is a fault of all.
/// </summary>
public sealed class VirtualRouters
{
    readonly Election[] _elections;
    readonly int[][] _groups;               // members by router; a router without a group is alone in one
    readonly RouterFault[] _faults;         // their own, without their group's
    readonly List<ElectionOutput> _scratch = [];
    bool _isNew = true;                     // elections that were taken over may have waited for, or stood back with, a group that is another now

    /// <param name="routers">Elections may have run before, so that a reload takes over those that stay. Group: null, or any key.</param>
    public VirtualRouters(IReadOnlyList<(Election Election, string? Group)> routers)
    {
        _elections = [.. routers.Select(r => r.Election)];
        _faults = [.. _elections.Select(e => e.Fault == RouterFault.Group ? RouterFault.None : e.Fault)];
        _groups = new int[_elections.Length][];
        for (var i = 0; i < _elections.Length; i++)
        {
            var group = routers[i].Group;
            _groups[i] = group is null ? [i] : [.. Enumerable.Range(0, routers.Count).Where(r => routers[r].Group == group)];
            _elections[i].IsInGroup = _groups[i].Length > 1;
        }
    }

    public int Count => _elections.Length;

    public Election this[int router] => _elections[router];

    /// <summary>When to <see cref="Tick"/>; <see cref="TimeSpan.MaxValue"/>: never; <see cref="TimeSpan.MinValue"/>: at once, as nothing was stepped yet.</summary>
    public TimeSpan Deadline
    {
        get
        {
            if (_isNew) return TimeSpan.MinValue;
            var earliest = TimeSpan.MaxValue;
            foreach (var election in _elections)
            {
                if (election.Deadline < earliest) earliest = election.Deadline;
            }
            return earliest;
        }
    }

    /// <summary>Something happened to one router.</summary>
    /// <param name="into">Gets what is to be done, in order; it is not cleared before.</param>
    public void Step(int router, in ElectionInput input, TimeSpan now, List<RouterOutput> into)
    {
        switch (input.Kind)
        {
            case ElectionInputKind.Fitness:
                _faults[router] = input.Fault;
                Give(router, ElectionInput.Fitness(input.Priority, FaultOf(router)), now, into);
                break;
            case ElectionInputKind.HandOver or ElectionInputKind.Resume:
                foreach (var member in _groups[router]) Give(member, input, now, into);
                break;
            default:
                Give(router, input, now, into);
                break;
        }
        Settle(router, now, into);
    }

    /// <summary>Serves every router whose time has come. Read the sockets first: an advert that waits there may have moved a deadline.</summary>
    public void Tick(TimeSpan now, List<RouterOutput> into)
    {
        if (_isNew) Settle(0, now, into);
        for (var i = 0; i < _elections.Length; i++)
        {
            if (_elections[i].Deadline <= now) Step(i, ElectionInput.DeadlineReached, now, into);
        }
    }

    /// <summary>See <see cref="Election.Reload"/>.</summary>
    public void Reload(int router, ElectionSettings settings, IReadOnlyList<int> added, TimeSpan now, List<RouterOutput> into)
    {
        _scratch.Clear();
        _elections[router].Reload(settings, added, now, _scratch);
        Collect(router, into);
        Settle(router, now, into);
    }

    void Settle(int router, TimeSpan now, List<RouterOutput> into)
    {
        if (!_isNew)
        {
            if (_groups[router].Length > 1) Settle(_groups[router], now, into);
            return;
        }
        _isNew = false;
        foreach (var group in _groups) Settle(group, now, into);
    }

    void Settle(int[] group, TimeSpan now, List<RouterOutput> into)
    {
        foreach (var member in group)
        {
            var election = _elections[member];
            if (election.Fault != FaultOf(member)) Give(member, ElectionInput.Fitness(election.Priority, FaultOf(member)), now, into);
        }
        var masters = 0;
        var ready = 0;
        foreach (var member in group)
        {
            if (_elections[member].State == VrrpState.Master) masters++;
            else if (_elections[member].IsReady) ready++;
        }
        if (ready > 0 && masters + ready == group.Length)
        {
            foreach (var member in group) Give(member, ElectionInput.Promote, now, into);
        }
        else if (masters > 0 && masters < group.Length)
        {
            foreach (var member in group) Give(member, ElectionInput.Yield, now, into);
        }
    }

    RouterFault FaultOf(int router)
    {
        if (_faults[router] != RouterFault.None) return _faults[router];
        foreach (var member in _groups[router])
        {
            if (_faults[member] != RouterFault.None) return RouterFault.Group;
        }
        return RouterFault.None;
    }

    void Give(int router, in ElectionInput input, TimeSpan now, List<RouterOutput> into)
    {
        _scratch.Clear();
        _elections[router].Step(input, now, _scratch);
        Collect(router, into);
    }

    void Collect(int router, List<RouterOutput> into)
    {
        foreach (var output in _scratch) into.Add(new(router, output));
    }
}
