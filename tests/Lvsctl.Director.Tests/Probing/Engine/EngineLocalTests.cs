using System.Net;
using System.Net.Sockets;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Tests.Probing.Engine;

public sealed class EngineLocalTests : IDisposable
{
    static readonly IPEndPoint s_server = new(IPAddress.Parse("192.0.2.1"), 8080);

    readonly EngineRig _rig = new();
    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-probe-").FullName;

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    static ProbeSpec.Exec Shell(string script) => new(["/bin/bash", "-c", script]);

    ProbeOutcome Run(string script, Func<CheckSpec, CheckSpec>? with = null) => _rig.Ask(Shell(script), s_server, with);

    [Theory]
    [InlineData("exit 0", ProbeReason.Ok, null)]
    [InlineData("exit 3", ProbeReason.Unexpected, "exit code 3")]
    [InlineData("echo '  queue is full\t1 '; echo really >&2; exit 1", ProbeReason.Unexpected, "exit code 1: queue is full 1  really")]
    [InlineData("kill -9 $$", ProbeReason.Unexpected, "killed by signal 9")]
    [InlineData("read -r line || exit 0; exit 1", ProbeReason.Ok, null)]
    public void A_program_is_judged_by_its_exit_code(string script, ProbeReason reason, string? detail)
    {
        var outcome = Run(script);
        Assert.Equal((reason, detail), (outcome.Reason, outcome.Detail));
    }

    [Fact]
    public void A_program_knows_whom_it_is_about()
    {
        Assert.Equal("exit code 1: check 192.0.2.1 8080 /", Run("echo $LVSCTL_CHECK $LVSCTL_ADDRESS $LVSCTL_PORT $PWD; exit 1").Detail);
    }

    [Theory]
    [InlineData(0, ProbeReason.Ok, "")]
    [InlineData(1, ProbeReason.Unexpected, "")]
    [InlineData(2, ProbeReason.Ok, "0")]
    [InlineData(52, ProbeReason.Ok, "50")]
    [InlineData(255, ProbeReason.Ok, "drain")]
    public void An_exit_code_may_tell_a_weight(int code, ProbeReason reason, string word)
    {
        var outcome = Run($"exit {code}", c => c with { Weight = new(WeightSource.Exit, null, null) });
        Assert.Equal((reason, word), (outcome.Reason, outcome.Word.ToString()));
    }

    [Fact]
    public void A_program_that_takes_too_long_is_killed_with_all_it_started()
    {
        using var listener = LoopbackServer.Listen();
        var number = _rig.Start(Shell($"echo waiting; exec 3<>/dev/tcp/127.0.0.1/{((IPEndPoint)listener.LocalEndPoint!).Port}; sleep 1000 & sleep 1000"), s_server);
        // Each of the three holds the connection.
        using var alive = Accept(listener);
        _rig.Settle();

        var outcome = _rig.TimeOut(number);
        Assert.Equal(ProbeReason.TimedOut, outcome.Reason);
        // Where the thread that starts programs is behind, nobody has read what it said.
        Assert.True(outcome.Detail is "no answer within 2s; it said: waiting" or "no answer within 2s", outcome.Detail);
        AssertGone(alive);
    }

    [Fact]
    public void What_a_program_leaves_running_is_killed_when_it_ends()
    {
        using var listener = LoopbackServer.Listen();
        var number = _rig.Start(Shell($"exec 3<>/dev/tcp/127.0.0.1/{((IPEndPoint)listener.LocalEndPoint!).Port}; sleep 1000 & exit 0"), s_server);
        using var alive = Accept(listener);
        Assert.Equal(ProbeReason.Ok, _rig.Await(number).Reason);
        AssertGone(alive);
    }

    [Fact]
    public void A_program_that_is_given_up_while_it_is_started_is_killed_too()
    {
        using var listener = LoopbackServer.Listen();
        using (var rig = new EngineRig())
        {
            rig.Start(Shell($"exec 3<>/dev/tcp/127.0.0.1/{((IPEndPoint)listener.LocalEndPoint!).Port}; sleep 1000"), s_server);
            rig.Engine.Abandon();
            Assert.Equal(ProbeReason.Abandoned, rig.Next().Outcome.Reason);
        }
        // It may have come to connecting, or not.
        while (listener.Poll(0, SelectMode.SelectRead))
        {
            using var alive = listener.Accept();
            Assert.Equal(0, alive.Receive(new byte[1]));
        }
        // Killed it is; it goes when its turn on a CPU comes.
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        Assert.True(SpinWait.SpinUntil(() => !Array.Exists(Directory.GetDirectories("/proc"), p => IsChildOfOurs(p, port)), TimeSpan.FromSeconds(30)));
    }

