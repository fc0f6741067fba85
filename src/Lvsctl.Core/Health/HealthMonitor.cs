using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Health;

/// <summary>
/// The health of a whole cluster: outcomes of probes go in, the table with health laid over it comes out. <c>now</c> is always of one
/// monotonic clock that begins anywhere; the wall clock is asked for where something is written for people or for the next process.
/// Not for several threads at once.
/// </summary>
public sealed class HealthMonitor
{
    readonly HealthTracker[] _trackers;
    readonly ServiceAvailability[] _services;
    Dictionary<ServiceKey, int>? _byKey;
    readonly HashSet<int> _stale = [];          // services that something was observed of since they were last laid
    DesiredTable? _input;
    DesiredTable? _output;
    bool _isLaid;

    /// <param name="memory">What an earlier process knew; null: nothing.</param>
    /// <param name="kernel">The table at this moment: servers of which nothing is known stay as they are there.</param>
    public HealthMonitor(ProbePlan plan, HealthSnapshot? memory, IReadOnlyList<ObservedPool> kernel, TimeSpan now, DateTimeOffset wall)
        : this(plan, kernel, Trackers(plan, memory, new(now, wall)), Memories(plan, memory, new(now, wall)), new(now, wall))
    {
    }

    HealthMonitor(ProbePlan plan, IReadOnlyList<ObservedPool> kernel, HealthTracker[] trackers, Func<ServiceKey, int, ServiceMemory?> memoryOf, Clock clock)
    {
        (Plan, _trackers) = (plan, trackers);
        var pools = kernel.ToDictionary(p => p.Service.Service.Key);
        _services = new ServiceAvailability[plan.Services.Count];
        for (var s = 0; s < _services.Length; s++)
        {
            var service = plan.Services[s];
            _services[s] = new(service, pools.GetValueOrDefault(service.Key), memoryOf(service.Key, s), plan.Targets, _trackers, clock);
        }
    }

    /// <summary>
    /// For another manifest, of the same clock: knows what this one knows, also what is not remembered over restarts, such as the last probe's
    /// evidence. This one is of no use any more.
    /// </summary>
    /// <param name="kernel">As for the constructor.</param>
    public HealthMonitor GoOn(ProbePlan plan, IReadOnlyList<ObservedPool> kernel, TimeSpan now, DateTimeOffset wall)
    {
        var clock = new Clock(now, wall);
        var trackers = Trackers(plan, null, clock);
        for (var i = 0; i < trackers.Length; i++)
        {
            if (Plan.IndexOf(plan, i) is not (>= 0 and var old)) continue;
            if (Plan.Targets[old] == plan.Targets[i]) trackers[i] = _trackers[old];
            // Asked by other rules: what was counted by the old ones is judged by them.
            else if (TargetMemory.Of(plan.KeyOf(i), _trackers[old], clock)?.Restore(plan.Targets[i].Check, clock, plan.Cluster.Daemon.StateMaxAge) is { } tracker) trackers[i] = tracker;
        }
        return new(plan, kernel, trackers, (key, guess) => IndexOf(key, guess) is >= 0 and var old ? _services[old].Remember(clock) : null, clock);
    }

    static HealthTracker[] Trackers(ProbePlan plan, HealthSnapshot? memory, Clock clock)
    {
        var trackers = new HealthTracker[plan.Targets.Count];
        for (var i = 0; i < trackers.Length; i++) trackers[i] = HealthTracker.Start(plan.Targets[i].Check, clock.Now);
        foreach (var target in memory?.Targets ?? [])
        {
            if (plan.IndexOf(target.Key) is >= 0 and var i && target.Restore(plan.Targets[i].Check, clock, plan.Cluster.Daemon.StateMaxAge) is { } tracker) trackers[i] = tracker;
        }
        return trackers;
    }

    static Func<ServiceKey, int, ServiceMemory?> Memories(ProbePlan plan, HealthSnapshot? memory, Clock clock)
    {
        if (memory is null || clock.Believe(memory.Taken, plan.Cluster.Daemon.StateMaxAge) is null) return (_, _) => null;
        var memories = new Dictionary<string, ServiceMemory>();
        foreach (var service in memory.Services) memories[service.Key] = service;
        return (key, _) => memories.GetValueOrDefault(key.ToString());
    }

    public ProbePlan Plan { get; }

    public HealthTracker this[int target] => _trackers[target];

    /// <summary>As of the last laying, in the order of <see cref="ProbePlan.Services"/>.</summary>
    public ServiceStatus StatusOf(int service) => _services[service].Status;

    public HealthState StateOf(TargetUse server)
    {
        var service = Plan.Services[server.Service];
        return (server.Server < service.Servers.Count ? service.Servers[server.Server] : service.Fallback!).Judge(_trackers);
    }

