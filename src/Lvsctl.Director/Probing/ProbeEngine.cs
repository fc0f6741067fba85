using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Lvsctl.Core.Health;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Probing;

/// <param name="Number">As <see cref="ProbeEngine.Add"/> gave it.</param>
public readonly record struct EndedProbe(int Number, ProbeOutcome Outcome);

/// <summary>
/// Makes probes, thousands at once, on the thread that pumps it. It decides nothing: others say what is probed when, and what an outcome
/// means. What is slow by nature (TLS, programs, files) runs elsewhere and is waited for here.
/// </summary>
public sealed class ProbeEngine : IDisposable
{
    const int EventBatch = 512;

    // Probes begun between two looks at what has come for the earlier ones.
    const int Burst = 64;

    // TLS handshakes that calculate at once; the others wait, and their time does not run meanwhile.
    const int MostHandshakes = 64;

    // Held up for longer than this between two looks, the engine is late itself, and that time is no probe's.
    static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    const int BufferSize = 64 * 1024;

    readonly TimeProvider _clock;
    readonly ProbeFactory _factory;
    readonly long _epoch;
    int _most;
    readonly List<Probe?> _probes = [];
    readonly List<uint> _turns = [];      // go on when a number gets another target: what is left of the old one names an old turn
    readonly Stack<int> _free = [];
    // An entry outlives its probe: what is not its turn any more is passed over.
    readonly PriorityQueue<(int Number, uint Turn), long> _deadlines = new();
    // Probes and not their numbers: a number may have got another target meanwhile.
    readonly Queue<Probe> _waiting = [];
    readonly Queue<(Probe Probe, ProbeOutcome Outcome)> _ended = [];
    readonly ConcurrentQueue<(int Number, uint Turn, ProbeOutcome Outcome)> _posted = new();
    readonly ConcurrentQueue<Action> _calls = new();
    readonly PollReady[] _ready = new PollReady[EventBatch];
    readonly OwnWires _wires;
    TimeSpan _attended;         // when it last looked
    TimeSpan _lost;             // in which it was held up; deadlines are put off by it
    int _begun;
    int _active;
    int _inLine;

    /// <param name="settings">Where the probes' surroundings come from.</param>
    public ProbeEngine(ProbeSettings settings, TimeProvider clock)
    {
        _clock = clock;
        _epoch = clock.GetTimestamp();
        _most = settings.MostAtOnce;
        _factory = new ProbeFactory(this, settings, clock);
        _wires = new OwnWires(() => Now);
    }

    /// <summary>Holds for targets that are added from now on, and for how many may be under way.</summary>
    public void Configure(ProbeSettings settings)
    {
        _most = settings.MostAtOnce;
        _factory.Settings = settings;
    }

    /// <summary>On a clock that never jumps, from when the engine was made.</summary>
    public TimeSpan Now => _clock.GetElapsedTime(_epoch);

    /// <summary>Probes that were started and have not ended.</summary>
    public int Pending => _active + _inLine;

    /// <summary>How long the first one in line has been there.</summary>
    public TimeSpan LongestInLine => _waiting.TryPeek(out var first) && IsHere(first) ? Now - first.InLineSince : TimeSpan.Zero;

    internal Poller Poller { get; } = new();

    internal SemaphoreSlim Handshakes { get; } = new(MostHandshakes);

    /// <summary>Shared by all, for one call at a time.</summary>
    internal byte[] Buffer { get; } = new byte[BufferSize];

    internal ArrayBufferWriter<byte> Say { get; } = new(4096);

    /// <returns>The target's number from now on.</returns>
    public int Add(ProbeTarget target) => Add(number => _factory.Create(number, target));

    internal int Add(Func<int, Probe> create)
    {
        var number = _free.TryPop(out var free) ? free : _probes.Count;
        if (number == _probes.Count)
        {
            _probes.Add(null);
            _turns.Add(0);
        }
        _probes[number] = create(number);
        return number;
    }

    /// <summary>A probe that is under way is given up, without an outcome; nor is one told that was not taken yet.</summary>
    public void Remove(int number)
    {
        if (_probes[number] is not { } probe) return;
        if (probe.IsActive) Retire(probe);
        if (probe.IsInLine) _inLine--;
        _probes[number] = null;
        _free.Push(number);
    }

    /// <summary>Begins a probe, or puts it in line where as many as may are under way.</summary>
    /// <exception cref="InvalidOperationException">The target's last one has not ended.</exception>
    public void Start(int number)
    {
        var probe = _probes[number]!;
        if (probe.IsActive || probe.IsInLine) throw new InvalidOperationException($"{probe.Target} is being probed already");
        if (_active < _most)
        {
            Begin(probe);
            // Answers that lie about for long look late, and a connection left alone is completed by the kernel.
            if (++_begun % Burst == 0) Look(TimeSpan.Zero);
            return;
        }
        probe.IsInLine = true;
        probe.InLineSince = Now;
        _inLine++;
        _waiting.Enqueue(probe);
    }

    /// <summary>Waits for something to happen, at most so long, and sees to it.</summary>
    public void Pump(TimeSpan atMost)
    {
        var wait = _ended.Count > 0 || !_posted.IsEmpty || !_calls.IsEmpty || atMost < TimeSpan.Zero ? TimeSpan.Zero : atMost;
        if (_deadlines.TryPeek(out _, out var next)) wait = TimeSpan.FromTicks(Math.Clamp(next - (Now - _lost).Ticks, 0, wait.Ticks));
        Look(wait);
        while (_calls.TryDequeue(out var call)) call();
        while (_posted.TryDequeue(out var posted))
        {
            if (Find(posted.Number, posted.Turn) is { } probe) End(probe, posted.Outcome);
        }
        Expire();
        while (_active < _most && TryTakeWaiting(out var waiting)) Begin(waiting);
    }

