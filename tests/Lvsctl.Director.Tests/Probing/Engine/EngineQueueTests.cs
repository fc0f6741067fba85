using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Director.Probing;

namespace Lvsctl.Director.Tests.Probing.Engine;

/// <summary>Who is probed when, and under which number; it takes descriptors away from the whole process for a moment.</summary>
[Collection(nameof(EngineQueueTests))]
[CollectionDefinition(nameof(EngineQueueTests), DisableParallelization = true)]
public sealed class EngineQueueTests : IDisposable
{
    static readonly ProbeSpec.Tcp s_hello = new() { Expect = [.. "hello"u8] };

    readonly EngineRig _rig = new(new ProbeSettings { MostAtOnce = 2 });
    readonly Socket _listener = LoopbackServer.Listen();
    readonly List<Socket> _accepted = [];

    public void Dispose()
    {
        _rig.Dispose();
        _accepted.ForEach(a => a.Dispose());
        _listener.Dispose();
    }

    IPEndPoint At => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>The wanted number, and those that came beyond it.</summary>
    int Connections(int wanted)
    {
        var count = 0;
        for (; _listener.Poll(count < wanted ? 10_000_000 : 0, SelectMode.SelectRead); count++) _accepted.Add(_listener.Accept());
        return count;
    }

    List<EndedProbe> Ended()
    {
        var ended = new List<EndedProbe>();
        while (_rig.Engine.TryTakeEnded(out var one)) ended.Add(one);
        return ended;
    }

    void TimeOutAll()
    {
        _rig.Settle();
        _rig.Pass(EngineRig.Timeout);
    }

    [Fact]
    public void No_more_are_under_way_than_may_be_and_the_others_wait_their_turn()
    {
        for (var i = 0; i < 5; i++) _rig.Start(s_hello, At);
        Assert.Equal((2, 5), (Connections(2), _rig.Engine.Pending));

        TimeOutAll();
        Assert.Equal([0, 1], Ended().Select(e => e.Number));
        Assert.Equal((2, 3), (Connections(2), _rig.Engine.Pending));

        // Their time runs from when they began, not from when they were asked for.
        TimeOutAll();
        Assert.Equal([2, 3], Ended().Select(e => e.Number));
        TimeOutAll();
        Assert.Equal((1, 0), (Connections(1), _rig.Engine.Pending));
    }

    [Fact]
    public void Answers_that_are_there_count_however_late_they_are_looked_at()
    {
        // More than are taken from the kernel at a time.
        using var listener = LoopbackServer.Listen();
        for (var i = 0; i < 1300; i++) _rig.Start(new ProbeSpec.Tcp(), (IPEndPoint)listener.LocalEndPoint!);
        _rig.Clock.Advance(10 * EngineRig.Timeout);

        var ended = Enumerable.Range(0, 1300).Select(_ => _rig.Next()).ToList();

        Assert.All(ended, e => Assert.Equal(ProbeReason.Ok, e.Outcome.Reason));
    }

    [Fact]
    public void Time_in_which_the_director_is_held_up_is_no_probes_time()
    {
        var number = _rig.Start(s_hello, At);
        _rig.Settle();
        // As after SIGSTOP: nobody could have asked, or heard the answer.
        _rig.Clock.Advance(TimeSpan.FromMinutes(1));
        _rig.Settle();
        Assert.False(_rig.Engine.TryTakeEnded(out _));
        Assert.Equal(ProbeReason.TimedOut, _rig.TimeOut(number).Reason);
    }

    [Fact]
    public void A_target_is_never_probed_twice_at_once()
    {
        var numbers = Enumerable.Range(0, 3).Select(_ => _rig.Start(s_hello, At)).ToList();
        Assert.All(numbers, n => Assert.Throws<InvalidOperationException>(() => _rig.Engine.Start(n)));
        Assert.Equal((2, 3), (Connections(2), _rig.Engine.Pending));
    }

    [Fact]
    public void Abandoned_ones_end_so_whether_they_were_under_way_or_waited()
    {
        var numbers = Enumerable.Range(0, 3).Select(_ => _rig.Start(s_hello, At)).ToList();
        Connections(2);
        _rig.Engine.Abandon();

        Assert.Equal(numbers, Ended().Select(e => e.Number));
        Assert.Equal(0, _rig.Engine.Pending);
        Assert.All(_accepted, a => Assert.Equal(0, a.Receive(new byte[1])));
        // And may be probed again.
        numbers.ForEach(_rig.Engine.Start);
        Assert.Equal(2, Connections(2));
    }