    /// <summary>Nothing is known, or successes or failures are being counted: time for the fast pace, or for another round of <c>lvsctl check</c>.</summary>
    public bool IsCounting(int target, TimeSpan now) => !_trackers[target].IsSettled && !_trackers[target].IsHeld(now);

    /// <summary>Null as long as nothing turns; allocates nothing then.</summary>
    public HealthChange? Observe(int target, in ProbeOutcome outcome, TimeSpan now)
    {
        var check = Plan.Targets[target].Check;
        var before = _trackers[target];
        (_trackers[target], var change) = before.Observe(outcome, now, check);
        if (check.Weight is { } weight && outcome.Verdict == ProbeVerdict.Up) Heed(target, outcome.Word, weight.Step);
        if (change is not { } turn) return null;

        var servers = new List<ServerChange>();
        foreach (var use in Plan.UsesOf(target))
        {
            _stale.Add(use.Service);
            if (_services[use.Service].Refresh(use.Server, _trackers, out var from, out var to)) servers.Add(new(use, from, to));
        }
        return new(target, turn, outcome, now - before.LastOk, servers);
    }

    void Heed(int target, AgentWord word, Share? step)
    {
        foreach (var use in Plan.UsesOf(target))
        {
            var service = Plan.Services[use.Service];
            if (use.Server == service.Servers.Count || service.Servers[use.Server].Speaker(Plan.Targets) != target) continue;
            if (_services[use.Service].Heed(use.Server, word, step)) _stale.Add(use.Service);
        }
    }

    /// <summary>Another laying would differ from the last one, also where no change was told: a server said another weight, a slow start goes on.</summary>
    public bool IsStale(TimeSpan now) => !_isLaid || _stale.Count > 0 || now >= NextChange;

    /// <summary>Indices in <see cref="ProbePlan.Services"/> of those whose next laying may differ from the last, ascending; null: all, since not all were laid yet.</summary>
    public IReadOnlyList<int>? StaleServices(TimeSpan now)
    {
        if (!_isLaid) return null;
        if (now < NextChange) return [.. _stale.Order()];
        return [.. Enumerable.Range(0, _services.Length).Where(i => _stale.Contains(i) || now >= _services[i].NextChange)];
    }

    /// <summary>
    /// The table as it should be with the health known now. It remembers what it said (quorum, slow starts, who serves), so call it with the
    /// table that is going to be applied: the manifest's with the operators' intents laid over it, or some services of it. Unchanged services
    /// are the same objects.
    /// </summary>
    /// <param name="changes">Gets the services that gained or lost something.</param>
    public DesiredTable Lay(DesiredTable wanted, TimeSpan now, DateTimeOffset wall, List<ServiceChange>? changes = null)
    {
        if (ReferenceEquals(wanted, _input) && !IsStale(now)) return _output!;
        var clock = new Clock(now, wall);
        var services = new DesiredService[wanted.Services.Count];
        var isAsWanted = true;
        for (var i = 0; i < services.Length; i++)
        {
            var service = wanted.Services[i];
            var index = IndexOf(service.Service.Key, i);
            services[i] = index < 0 ? service : _services[index].Lay(service, _trackers, Plan.Targets, clock, changes);
            isAsWanted &= ReferenceEquals(services[i], service);
            _stale.Remove(index);
        }
        _isLaid |= wanted.Services.Count >= _services.Length;
        NextChange = _isLaid && _services.Length > 0 ? _services.Min(s => s.NextChange) : TimeSpan.MaxValue;
        _input = wanted;
        return _output = isAsWanted ? wanted : new DesiredTable(services);
    }

    /// <summary>When the next laying will differ although nothing is observed: a step of a slow start. <see cref="TimeSpan.MaxValue"/>: never.</summary>
    public TimeSpan NextChange { get; private set; } = TimeSpan.MaxValue;

    /// <summary>What the next process should know.</summary>
    public HealthSnapshot Remember(TimeSpan now, DateTimeOffset wall)
    {
        var clock = new Clock(now, wall);
        var targets = new List<TargetMemory>(_trackers.Length);
        for (var i = 0; i < _trackers.Length; i++)
        {
            if (TargetMemory.Of(Plan.KeyOf(i), _trackers[i], clock) is { } memory) targets.Add(memory);
        }
        return new(wall, targets, [.. _services.Select(s => s.Remember(clock))]);
    }

    /// <summary>-1: a service without health, such as one that only probes go through.</summary>
    int IndexOf(ServiceKey key, int guess)
    {
        // Tables come in the plan's order.
        if (guess < _services.Length && Plan.Services[guess].Key == key) return guess;
        if (_byKey is null)
        {
            var byKey = new Dictionary<ServiceKey, int>(_services.Length);
            for (var i = 0; i < _services.Length; i++) byKey.TryAdd(Plan.Services[i].Key, i);
            _byKey = byKey;
        }
        return _byKey.GetValueOrDefault(key, -1);
    }
}
