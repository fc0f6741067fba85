using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Tests.Health;

/// <summary>
/// A director in virtual time: real servers that die and return, operators that interfere, a network that fails under the director, restarts
/// and clocks that jump; schedule, monitor and planner as they are, a kernel's table that does what it is told step by step. After each
/// event it looks whether a promise was broken.
/// </summary>
sealed class SimulatedDirector
{
    static readonly TimeSpan s_answer = TimeSpan.FromMilliseconds(20);

    readonly Random _random;
    readonly ClusterSpec _cluster;
    readonly DesiredTable _manifest;
    readonly ProbePlan _plan;
    readonly Machine[] _machines;
    readonly Dictionary<IPAddress, Machine> _byAddress;
    readonly Dictionary<ServiceKey, Dictionary<RealServerKey, RealServer>> _kernel = [];
    readonly PriorityQueue<Action, TimeSpan> _events = new();
    readonly List<Intent> _intents = [];
    readonly HealthState[] _journal;        // what the changes that were told add up to
    readonly HashSet<int> _underWay = [];

    HealthMonitor _monitor;
    ProbeSchedule _schedule;
    TimeSpan _now;                          // true time; the process's clock began at _origin
    TimeSpan _origin;
    TimeSpan _wallAhead;
    int _process;
    TimeSpan _disturbed;                    // the director's own trouble ended or began, or it was restarted
    bool _isInTrouble;
    DesiredTable _wanted;                   // the manifest's with the operators' intents

    sealed class Machine(IPAddress address)
    {
        public IPAddress Address => address;

        public bool IsUp { get; set; } = true;

        public TimeSpan Since { get; set; }

        /// <summary>An operator gave it back, or took it.</summary>
        public TimeSpan Touched { get; set; }
    }

    public SimulatedDirector(int seed)
    {
        _random = new Random(seed);
        _cluster = RandomCluster();
        _manifest = DesiredTableBuilder.Build(_cluster);
        _wanted = _manifest;
        _plan = ProbePlan.Of(_cluster);
        _machines = [.. _plan.Targets.Select(t => t.Address).Distinct().Select(a => new Machine(a))];
        _byAddress = _machines.ToDictionary(m => m.Address);
        _monitor = new(_plan, null, [], Clock, Wall);
        _schedule = new(_plan, Clock);
        _journal = [.. _plan.Targets.Select((_, i) => _monitor[i].State)];
        foreach (var machine in _machines) Later(MinutesUpTo(300), () => Flip(machine));
        Later(MinutesUpTo(120), Trouble);
        Later(MinutesUpTo(600), Restart);
        Later(MinutesUpTo(60), Operate);
        Later(TimeSpan.FromMinutes(1), Look);
    }

    public int Probes { get; private set; }

    public int Changes { get; private set; }

    public int Steps { get; private set; }

    public int Restarts { get; private set; }

    public int Holds { get; private set; }

    TimeSpan Clock => _now - _origin;

    DateTimeOffset Wall => Rig.Start + _wallAhead + _now;

    public void Run(TimeSpan until)
    {
        while (true)
        {
            if (_monitor.IsStale(Clock)) Reconcile();
            var next = until;
            if (_schedule.NextDue is { } due) next = Earlier(next, _origin + due);
            if (_events.TryPeek(out _, out var at)) next = Earlier(next, at);
            if (_monitor.NextChange != TimeSpan.MaxValue) next = Earlier(next, _origin + _monitor.NextChange);
            _now = next;
            if (_now >= until) return;
            while (_schedule.TryTake(Clock, out var target)) Begin(target);
            while (_events.TryPeek(out _, out at) && at <= _now) _events.Dequeue()();
        }
    }

    // ---- what happens ----

