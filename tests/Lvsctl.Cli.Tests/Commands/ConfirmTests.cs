using System.Text.Json;
using Lvsctl.Cli.Commands;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Tests.Commands;

public sealed class ConfirmTests : IDisposable
{
    const string Web = "tcp 10.0.0.1:80";
    const string NodestConn = "net.ipv4.vs.expire_nodest_conn";

    const string Before = """
        services:
          web: { listen: tcp 10.0.0.1:80, scheduler: rr, servers: { rs1: 10.1.0.1, rs2: 10.1.0.2, rs3: 10.1.0.3 } }
        """;

    // Something of everything: added, changed, removed, taken over from somebody else, and settings.
    const string After = """
        settings: { expire-nodest-conn: true, timeouts: { tcp: 10m } }
        services:
          web: { listen: tcp 10.0.0.1:80, scheduler: wrr, servers: { rs1: { address: 10.1.0.1, weight: 5 }, rs2: 10.1.0.2, rs4: 10.1.0.4, theirs: { address: 10.1.0.9, weight: 7 } } }
          dns: { listen: udp 10.0.0.1:53, servers: { d1: 10.1.0.5 } }
        """;

    readonly ManifestBench _bench = new();

    public ConfirmTests()
    {
        _bench.Sysctl(NodestConn, "0");
        _bench.Sysctl("kernel.random.boot_id", "this one");
        _bench.Manifest = Before;
        Assert.Equal(0, _bench.Run("apply").Code);
        _bench.AddForeign(Web, "10.1.0.9:80");
        _bench.AddForeign("tcp 10.0.0.9:80", "10.1.0.9:80");
        _bench.Manifest = After;
    }

    public void Dispose() => _bench.Dispose();

    string Table => string.Join("; ", _bench.Kernel.Services
        .Select(s => $"{s.Service.Key} {s.Service.Scheduler}: {string.Join(", ", s.Servers.Select(r => $"{r.Server.Key} {r.Server.Weight}").Order(StringComparer.Ordinal))}")
        .Append($"{_bench.Kernel.Timeouts.Tcp} {new Linux.Sysctls.KernelSettings(_bench.FilePath("sysctl")).Read(NodestConn)}"));

    [Fact]
    public void What_nobody_confirms_is_rolled_back_with_code_10()
    {
        var before = Table;
        var changed = "";
        _bench.Clock.Waited = () => changed = Table;

        var run = _bench.Run("apply --confirm-within 60s");

        Assert.Equal((10, ""), (run.Code, run.Error));
        Assert.Contains("Confirm with 'lvsctl confirm' within 1m, or it is rolled back.\n", run.Output);
        Assert.EndsWith("Not confirmed in time: rolled back, 8 changes.\n", run.Output);
        Assert.Equal(
            "tcp 10.0.0.1:80 wrr: 10.1.0.1:80 5, 10.1.0.2:80 1, 10.1.0.4:80 1, 10.1.0.9:80 7; tcp 10.0.0.9:80 wlc: 10.1.0.9:80 1; udp 10.0.0.1:53 wlc: 10.1.0.5:53 1; 600 1", changed);
        Assert.Equal(before, Table);
        Assert.Equal(10, _bench.Run("confirm").Code);
        // What was somebody else's is so again: the old manifest leaves it alone.
        _bench.Manifest = Before;
        Assert.StartsWith("2 entries are not lvsctl's", _bench.Run("apply").Output);
        Assert.Equal(before, Table);
        Assert.Equal(1, _bench.Run("confirm").Code);
    }

