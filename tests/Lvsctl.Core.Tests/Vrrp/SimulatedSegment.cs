using System.Net;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>
/// Two to five directors on one link in virtual time. First everything goes wrong that can; then all is mended, and what the timers promise
/// must hold; then the masters leave and die one after the other on a link without fault. After each event it looks whether a promise was
/// broken. The same seed is the same run.
/// </summary>
sealed partial class SimulatedSegment
{
    const int MaxEvents = 2_000_000;

    readonly Random _random;
    readonly List<string>? _trace;
    readonly PriorityQueue<Event, long> _events = new();
    readonly List<RouterOutput> _output = [];
    readonly SimulatedHost[] _hosts;
    readonly int _routers;                  // virtual routers of each host; two are a sync group
    readonly int _version;
    readonly TimeSpan _shortest;            // interval of any host
    readonly TimeSpan _longest;
    readonly TimeSpan _patience;            // the longest start and preempt delays
    readonly TimeSpan _jitter;              // a timer is served so late at most
    readonly bool[,] _cut;                  // from, to
    readonly TimeSpan[,] _arrived;          // the last packet from, to
    double _loss;
    double _duplication;
    TimeSpan _delay;                        // of a packet, at most
    TimeSpan _now;
    int _count;

    enum EventKind
    {
        WakeUp,
        Advert,
        Action,
    }

    readonly record struct Event(EventKind Kind, int Host, int Router, int WakeUp, ElectionInput Input, Action? Action);