    void Begin(int target)
    {
        Expect(_underWay.Add(target), $"{_plan.Targets[target]} is probed twice at once");
        Probes++;
        var process = _process;
        var machine = _byAddress[_plan.Targets[target].Address];
        var outcome = _isInTrouble && _random.Next(4) > 0 ? new ProbeOutcome(ProbeReason.NoResources, default)
            : machine.IsUp ? new ProbeOutcome(ProbeReason.Ok, s_answer) { Word = _random.Next(50) == 0 ? new(AgentWordKind.Percent, 50) : default }
            : _random.Next(3) == 0 ? new ProbeOutcome(ProbeReason.TimedOut, default)
            : new ProbeOutcome(ProbeReason.Refused, s_answer);
        // Now and then one takes longer than its interval.
        var took = outcome.Reason != ProbeReason.TimedOut ? s_answer : _plan.Targets[target].Check.Timeout;
        Later(took, () =>
        {
            if (process == _process) End(target, machine, outcome);
        });
    }

    void End(int target, Machine machine, ProbeOutcome outcome)
    {
        _underWay.Remove(target);
        if (_monitor.Observe(target, outcome, Clock) is { } change)
        {
            Changes++;
            Expect(change.Change.From == _journal[target], $"{_plan.Targets[target]} was {_journal[target]} by the changes told, and turns from {change.Change.From}");
            var shown = outcome.Verdict switch { ProbeVerdict.Up => HealthState.Up, ProbeVerdict.Down => HealthState.Down, _ => HealthState.Unknown };
            if (change.Change.IsHeld) Holds++;
            Expect(change.Change.To == shown || change.Change.IsHeld, $"{_plan.Targets[target]} turns {change.Change.To} though {outcome.Reason}");
            _journal[target] = change.Change.To;
        }
        Expect(_journal[target] == _monitor[target].State, $"{_plan.Targets[target]} is {_monitor[target].State}, and nobody was told");
        _schedule.Ended(target, Clock, _monitor.IsCounting(target, Clock));
    }

    void Flip(Machine machine)
    {
        machine.IsUp = !machine.IsUp;
        machine.Since = _now;
        // Mostly for long; sometimes for a moment.
        Later(_random.Next(4) == 0 ? TimeSpan.FromSeconds(_random.Next(1, 40)) : MinutesUpTo(machine.IsUp ? 400 : 60), () => Flip(machine));
    }

    void Trouble()
    {
        _isInTrouble = !_isInTrouble;
        _disturbed = _now;
        Later(MinutesUpTo(_isInTrouble ? 10 : 300), Trouble);
    }

    void Operate()
    {
        var service = _cluster.Services[_random.Next(_cluster.Services.Count)];
        var server = service.Servers[_random.Next(service.Servers.Count)];
        _byAddress[server.Address].Touched = _now;
        if (_intents.RemoveAll(i => i.Concerns(service.Name, server.Name)) == 0)
        {
            var kind = (IntentKind)_random.Next(3);
            _intents.Add(new(kind, server.Name, service.Name, Wall) { Weight = 3, Then = DrainEnd.Hold });
        }
        _wanted = Overlay.Lay(_intents, _manifest, [], Wall);
        Reconcile();
        Later(MinutesUpTo(60), Operate);
    }

    void Restart()
    {
        Restarts++;
        var memory = _monitor.Remember(Clock, Wall);
        _process++;
        _underWay.Clear();
        var jumps = _random.Next(3) == 0;
        if (jumps) _wallAhead += TimeSpan.FromHours(_random.Next(-2000, 2000));
        _origin = _now - TimeSpan.FromSeconds(_random.Next(0, 100_000));
        _disturbed = _now;
        _monitor = new(_plan, memory, Observed(), Clock, Wall);
        _schedule = new(_plan, Clock, t => _monitor.IsCounting(t, Clock));
        for (var i = 0; i < _journal.Length; i++) _journal[i] = _monitor[i].State;
        Reconcile(isRestart: true, remembers: !jumps);
        Later(MinutesUpTo(600), Restart);
    }