    [Fact]
    public async Task Whoever_stays_and_does_not_read_keeps_nothing_from_being_rolled_back()
    {
        var before = Table;
        using var never = new ManualResetEventSlim();
        using var stuck = new ReactingWriter(_ => never.Wait(TestContext.Current.CancellationToken));
        var run = Task.Run(() => Run("apply --confirm-within 60s", stuck, stuck), TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal(10, await run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
            Assert.Equal(before, Table);
        }
        finally
        {
            never.Set();
        }
    }

    [Fact]
    public void Who_confirms_before_it_is_said_how_has_confirmed()
    {
        using var confirmed = new ManualResetEventSlim();
        VerbRun? confirm = null;
        using var quick = new ReactingWriter(text =>
        {
            if (confirm is not null || !text.Contains("Done: ")) return;
            confirm = _bench.Run("confirm");
            confirmed.Set();
        });
        _bench.Clock.Waited = () => confirmed.Wait(TimeSpan.FromSeconds(30));

        Assert.Equal(0, Run("apply --confirm-within 60s", quick, TextWriter.Null));

        Assert.Equal((0, "Confirmed: what was applied stays.\n"), (confirm!.Code, confirm.Output));
        Assert.Equal(0, _bench.Run("plan --detailed-exitcode").Code);
    }

    int Run(string args, TextWriter output, TextWriter error) => LvsctlCommand.Run(
        [.. args.Split(' '), "--manifest", _bench.ManifestPath, "--state-dir", _bench.Store.Directory], output, error, _bench.Workplace with { ListenerPatience = TimeSpan.Zero });

    sealed class ReactingWriter(Action<string> react) : StringWriter
    {
        public override void Write(char value) => Write(value.ToString());

        public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

        public override void WriteLine(string? value) => Write(value + "\n");

        public override void Write(string? value)
        {
            base.Write(value);
            react(base.ToString());
        }
    }

    [Fact]
    public void What_is_confirmed_stays()
    {
        VerbRun? confirmed = null;
        _bench.Clock.Waited = () =>
        {
            if (_bench.Clock.Waits == 3) confirmed = _bench.Run("confirm");
        };

        var run = _bench.Run("apply --confirm-within 60s");

        Assert.Equal((0, "Confirmed: what was applied stays.\n"), (confirmed!.Code, confirmed.Output));
        Assert.Equal(0, run.Code);
        Assert.EndsWith("\nConfirmed.\n", run.Output);
        Assert.Equal(0, _bench.Run("plan --detailed-exitcode").Code);
        Assert.Equal(1, _bench.Run("confirm").Code);
    }

    [Fact]
    public void For_programs_what_became_of_it_is_in_the_one_document()
    {
        var run = _bench.Run("apply --confirm-within 60s --json");
        Assert.Equal("rolled_back", JsonDocument.Parse(run.Output).RootElement.GetProperty("confirmation").GetString());
        Assert.Contains("Confirm with 'lvsctl confirm'", run.Error);
    }

    [Fact]
    public void While_one_waits_no_other_apply_is_let_in_and_plan_says_so()
    {
        VerbRun? apply = null, plan = null;
        _bench.Clock.Waited = () =>
        {
            if (_bench.Clock.Waits != 1) return;
            (apply, plan) = (_bench.Run("apply"), _bench.Run("plan"));
        };
        Assert.Equal(10, _bench.Run("apply --confirm-within 60s").Code);

        Assert.Equal((8, ""), (apply!.Code, apply.Output));
        Assert.Equal("lvsctl: an earlier apply waits until 1970-01-01T00:01:00Z to be confirmed; say 'lvsctl confirm', or wait until it is rolled back; nothing was changed\n", apply.Error);
        Assert.Contains("Note: an apply waits until 1970-01-01T00:01:00Z for 'lvsctl confirm'", plan!.Output);
    }

    [Fact]
    public void What_does_not_need_to_be_confirmed_does_not_wait()
    {
        _bench.Manifest = Before;
        Assert.Equal(0, _bench.Run("apply --confirm-within 60s").Code);
        Assert.Equal(0, _bench.Clock.Waits);
        _bench.Manifest = "services: {}";
        Assert.Equal(5, _bench.Run("apply --confirm-within 60s").Code);
        Assert.Equal(0, _bench.Clock.Waits);
    }

    [Fact]
    public void When_the_one_that_waits_has_died_the_next_apply_rolls_back_and_does_nothing_else()
    {
        var before = Table;
        ApplyAndDie();
        Assert.Equal(8, _bench.Run("apply").Code);
        _bench.Clock.CreateTimer(_ => { }, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        Assert.Contains("Note: an apply was not confirmed by 1970-01-01T00:01:00Z: the next 'lvsctl apply' rolls it back", _bench.Run("plan").Output);
        Assert.Equal(9, _bench.Run("confirm").Code);

        var run = _bench.Run("apply");

        Assert.Equal((10, ""), (run.Code, run.Error));
        Assert.StartsWith("An earlier apply was not confirmed by 1970-01-01T00:01:00Z: rolled back, 8 changes.\n", run.Output);
        Assert.Equal(before, Table);
        Assert.Equal(0, _bench.Run("apply").Code);
        Assert.NotEqual(before, Table);
    }

    [Theory]
    [InlineData("check", 10)]
    [InlineData("check --nagios", 1)]
    public void A_check_rolls_back_as_well(string verb, int code)
    {
        var before = Table;
        ApplyAndDie();
        _bench.Clock.CreateTimer(_ => { }, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);

        var run = _bench.Run(verb);
        Assert.True(run.Code == code, $"{run}");

        Assert.Equal(before, Table);
    }

    [Fact]
    public void A_restart_of_the_machine_leaves_nothing_to_roll_back()
    {
        ApplyAndDie();
        _bench.Kernel.Services.Clear();
        _bench.Sysctl("kernel.random.boot_id", "the next");

        Assert.Equal(0, _bench.Run("apply").Code);

        Assert.Equal(2, _bench.Kernel.Services.Count);
    }

    [Fact]
    public void Servers_that_came_and_have_connections_drain_and_what_operators_asked_for_meanwhile_holds()
    {
        _bench.Clock.Waited = () =>
        {
            if (_bench.Clock.Waits != 1) return;
            _bench.Connect(Web, "10.1.0.4:80", active: 2);
            Assert.Equal(0, _bench.Run("maintain rs2").Code);
        };
        Assert.Equal(10, _bench.Run("apply --confirm-within 60s").Code);
        Assert.Equal((0, 2u), (_bench.Server(Web, "10.1.0.4:80").Server.Weight, _bench.Server(Web, "10.1.0.4:80").ActiveConnections));
        Assert.DoesNotContain(_bench.Servers(Web), s => s.Server.Key.ToString() == "10.1.0.2:80");

        _bench.Manifest = Before;
        _bench.Connect(Web, "10.1.0.4:80", active: 0);
        Assert.Equal(0, _bench.Run("apply").Code);
        Assert.Equal(["10.1.0.1:80", "10.1.0.3:80", "10.1.0.9:80"], _bench.Servers(Web).Select(s => s.Server.Key.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_rollback_that_the_kernel_refuses_in_part_is_tried_again()
    {
        ApplyAndDie();
        _bench.Clock.CreateTimer(_ => { }, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        _bench.Kernel.Schedulers.Remove("rr");
        Assert.Equal(6, _bench.Run("apply").Code);
        _bench.Kernel.Schedulers.Add("rr");
        Assert.Equal(10, _bench.Run("apply").Code);
        Assert.StartsWith("tcp 10.0.0.1:80 rr: 10.1.0.1:80 1, 10.1.0.2:80 1, 10.1.0.3:80 1, 10.1.0.9:80 1;", Table);
    }

    [Fact]
    public void A_rollback_that_cannot_finish_has_a_way_out_and_keeps_no_setting_from_being_tried()
    {
        ApplyAndDie();
        _bench.Clock.CreateTimer(_ => { }, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        // A setting that cannot be put back.
        var sysctl = Path.Combine(_bench.FilePath("sysctl"), NodestConn.Replace('.', '/'));
        File.Delete(sysctl);
        Directory.CreateDirectory(sysctl);
        _bench.Manifest = Before;

        foreach (var verb in (string[])["apply", "check", "apply"])
        {
            var run = _bench.Run(verb);
            Assert.True(run.Code == 6, $"{verb}: {run}");
            Assert.Contains($"lvsctl: rolling back: cannot read {NodestConn}: ", run.Error);
            Assert.Contains("'lvsctl confirm --abandon' keeps what is there\n", run.Error);
        }
        Assert.NotEqual(600u, _bench.Kernel.Timeouts.Tcp);

        Assert.Equal(9, _bench.Run("confirm").Code);
        Assert.Equal(0, _bench.Run("confirm --abandon").Code);
        Assert.Equal(0, _bench.Run("apply").Code);
    }

    [Fact]
    public void For_programs_an_earlier_apply_that_is_rolled_back_is_a_document_too()
    {
        ApplyAndDie();
        _bench.Clock.CreateTimer(_ => { }, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        var run = _bench.Run("apply --json");
        Assert.Equal(10, run.Code);
        Assert.Equal("rolled_back", JsonDocument.Parse(run.Output).RootElement.GetProperty("confirmation").GetString());
    }

    [Theory]
    [InlineData("apply --confirm-within 60s --wait", "--wait and --confirm-within exclude each other")]
    [InlineData("apply --confirm-within 60", "--confirm-within is a time with its unit")]
    [InlineData("apply --confirm-within 0s", "--confirm-within needs a time to confirm in")]
    public void A_wrong_option_is_code_2(string args, string problem)
    {
        var run = _bench.Run(args);
        Assert.Equal(2, run.Code);
        Assert.Contains(problem, run.Error);
    }

    // As far as it comes before it waits.
    void ApplyAndDie()
    {
        using var client = new IpvsClient(_bench.Kernel.Connect());
        var cluster = ManifestReader.Read([_bench.ManifestPath]).Cluster!;
        var kernel = _bench.Workplace.Settings;
        var confirmation = new Confirmation(client, kernel, _bench.Store, _bench.Clock);
        var (director, before) = (new DirectorSettings(client, kernel), _bench.Store.Read());
        var changes = director.Plan(cluster.Settings);
        new Reconciler(client, _bench.Store, _bench.Clock).Apply(DesiredTableBuilder.Build(cluster),
            new ApplyOptions(PlanOptions.Default, SafetyLimits.Default, Force: false), CancellationToken.None, planned =>
            {
                confirmation.Keep(planned, changes, before, TimeSpan.FromMinutes(1));
                director.Apply(changes, cluster.Settings);
            });
    }
}