    static bool IsChildOfOurs(string process, int port)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Contains($"/dev/tcp/127.0.0.1/{port};", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    Socket Accept(Socket listener)
    {
        PumpUntilReadable(listener);
        return listener.Accept();
    }

    void AssertGone(Socket program)
    {
        PumpUntilReadable(program);
        Assert.Equal(0, program.Receive(new byte[1]));
    }

    // Programs are started and ended while the engine is pumped.
    void PumpUntilReadable(Socket socket)
    {
        while (!socket.Poll(0, SelectMode.SelectRead)) _rig.Engine.Pump(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void A_program_runs_as_nobody_when_the_director_is_root()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can run programs as somebody else");
        Assert.Equal("exit code 1: nobody nobody 0", Run("""echo $(id -un) $(id -un -r) $(grep -c 'CapEff:.*[1-9a-f]' /proc/self/status); exit 1""").Detail);
    }

    [Fact]
    public void Of_the_output_the_beginning_is_kept_and_no_amount_of_it_blocks()
    {
        var outcome = Run("head -c 10000000 /dev/zero | tr '\\0' x; exit 3");
        Assert.Equal(ProbeReason.Unexpected, outcome.Reason);
        Assert.Equal($"exit code 3: {new string('x', 200 - 13)}", outcome.Detail);
    }

    [Fact]
    public void A_program_that_is_not_there_or_not_executable_is_the_directors_fault()
    {
        var missing = _rig.Ask(new ProbeSpec.Exec(["/nowhere/check"]), s_server);
        Assert.Equal((ProbeReason.NotPossible, "/nowhere/check is not there, or its interpreter is not"), (missing.Reason, missing.Detail));
        var data = Path.Combine(_directory, "data");
        File.WriteAllText(data, "data");
        Assert.Equal(ProbeReason.NotPossible, _rig.Ask(new ProbeSpec.Exec([data]), s_server).Reason);
        var user = _rig.Ask(new ProbeSpec.Exec(["/bin/true"]) { User = "no-such-user" }, s_server);
        Assert.Equal((ProbeReason.NotPossible, "there is no user 'no-such-user' to run /bin/true as"), (user.Reason, user.Detail));
    }

    [Fact]
    public void The_output_of_one_probe_is_not_told_of_the_next()
    {
        using var listener = LoopbackServer.Listen();
        var number = _rig.Engine.Add(EngineRig.Target(Shell($"(exec 3<>/dev/tcp/127.0.0.1/{((IPEndPoint)listener.LocalEndPoint!).Port}) 2>/dev/null && echo once; exit 1"), s_server));
        Assert.Equal("exit code 1: once", _rig.Ask(number).Detail);
        listener.Dispose();
        Assert.Equal("exit code 1", _rig.Ask(number).Detail);
    }

    [Fact]
    public void A_file_says_by_being_there_or_not()
    {
        var path = Path.Combine(_directory, "up");
        var present = _rig.Engine.Add(EngineRig.Target(new ProbeSpec.File(path), s_server));
        var absent = _rig.Engine.Add(EngineRig.Target(new ProbeSpec.File(path) { MustExist = false }, s_server));

        Assert.Equal((ProbeReason.Unexpected, $"{path} is not there"), Found(_rig.Ask(present)));
        Assert.Equal((ProbeReason.Ok, null), Found(_rig.Ask(absent)));
        File.WriteAllText(path, "");
        Assert.Equal((ProbeReason.Ok, null), Found(_rig.Ask(present)));
        Assert.Equal((ProbeReason.Unexpected, $"{path} is there"), Found(_rig.Ask(absent)));
    }

    [Theory]
    [InlineData("7\n", "7", null)]
    [InlineData("50%", "50%", null)]
    [InlineData("drain for lunch", "drain", null)]
    [InlineData("hello", "", "up holds no weight")]
    public void A_file_may_hold_a_weight(string content, string word, string? detail)
    {
        var path = Path.Combine(_directory, "up");
        File.WriteAllText(path, content);
        var outcome = _rig.Ask(new ProbeSpec.File(path), s_server, c => c with { Weight = new(WeightSource.Content, null, null) });
        Assert.Equal((ProbeReason.Ok, word), (outcome.Reason, outcome.Word.ToString()));
        Assert.Equal(detail is null, outcome.Detail is null);
        Assert.EndsWith(detail ?? "", outcome.Detail ?? "");
    }

    [Fact]
    public void A_file_that_hangs_times_out_and_is_not_looked_at_by_a_second_thread()
    {
        // Opening a pipe waits for who writes.
        var path = Path.Combine(_directory, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", path)) made.WaitForExit();
        var number = _rig.Engine.Add(EngineRig.Target(new ProbeSpec.File(path), s_server, c => c with { Weight = new(WeightSource.Content, null, null) }));
        _rig.Engine.Start(number);
        Assert.Equal((ProbeReason.TimedOut, $"{path}: the file system does not answer"), Found(_rig.TimeOut(number)));
        Assert.Equal((ProbeReason.TimedOut, $"{path}: the file system has not answered since the last probe"), Found(_rig.Ask(number)));

        // Let it go; its late answer counts for nothing.
        File.WriteAllText(path, "9");
        Assert.Equal(0, _rig.Engine.Pending);
    }

    static (ProbeReason, string?) Found(ProbeOutcome outcome) => (outcome.Reason, outcome.Detail);
}