    void Reconcile(bool isRestart = false, bool remembers = false)
    {
        var desired = _monitor.Lay(_wanted, Clock, Wall);
        Expect(ReferenceEquals(desired, _monitor.Lay(_wanted, Clock, Wall)), "laying twice gives the same table");
        var plan = Planner.Plan(desired, Observed(), Ownership.None, DrainPolicy.AtOnce);
        foreach (var step in plan.Steps)
        {
            Expect(!remembers, $"a restart changes {step.Server} of {step.Service}: {step.Because}");
            Expect(!isRestart || !step.TakesOutOfService, $"a restart takes {step.Server} of {step.Service} out: {step.Because}");
            Steps++;
            Carry(step.Change);
            if (step.ServerKey is not null) LookAt(step.ServiceKey, step.Service, isBetween: true);
        }
        if (plan.IsEmpty) return;
        Expect(Planner.Plan(desired, Observed(), Ownership.None, DrainPolicy.AtOnce).IsEmpty, "a plan carried out leaves nothing to do");
        foreach (var service in _plan.Services) LookAt(service.Key, service.Spec.Name, isBetween: false);
    }

    void Carry(TableChange change)
    {
        switch (change)
        {
            case TableChange.AddService add:
                _kernel.Add(add.Service.Key, []);
                break;
            case TableChange.AddServer add:
                _kernel[add.Service].Add(add.Server.Key, add.Server);
                break;
            case TableChange.SetServer set:
                _kernel[set.Service][set.Server.Key] = set.Server;
                break;
            case TableChange.RemoveServer remove:
                Expect(_kernel[remove.Service].Remove(remove.Server), $"{remove.Server} is not there to be removed");
                break;
            default:
                throw new InvalidOperationException(change.ToString());
        }
    }

    // ---- what must hold ----

    /// <param name="isBetween">In the middle of a plan, a service that had somebody must still have somebody.</param>
    void LookAt(ServiceKey key, string name, bool isBetween)
    {
        if (!_kernel.TryGetValue(key, out var table)) return;
        var index = Enumerable.Range(0, _plan.Services.Count).First(i => _plan.Services[i].Key == key);
        var (spec, status) = (_plan.Services[index].Spec, _monitor.StatusOf(index));
        bool Serves(ServerSpec s) => table.TryGetValue(new(s.Address, DesiredTableBuilder.Port(s, key)), out var there) && there.Weight > 0;

        var serving = spec.Servers.Count(Serves);
        var fallback = spec.Fallback is { } f && Serves(f);
        if (spec.Fallback is not null && !isBetween) Expect(serving > 0 || fallback, $"{name} has neither servers nor its fallback");
        var ours = spec.Servers.Count(s => !_intents.Any(i => i.Kind != IntentKind.Weight && i.Concerns(spec.Name, s.Name)));
        var floor = Math.Min(spec.MinHealthy.Of(spec.Servers.Count), ours);
        if (!fallback && !isBetween) Expect(serving >= floor, $"{name} has {serving} servers, and its floor is {floor}");
        if (!isBetween) Expect(fallback == status.FallbackStandsIn && serving == status.Serving, $"{name} says {status}, and the table has {serving}, fallback {fallback}");
    }

    /// <summary>Nothing may happen too late either.</summary>
    void Look()
    {
        Later(TimeSpan.FromSeconds(_random.Next(5, 120)), Look);
        if (_monitor.IsStale(Clock)) return;
        // Whatever the monitor remembers of the last laying: a new look at everything shows the same.
        var anew = _monitor.Lay(new([.. _wanted.Services.Select(s => s with { })]), Clock, Wall);
        var missed = Planner.Plan(anew, Observed(), Ownership.None, DrainPolicy.AtOnce).Steps;
        Expect(missed.Count == 0, $"nobody was told of {string.Join(", ", missed.Select(m => $"{m.Service} {m.Action} {m.Server}: {m.Because}"))}");
        if (_isInTrouble) return;
        for (var s = 0; s < _plan.Services.Count; s++)
        {
            var (service, status) = (_plan.Services[s], _monitor.StatusOf(s));
            foreach (var server in service.Spec.Servers)
            {
                if (_intents.Any(i => i.Kind != IntentKind.Weight && i.Concerns(service.Spec.Name, server.Name))) continue;
                var machine = _byAddress[server.Address];
                var check = Leaf(service.Spec.Check!);
                // What disturbs the director, or an operator's hand, starts the clock anew.
                var since = new[] { machine.Since, machine.Touched, _disturbed }.Max();
                var weight = _kernel[service.Key].TryGetValue(new(server.Address, DesiredTableBuilder.Port(server, service.Key)), out var there) ? there.Weight : 0;
                if (machine.IsUp && _now - since > check.Every * (check.Rise + 1) + check.Timeout + s_answer + (check.Flap?.Hold ?? TimeSpan.Zero))
                    Expect(weight > 0 || status.FallbackStandsIn, $"{server.Name} of {service.Spec.Name} has been well since {since} and is out at {_now}");
                if (!machine.IsUp && _now - since > (check.Every + check.Timeout) * (check.Fall + 1))
                    Expect(weight == 0 || status.KeptIn > 0, $"{server.Name} of {service.Spec.Name} has been dead since {since} and serves at {_now}");
            }
        }
    }

