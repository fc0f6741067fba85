using System.Collections.Concurrent;
using System.Threading.Channels;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Notify;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Notify;

/// <summary>A journal, a notifier over it and targets that the test answers for, in virtual time. It can be killed and started again.</summary>
sealed class NotifyRig : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-notify-").FullName;
    readonly long _size;
    readonly DirectorLog _log = DirectorLog.Open(new LogSpec(), TextWriter.Null);
    readonly ConcurrentDictionary<string, FakeTarget> _targets = [];

    public NotifyRig(long size = 1024 * 1024)
    {
        _size = size;
        Begin();
    }

    public ManualClock Clock { get; } = new();

    public EventJournal Journal { get; private set; } = null!;

    public Announcer Announcer { get; private set; } = null!;

    public Notifier Notifier { get; private set; } = null!;

    public string Cursors => Path.Combine(_directory, "notify");

    void Begin()
    {
        // Flushing to the disk is in real time, so that only the notifier's timers are the clock's.
        Journal = new EventJournal(Path.Combine(_directory, "events"), _size, new WallOf(Clock));
        Announcer = new Announcer(Journal, _log, Clock);
        Notifier = new Notifier(Journal, _directory, Announcer, Clock, Make);
    }

    Deliverer Make(NotifySpec spec) => this[spec.Name!].Made();

    public FakeTarget this[string name] => _targets.GetOrAdd(name, static n => new FakeTarget(n));

    public static NotifySpec Spec(string name, params NotifyEvent[] on) => new(new NotifyTarget.Exec(["/bin/" + name])) { Name = name, On = [.. on] };

    public async Task ConfigureAsync(params NotifySpec[] specs)
    {
        Notifier.Configure(new ClusterSpec { Notify = [.. specs] });
        await Notifier.Adopted.WaitAsync(s_patience);
    }

    public void Happen(int number) => Announcer.Tell(new DirectorEvent(EventKinds.ServerDown, $"web/rs{number} is down", [new(EventFields.Service, "web"), new(EventFields.Server, $"rs{number}")]));

    /// <summary>As kill -9 would: what is under way is cut off, and nothing is written any more.</summary>
    /// <param name="meanwhile">What happens to its files.</param>
    public async Task RestartAsync(Action? meanwhile = null)
    {
        foreach (var target in _targets.Values) target.Cut();
        await StopAsync();
        foreach (var target in _targets.Values) target.Mend();
        meanwhile?.Invoke();
        Begin();
    }

    /// <summary>Time passes as the farewell needs it.</summary>
    public async Task StopAsync()
    {
        var stopped = Notifier.StopAsync();
        await EventuallyAsync(() => stopped.IsCompleted || Clock.Awaited.Count > 0);
        while (!stopped.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(stopped, Task.Delay(1));
        }
        await stopped;
        Journal.Dispose();
    }

    /// <summary>Until the worker waits for a moment at most so far away; then that moment comes.</summary>
    public async Task<TimeSpan> PassAsync(TimeSpan atMost)
    {
        await EventuallyAsync(() => Clock.Awaited is [var first, ..] && first - Clock.Elapsed <= atMost);
        var time = Clock.Awaited[0] - Clock.Elapsed;
        Clock.Advance(time);
        return time;
    }

    public List<string> Said(EventKind kind)
    {
        using var reader = Journal.Read(0);
        var texts = new List<string>();
        while (reader.TryRead(out var entry))
        {
            if (entry.Event.Kind == kind) texts.Add(entry.Event.Text);
        }
        return texts;
    }

    /// <summary>The worker is on another thread; it is given real time to get there.</summary>
    public static async Task EventuallyAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, "it did not happen");
            await Task.Delay(1);
        }
    }

    public void Dispose()
    {
        foreach (var target in _targets.Values) target.Cut();
        StopAsync().GetAwaiter().GetResult();
        Notifier.Dispose();
        _log.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    sealed class WallOf(ManualClock clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }
}

/// <summary>One try at a delivery, which waits for the test to say what comes of it.</summary>
sealed class Attempt(IReadOnlyList<JournalEntry> events)
{
    public TaskCompletionSource<string?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> Texts { get; } = [.. events.Select(e => e.Event.Text)];

    public void Succeed(string? remark = null) => Answer.TrySetResult(remark);

    public void Fail(string why = "no", bool isRefusal = false) => Answer.TrySetException(new DeliveryException(why, isRefusal));
}

/// <summary>Somebody to be told, over restarts.</summary>
sealed class FakeTarget(string name)
{
    readonly Channel<Attempt> _attempts = Channel.CreateUnbounded<Attempt>();
    readonly ConcurrentQueue<string> _told = [];
    volatile bool _isCut;

    public string Name => name;

    public int MostAtOnce { get; set; } = 1;

    /// <summary>Takes everything at once.</summary>
    public bool IsOpen { get; set; }

    /// <summary>How often somebody began to talk to it.</summary>
    public int TimesMade { get; private set; }

    public IReadOnlyList<string> Told => [.. _told];

    public Deliverer Made()
    {
        TimesMade++;
        return new Fake(this);
    }

    public void Cut() => _isCut = true;

    public void Mend() => _isCut = false;

    public async Task<Attempt> NextAsync() => await _attempts.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public bool HasNext => _attempts.Reader.Count > 0;

    sealed class Fake(FakeTarget target) : Deliverer
    {
        public override int MostAtOnce => target.MostAtOnce;

        public override TimeSpan Gathers => TimeSpan.FromSeconds(2);

        public override async Task<string?> DeliverAsync(IReadOnlyList<JournalEntry> events, CancellationToken cancellation)
        {
            if (target._isCut) await Task.Delay(Timeout.Infinite, cancellation);
            var attempt = new Attempt(events);
            if (target.IsOpen) attempt.Succeed();
            else target._attempts.Writer.TryWrite(attempt);
            var remark = await attempt.Answer.Task.WaitAsync(cancellation);
            foreach (var text in attempt.Texts) target._told.Enqueue(text);
            return remark;
        }
    }
}