    [Fact]
    public void A_number_is_used_again_and_nothing_of_its_old_target_is_taken_for_the_new_one()
    {
        var active = _rig.Start(s_hello, At);
        _rig.Start(s_hello, At);
        var waiting = _rig.Start(s_hello, At);
        Connections(2);
        _rig.Settle();

        _rig.Engine.Remove(waiting);
        Assert.Equal(2, _rig.Engine.Pending);
        Assert.Equal(waiting, _rig.Engine.Add(EngineRig.Target(s_hello, At)));
        _rig.Engine.Remove(active);
        Assert.Equal(0, _accepted[0].Receive(new byte[1]));
        Assert.Equal(active, _rig.Engine.Add(EngineRig.Target(s_hello, At)));
        _rig.Settle();
        Assert.Equal((0, 1), (Connections(0), _rig.Engine.Pending));

        // The time of the old one under this number is over; that of the new one is not.
        _rig.Pass(EngineRig.Timeout / 2);
        _rig.Engine.Start(active);
        _rig.Pass(EngineRig.Timeout / 2);
        _rig.Settle();
        Assert.DoesNotContain(Ended(), e => e.Number == active);
        Assert.Equal(1, Connections(1));
    }

    [Fact]
    public void An_outcome_that_was_not_taken_goes_with_its_target()
    {
        var number = _rig.Start(s_hello, LoopbackServer.Closed());
        _rig.Settle();
        _rig.Engine.Remove(number);
        Assert.Equal(number, _rig.Engine.Add(EngineRig.Target(s_hello, At)));
        Assert.Empty(Ended());
    }

    [Fact]
    public void A_probe_that_throws_counts_as_failed_and_can_be_made_again()
    {
        foreach (var where in (string[])["start", "ready", "late"])
        {
            var number = _rig.Engine.Add(n => new Thrower(_rig.Engine, n, EngineRig.Target(s_hello, At), where));
            for (var times = 0; times < 2; times++)
            {
                _rig.Engine.Start(number);
                if (where == "late") TimeOutAll();
                var outcome = _rig.Await(number);
                Assert.Equal((ProbeReason.Broken, ProbeVerdict.Down), (outcome.Reason, outcome.Verdict));
                Assert.Equal($"tcp probe: FormatException: {where}", outcome.Detail);
            }
        }
        Assert.Equal(0, _rig.Engine.Pending);
    }

    sealed class Thrower(ProbeEngine engine, int number, ProbeTarget target, string where) : Probe(engine, number, target)
    {
        public override ProbeOutcome? Start()
        {
            if (where == "ready") Engine.Poller.Add(_pipe.SafePipeHandle.DangerousGetHandle().ToInt32(), Lvsctl.Linux.Sockets.PollEvents.Writable, Token);
            return where == "start" ? throw new FormatException(where) : null;
        }

        readonly System.IO.Pipes.AnonymousPipeServerStream _pipe = new(System.IO.Pipes.PipeDirection.Out);

        public override ProbeOutcome? Ready(Lvsctl.Linux.Sockets.PollEvents events) => throw new FormatException(where);

        public override ProbeOutcome TimedOut() => throw new FormatException(where);

        protected override void Release()
        {
            if (where == "ready") Engine.Poller.Remove(_pipe.SafePipeHandle.DangerousGetHandle().ToInt32());
        }
    }

    [Fact]
    public void Without_a_descriptor_left_nothing_is_learnt_of_the_server()
    {
        var number = _rig.Engine.Add(EngineRig.Target(new ProbeSpec.Tcp(), At));
        Assert.Equal(ProbeReason.Ok, _rig.Ask(number).Reason);

        var held = new List<FileStream>();
        void Hold()
        {
            while (true) held.Add(new FileStream("/dev/null", FileMode.Open, FileAccess.Read));
        }

        ProbeOutcome outcome;
        var (_, before) = GetLimit();
        try
        {
            SetLimit(before with { Current = (ulong)Directory.GetFiles("/proc/self/fd").Max(f => int.Parse(Path.GetFileName(f))) + 4 });
            // The numbers below the limit that are still free.
            Assert.Throws<IOException>(Hold);
            outcome = _rig.Ask(number);
        }
        finally
        {
            held.ForEach(h => h.Dispose());
            SetLimit(before);
        }
        Assert.Equal((ProbeReason.NoResources, ProbeVerdict.Unmade), (outcome.Reason, outcome.Verdict));
        Assert.Equal("this process has no descriptors left (LimitNOFILE, ulimit -n)", outcome.Detail);
        Assert.Equal(ProbeReason.Ok, _rig.Ask(number).Reason);
    }

    [Fact]
    public void What_comes_after_the_end_of_the_engine_harms_nobody()
    {
        var engine = new ProbeEngine(new ProbeSettings(), TimeProvider.System);
        engine.Dispose();
        engine.Post(0, 1, new(ProbeReason.Ok, TimeSpan.Zero));
    }

    readonly record struct Limit(ulong Current, ulong Most);

    static (int Code, Limit Limit) GetLimit() => (getrlimit(7, out var limit), limit);

    static void SetLimit(Limit limit) => Assert.Equal(0, setrlimit(7, in limit));

    // RLIMIT_NOFILE is 7.
    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int setrlimit(int resource, in Limit limit);
}