    void Expect(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException($"at {_now}: {otherwise}");
    }

    // ---- the world ----

    ClusterSpec RandomCluster()
    {
        var leaves = Enumerable.Range(0, 3).Select(i => new CheckSpec($"c{i}", new ProbeSpec.Tcp())
        {
            Every = TimeSpan.FromSeconds(_random.Next(4, 20)),
            FastEvery = _random.Next(2) == 0 ? TimeSpan.FromSeconds(2) : null,
            Timeout = TimeSpan.FromSeconds(_random.Next(1, 8)),
            Rise = _random.Next(1, 4),
            Fall = _random.Next(1, 4),
            Port = _random.Next(2) == 0 ? (ushort)(1000 + i) : null,
            Flap = i == 2 ? new(4, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(5)) : null,
            Weight = i == 0 ? new(WeightSource.Body, null, Share.Count(2)) : null,
        }).ToList();
        var services = Enumerable.Range(0, 4).Select(i =>
        {
            var check = leaves[_random.Next(3)];
            return new ServiceSpec($"s{i}")
            {
                Listen = i == 0 ? [Key(i, 80), Key(i, 443)] : [Key(i, 80)],
                // All of one is that one; two members of one kind differ in nothing but their port.
                Check = _random.Next(3) switch
                {
                    0 => check,
                    1 => new CheckSpec($"all{i}", new ProbeSpec.All([check, check with { Name = $"other{i}", Port = 99 }])),
                    _ => new CheckSpec($"any{i}", new ProbeSpec.Any([check, check with { Name = $"any-other{i}", Port = 98 }])),
                },
                MinHealthy = _random.Next(3) switch { 0 => Share.Count(0), 1 => Share.Count(1), _ => Share.Percent(50) },
                Quorum = _random.Next(2) == 0 ? new(Share.Count(2), Share.Count(1)) : null,
                Fallback = _random.Next(2) == 0 ? new($"sorry{i}", IPAddress.Parse($"10.1.9.{i}")) : null,
                OnFailure = (FailureAction)_random.Next(2),
                SlowStart = TimeSpan.FromSeconds(_random.Next(2) * 60),
                Servers = [.. Enumerable.Range(1, _random.Next(3, 6)).Select(j => new ServerSpec($"rs{j}", IPAddress.Parse($"10.1.0.{i % 2 * 10 + j}")) { Weight = _random.Next(1, 12) })],
            };
        });
        return new() { Services = services.ToValueList() };
    }

    static ServiceKey Key(int i, ushort port) => ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse($"10.0.0.{i}"), port);

    static CheckSpec Leaf(CheckSpec check) => check.Probe switch
    {
        ProbeSpec.All all => all.Members[0],
        ProbeSpec.Any any => any.Members[0],
        _ => check,
    };

    List<ObservedPool> Observed() =>
        [.. _manifest.Services.Where(s => _kernel.ContainsKey(s.Service.Key)).Select(s => new ObservedPool(
            new(s.Service, default), [.. _kernel[s.Service.Key].Values.Select(r => new ObservedServer(r, 0, 0, 0, default))]))];

    void Later(TimeSpan after, Action what) => _events.Enqueue(what, _now + after);

    TimeSpan MinutesUpTo(int minutes) => TimeSpan.FromSeconds(1 + _random.NextDouble() * minutes * 60);

    static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