    // Sees to all that has come. Whoever is late with that must not call others late: time in which the process did not run, or had too much
    // to do, is taken from the deadlines' clock.
    void Look(TimeSpan wait)
    {
        var began = Now;
        PutOff(began - _attended);
        var count = Poller.Wait(_ready, wait);
        PutOff(Now - began - wait);
        for (var looks = _active / EventBatch; ; looks--)
        {
            for (var i = 0; i < count; i++)
            {
                var (token, events) = _ready[i];
                if (Find((int)(uint)token, (uint)(token >> 32)) is { } probe) Act(probe, events);
            }
            if (count < EventBatch || looks < 0) break;
            count = Poller.Wait(_ready, TimeSpan.Zero);
        }
        _attended = Now;
    }

    void PutOff(TimeSpan heldUp)
    {
        if (heldUp > s_patience) _lost += heldUp - s_patience;
    }

    public bool TryTakeEnded(out EndedProbe ended)
    {
        while (_ended.TryDequeue(out var last))
        {
            if (!IsHere(last.Probe)) continue;
            ended = new(last.Probe.Number, last.Outcome);
            return true;
        }
        ended = default;
        return false;
    }

    /// <summary>Ends whatever is under way or waits, as <see cref="ProbeReason.Abandoned"/>.</summary>
    public void Abandon()
    {
        foreach (var probe in _probes)
        {
            if (probe is { IsActive: true }) End(probe, new(ProbeReason.Abandoned, TimeSpan.Zero));
        }
        while (TryTakeWaiting(out var waiting)) _ended.Enqueue((waiting, new(ProbeReason.Abandoned, TimeSpan.Zero)));
    }

    /// <summary>From any thread: that turn of the probe has come to an end.</summary>
    internal void Post(int number, uint turn, in ProbeOutcome outcome)
    {
        _posted.Enqueue((number, turn, outcome));
        Poller.Wake();
    }

    /// <summary>From any thread: to be called on the engine's.</summary>
    internal void Invoke(Action call)
    {
        _calls.Enqueue(call);
        Poller.Wake();
    }

    /// <summary>The probe's time is over earlier than its check says.</summary>
    internal void EndBy(Probe probe, TimeSpan at) => _deadlines.Enqueue((probe.Number, probe.Turn), (at - _lost).Ticks);

    Probe? Find(int number, uint turn) => _probes[number] is { IsActive: true } probe && probe.Turn == turn ? probe : null;

    bool IsHere(Probe probe) => ReferenceEquals(_probes[probe.Number], probe);

    bool TryTakeWaiting([NotNullWhen(true)] out Probe? probe)
    {
        while (_waiting.TryDequeue(out probe))
        {
            if (!IsHere(probe)) continue;
            probe.IsInLine = false;
            _inLine--;
            return true;
        }
        return false;
    }

    void Begin(Probe probe)
    {
        var now = Now;
        probe.Begin(now, ++_turns[probe.Number]);
        _active++;
        ProbeOutcome? outcome;
        try
        {
            outcome = probe.Start();
        }
        catch (Exception e)
        {
            outcome = Broken(probe, e);
        }
        if (outcome is { } done) End(probe, done);
        else EndBy(probe, now + probe.Target.Check.Timeout);
    }

    void Act(Probe probe, PollEvents events)
    {
        ProbeOutcome? outcome;
        try
        {
            outcome = probe.Ready(events);
        }
        catch (Exception e)
        {
            outcome = Broken(probe, e);
        }
        if (outcome is { } done) End(probe, done);
    }

    void Expire()
    {
        var now = (Now - _lost).Ticks;
        while (_deadlines.TryPeek(out var entry, out var at) && at <= now)
        {
            _deadlines.Dequeue();
            if (Find(entry.Number, entry.Turn) is not { } probe) continue;
            if (probe.TakeDelay() is var delay && delay > TimeSpan.Zero)
            {
                _deadlines.Enqueue(entry, at + delay.Ticks);
                continue;
            }
            ProbeOutcome outcome;
            try
            {
                outcome = probe.TimedOut();
            }
            catch (Exception e)
            {
                outcome = Broken(probe, e);
            }
            End(probe, outcome);
        }
    }

    void End(Probe probe, in ProbeOutcome outcome)
    {
        var trouble = outcome.Reason is ProbeReason.TimedOut or ProbeReason.Unreachable ? _wires.Trouble(probe) : null;
        Retire(probe);
        _ended.Enqueue((probe, trouble is null ? outcome : new(ProbeReason.NoRoute, TimeSpan.Zero, trouble)));
    }

    void Retire(Probe probe)
    {
        _active--;
        probe.Finish();
    }

    // Whatever it was: the target counts as failed and stays in the schedule. The kernel refusing a descriptor is the director's trouble.
    static ProbeOutcome Broken(Probe probe, Exception e) =>
        new(e is IOException ? ProbeReason.NoResources : ProbeReason.Broken, TimeSpan.Zero, $"{probe.Target.Check.Probe.Kind} probe: {e.GetType().Name}: {e.Message}");

    public void Dispose()
    {
        foreach (var probe in _probes)
        {
            if (probe is { IsActive: true }) probe.Finish();
        }
        _factory.Dispose();
        // What was being started meanwhile has to be ended too.
        while (_calls.TryDequeue(out var call)) call();
        Poller.Dispose();
    }
}