    public SimulatedSegment(int seed, bool traces = false)
    {
        _random = new Random(seed);
        _trace = traces ? [] : null;
        _version = _random.Next(4) == 0 ? 2 : 3;
        _routers = _random.Next(5) == 0 ? 2 : 1;
        _shortest = _version == 2 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(new[] { 10, 100, 1000 }[_random.Next(3)]);
        var isMixed = _version == 3 && _random.Next(4) == 0;
        var preempt = _random.Next(3);      // 0: none, 1: all, 2: some
        _longest = _shortest;
        _hosts = new SimulatedHost[_random.Next(2, 6)];
        for (var i = 0; i < _hosts.Length; i++)
        {
            var interval = isMixed ? _shortest * _random.Next(1, 5) : _shortest;
            if (interval > _longest) _longest = interval;
            var startDelay = _random.Next(5) == 0 ? _shortest * _random.Next(1, 6) : TimeSpan.Zero;
            var preemptDelay = _random.Next(4) == 0 ? _shortest * _random.Next(1, 10) : TimeSpan.Zero;
            if (startDelay + preemptDelay > _patience) _patience = startDelay + preemptDelay;
            // Few different ones, so that there are many ties.
            var priority = new byte[] { 1, 50, 100, 100, 100, 150, 254, 255 }[_random.Next(8)];
            var settings = new ElectionSettings(_version, WireAddress.Of(new IPAddress([10, 0, 0, (byte)(i + 1)])), priority)
            {
                Interval = interval,
                StartDelay = startDelay,
                Preempt = preempt == 1 || (preempt == 2 && _random.Next(2) == 0),
                PreemptDelay = preemptDelay,
                Announce = new() { Count = 1, RepeatAfter = _random.Next(2) * _shortest },
            };
            _hosts[i] = new(i, [.. Enumerable.Repeat(settings, _routers)], 1 + (_random.NextDouble() - 0.5) / 1000, TimeSpan.FromSeconds(_random.Next(-1000, 1000)));
        }
        _jitter = _shortest / 50;
        _delay = _shortest / 8;
        _cut = new bool[_hosts.Length, _hosts.Length];
        _arrived = new TimeSpan[_hosts.Length, _hosts.Length];
        _dualSince = new TimeSpan?[_routers];
        _unownedSince = new TimeSpan?[_routers];
        _wasEligible = new bool[_routers];
        Trace($"version {_version}, {_routers} routers, {string.Join(", ", _hosts.Select(h => $"#{h.Index} {h.Priority} {h.Settings[0].Interval.TotalMilliseconds} ms preempt {h.Settings[0].Preempt} {h.Settings[0].PreemptDelay.TotalMilliseconds} start {h.Settings[0].StartDelay.TotalMilliseconds}"))}");
    }

    /// <summary>What happened, if it was asked for.</summary>
    public IReadOnlyList<string> Log => _trace ?? [];

    public int Takeovers { get; private set; }

    public int Rivals { get; private set; }

    public int Faults { get; private set; }

    TimeSpan Skew => _version == 2 ? TimeSpan.FromSeconds(1) : _longest;

    TimeSpan MasterDown => 3 * _longest + Skew;

    public void Run()
    {
        foreach (var host in _hosts) Later(_shortest * (_random.NextDouble() * 5), () => Reboot(host));
        Disturb();
        var chaos = _longest * _random.Next(10, 60);
        Later(_longest * 2, Chaos);
        RunUntil(chaos);
        _isOver = true;
        Mend();
        // 1. One master, within master-down and two intervals.
        var slack = _patience + 2 * _delay + 4 * _jitter;
        RunUntil(_now + MasterDown + 2 * _longest + slack);
        ExpectOneMaster("after the last fault was mended");
        // 2. The best one that wants to be, and then it stays so.
        RunUntil(_now + MasterDown + 2 * _longest + slack);
        ExpectOneMaster("after everybody could preempt");
        ExpectTheBest();
        var takeovers = Takeovers;
        RunUntil(_now + 6 * _longest);
        Expect(Takeovers == takeovers, "mastership moves without a reason");
        // 3. Nobody notices that a master leaves, and its death costs what the timers say.
        Leave();
        Kill();
    }

    void RunUntil(TimeSpan until)
    {
        while (_events.TryPeek(out _, out var key) && new TimeSpan(key >> 20) <= until)
        {
            Expect(++_count < MaxEvents, "it does not come to rest");
            var happening = _events.Dequeue();
            _now = new TimeSpan(key >> 20);
            Handle(happening);
            Look();
        }
        _now = until;
        Look();
    }

    void Handle(in Event happening)
    {
        if (happening.Kind == EventKind.Action)
        {
            happening.Action!();
            return;
        }
        var host = _hosts[happening.Host];
        if (host.Routers is null) return;
        if (happening.Kind == EventKind.Advert)
        {
            if (host.IsPaused) host.Socket.Enqueue((happening.Router, happening.Input));
            else Step(host, happening.Router, happening.Input);
        }
        else if (happening.WakeUp == host.WakeUp && !host.IsPaused)
        {
            Tick(host);
        }
    }

    void Tick(SimulatedHost host)
    {
        var clock = host.Clock(_now);
        _output.Clear();
        host.Routers!.Tick(clock, _output);
        CarryOut(host);
        Expect(host.Routers.Deadline > clock, $"#{host.Index} has served its deadline and still wants to be woken");
        Sleep(host);
    }

    void Step(SimulatedHost host, int router, in ElectionInput input)
    {
        _output.Clear();
        host.Routers!.Step(router, input, host.Clock(_now), _output);
        CarryOut(host);
        Sleep(host);
    }

    void StepAll(SimulatedHost host, in ElectionInput input)
    {
        for (var r = 0; r < _routers; r++) Step(host, r, input);
    }

    void Sleep(SimulatedHost host)
    {
        host.WakeUp++;
        if (host.Routers!.Deadline == TimeSpan.MaxValue) return;
        var at = host.At(host.Routers.Deadline) + TimeSpan.FromTicks(1) + _jitter * _random.NextDouble();
        Add(at > _now ? at : _now + TimeSpan.FromTicks(1), new(EventKind.WakeUp, host.Index, 0, host.WakeUp, default, null));
    }

    void CarryOut(SimulatedHost host)
    {
        foreach (var (router, output) in _output)
        {
            if (_trace is not null) Trace($"#{host.Index}.{router} {output}");
            switch (output.Kind)
            {
                case ElectionOutputKind.SendAdvert:
                    Send(host, router, output.Priority);
                    break;
                case ElectionOutputKind.AddAddresses:
                    host.Holds[router] = true;
                    break;
                case ElectionOutputKind.RemoveAddresses:
                    host.Holds[router] = false;
                    break;
                case ElectionOutputKind.Announce:
                    Expect(host.Holds[router], $"#{host.Index} announces what it does not hold");
                    break;
                case ElectionOutputKind.Transition:
                    if (output.To == VrrpState.Master) Takeovers++;
                    Expect(output.Why != TransitionReason.TieLost || output.Peer > host.Settings[router].Source, $"#{host.Index} lost to a lower address");
                    host.State[router] = output.To;
                    break;
                case ElectionOutputKind.Rival:
                    Rivals++;
                    break;
            }
        }
        LookAt(host);
    }

    void Send(SimulatedHost from, int router, byte priority)
    {
        var clock = from.Clock(_now);
        var patience = VrrpTimers.MasterDown(_version, from.Priority, from.Settings[router].Interval);
        Expect(priority == 0 || from.State[router] != VrrpState.Master || clock - from.Spoke[router] <= patience, $"#{from.Index} speaks as a master of old");
        from.Spoke[router] = clock;
        foreach (var to in _hosts)
        {
            if (to == from || _cut[from.Index, to.Index] || _random.NextDouble() < _loss) continue;
            var advert = ElectionInput.Advert(from.Settings[router].Source, priority, from.Settings[router].Interval);
            var copies = _random.NextDouble() < _duplication ? 2 : 1;
            for (var i = 0; i < copies; i++)
            {
                var at = _now + _delay * _random.NextDouble();
                // A link without fault keeps the order.
                if (_isOver && at < _arrived[from.Index, to.Index]) at = _arrived[from.Index, to.Index];
                if (_isOver) _arrived[from.Index, to.Index] = at;
                Add(at, new(EventKind.Advert, to.Index, router, 0, advert, null));
            }
        }
    }

    void Later(TimeSpan wait, Action action) => Add(_now + wait, new(EventKind.Action, 0, 0, 0, default, action));

    // Events of one moment keep their order.
    void Add(TimeSpan at, in Event happening) => _events.Enqueue(happening, at.Ticks << 20 | (uint)(_sequence++ & 0xfffff));

    int _sequence;

    void Trace(string what) => _trace?.Add($"{_now.TotalMilliseconds,10:0.000} {what}");

    void Expect(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException($"at {_now.TotalMilliseconds:0.000} ms: {otherwise}; {string.Join(", ", _hosts.Select(h => $"#{h.Index} {string.Join('/', Enumerable.Range(0, _routers).Select(h.StateOf))}{(h.IsPaused ? " paused" : "")}"))}");
    }
}
