using System.Diagnostics;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Model;
using Lvsctl.Director.Events;
using Lvsctl.Director.Notify;
using Lvsctl.Linux.Processes;

namespace Lvsctl.Director.Tests.Notify;

/// <summary>Real programs, as an unprivileged user where the tests are root.</summary>
public sealed class ExecDelivererTests : IDisposable
{
    static readonly string s_user = Environment.IsPrivilegedProcess ? "nobody" : Environment.UserName;

    static readonly ClusterSpec s_cluster = new()
    {
        Daemon = new DaemonSpec { ProbeUser = s_user },
        Services =
        [
            new ServiceSpec("web")
            {
                Listen = [ServiceKey.At(TransportProtocol.Tcp, System.Net.IPAddress.Parse("192.0.2.1"), 80), ServiceKey.At(TransportProtocol.Tcp, System.Net.IPAddress.Parse("192.0.2.1"), 443)],
                Servers = [new ServerSpec("rs1", System.Net.IPAddress.Parse("2001:db8::11"))],
            },
        ],
    };

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-hook-").FullName;
    readonly ProgramSpawner _spawner = new();

    public ExecDelivererTests() => Process.Start("chmod", ["777", _folder]).WaitForExit();

    public void Dispose()
    {
        _spawner.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    string Out => Path.Combine(_folder, "out");

    async Task RunAsync(NotifyTarget.Exec spec, JournalEntry entry)
    {
        using var deliverer = new ExecDeliverer(spec, () => s_cluster, _spawner, TimeProvider.System);
        Assert.Null(await deliverer.DeliverAsync([entry], CancellationToken.None));
    }

    static NotifyTarget.Exec Shell(string script, params string[] arguments) => new(["/bin/sh", "-c", script, .. arguments]);

    [Theory]
    [InlineData("master", "INSTANCE edge MASTER 200")]
    [InlineData("backup", "INSTANCE edge BACKUP 200")]
    [InlineData("fault", "INSTANCE edge FAULT 200")]
    [InlineData("stopped", "INSTANCE edge STOP 200")]
    [InlineData("leaving", "")]
    public void Of_a_virtual_router_it_gets_what_keepalived_s_notify_gets(string to, string words) =>
        Assert.Equal(words, string.Join(' ', KeepalivedWords.Of(new(EventKinds.VrrpTransition, "", [new(EventFields.Router, "edge"), new(EventFields.To, to), new(EventFields.OwnPriority, 200), new(EventFields.Priority, 100)]), s_cluster)));

    [Fact]
    public void Of_a_sync_group_too() =>
        Assert.Equal(["GROUP", "pair", "MASTER", "0"], KeepalivedWords.Of(VrrpEvents.GroupTransition("pair", Core.Vrrp.VrrpState.Master), s_cluster));

    [Fact]
    public async Task A_program_gets_the_event_on_its_input_and_its_facts_in_the_environment()
    {
        await RunAsync(Shell($"(cat; echo \"$LVSCTL_EVENT $LVSCTL_SERVICE $LVSCTL_SERVER $LVSCTL_RTT_MS $LVSCTL_ID $LVSCTL_TIME\"; echo \"$LVSCTL_TEXT\") > {Out}"), Happening.Down(7, "said \u0001\n'; rm -rf / #"));

        var lines = File.ReadAllLines(Out);
        Assert.True(JournalEntry.TryRead(System.Text.Encoding.UTF8.GetBytes(lines[0]), out var entry));
        Assert.Equal((7, EventKinds.ServerDown, "rs7"), (entry.Id, entry.Event.Kind, entry.Event.Server));
        Assert.Equal("server.down web rs7 1.5 7 1970-01-01T00:00:07.000Z", lines[1]);
        Assert.Equal("web/rs7 is down: said   '; rm -rf / #", lines[2]);
    }

    [Fact]
    public async Task It_runs_as_an_unprivileged_user_with_nothing_open_but_its_own()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to become somebody else");

        var held = Path.Combine(_folder, "held");
        await using var file = File.Create(held);
        await RunAsync(Shell($"exec > {Out}; id -u; id -G; ps -o pgid= -p $$ | tr -d ' '; echo $$; readlink /proc/$$/fd/*; true"), Happening.Down(1));

        var lines = File.ReadAllLines(Out);
        Assert.Equal(["65534", "65534"], lines[..2]);
        Assert.Equal(lines[3], lines[2]);
        Assert.Contains(Out, lines[4..]);
        Assert.DoesNotContain(held, lines[4..]);
        Assert.Single(lines[4..], l => l.StartsWith("/memfd:", StringComparison.Ordinal) && l.Contains("input", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("server.down", "RS [2001:db8::11]:tcp:80 [192.0.2.1]:tcp:80 DOWN")]
    [InlineData("server.up", "RS [2001:db8::11]:tcp:80 [192.0.2.1]:tcp:80 UP")]
    [InlineData("service.quorum", "VS [192.0.2.1]:tcp:80 UP")]
    [InlineData("service.no-quorum", "VS [192.0.2.1]:tcp:80 DOWN")]
    [InlineData("config.reloaded", "")]
    public async Task A_script_that_was_written_for_keepalived_gets_its_words(string kind, string words)
    {
        var what = Happening.Down(1).Event with { Kind = EventKinds.Find(kind, EventLevel.Info) };

        await RunAsync(Shell($"echo \"$@\" > {Out}", "script") with { LikeKeepalived = true }, new(1, DateTimeOffset.UnixEpoch, what));

        Assert.Equal(words, File.ReadAllText(Out).TrimEnd('\n'));
    }

    [Fact]
    public async Task A_program_that_fails_is_a_failure_with_what_it_said()
    {
        var failure = await Assert.ThrowsAsync<DeliveryException>(() => RunAsync(Shell("echo no paper; exit 3"), Happening.Down(1)));

        Assert.Equal("/bin/sh ended with exit code 3: no paper", failure.Message);
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_killed_with_all_it_started()
    {
        var clock = Stopwatch.StartNew();
        var spec = Shell($"sleep 60 & echo $! > {Out}; wait") with { Timeout = TimeSpan.FromMilliseconds(500) };

        var failure = await Assert.ThrowsAsync<DeliveryException>(() => RunAsync(spec, Happening.Down(1)));

        Assert.Equal("/bin/sh did not end within 500ms, and was killed", failure.Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20));
        var child = $"/proc/{File.ReadAllText(Out).Trim()}/status";
        await NotifyRig.EventuallyAsync(() => !File.Exists(child) || File.ReadAllText(child).Contains("Z (zombie)"));
    }

    [Fact]
    public async Task What_cannot_be_run_is_said_in_plain_words()
    {
        var absent = await Assert.ThrowsAsync<DeliveryException>(() => RunAsync(new(["/nonexistent/notify"]), Happening.Down(1)));
        var nobody = await Assert.ThrowsAsync<DeliveryException>(() => RunAsync(new(["/bin/true"]) { User = "no-such-user" }, Happening.Down(1)));

        Assert.Equal("/nonexistent/notify is not there, or its interpreter is not", absent.Message);
        Assert.Equal("there is no user 'no-such-user' to run /bin/true as", nobody.Message);
    }

    [Fact]
    public async Task A_program_may_say_much_and_read_nothing()
    {
        await RunAsync(Shell("head -c 300000 /dev/zero"), Happening.Down(1, new string('x', 60_000)));
    }
}
