using System.Text.Json;

namespace Lvsctl.Cli.Tests.Commands;

public sealed class PlanApplyTests : IDisposable
{
    const string Web = "tcp 10.0.0.1:80";

    const string Before = """
        services:
          web: { listen: tcp 10.0.0.1:80, scheduler: rr, forward: nat, servers: { rs1: 10.1.0.1, rs3: 10.1.0.3, rs4: 10.1.0.4 } }
        """;

    const string After = """
        settings: { expire-nodest-conn: true }
        services:
          web: { listen: tcp 10.0.0.1:80, scheduler: wrr, forward: nat, servers: { rs1: 10.1.0.1, rs2: { address: 10.1.0.2, weight: 2 } } }
          dns: { listen: udp 10.0.0.1:53, scheduler: rr, one-packet: true, servers: { d1: 10.1.0.5 } }
        """;

    readonly ManifestBench _bench = new();

    public void Dispose() => _bench.Dispose();

    // Something of everything: added, changed, waiting for connections, removed, somebody else's, and a setting.
    void Arrange()
    {
        _bench.Sysctl("net.ipv4.vs.expire_nodest_conn", "0");
        _bench.Manifest = Before;
        Assert.Equal(0, _bench.Run("apply").Code);
        _bench.Connect(Web, "10.1.0.3:80", active: 5);
        _bench.AddForeign(Web, "10.1.0.9:80");
        _bench.AddForeign("tcp 10.0.0.9:80", "10.1.0.9:80");
        _bench.Manifest = After;
    }

    [Fact]
    public void A_plan_says_by_name_what_would_change_and_why()
    {
        Arrange();
        var run = _bench.Run("plan");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal("""
            settings of this director
              ~ net.ipv4.vs.expire_nodest_conn 0 -> 1

            web (tcp 10.0.0.1:80)
              + rs2 10.1.0.2:80: forward nat, weight 2
              ~ service: scheduler rr -> wrr
              ~ 10.1.0.3:80: weight 1 -> 0  (no longer in the manifest; 5 active and 0 inactive connections end first)
              ~ 10.1.0.4:80: weight 1 -> 0  (no longer in the manifest; goes once it gets no new connections)

            dns (udp 10.0.0.1:53)
              + service: scheduler rr, one-packet yes
              + d1 10.1.0.5:53: forward dr, weight 1

            2 entries are not lvsctl's and are left alone (--prune takes them):
              10.1.0.9:80 of tcp 10.0.0.1:80
              tcp 10.0.0.9:80
            Plan: 3 to add, 1 to change, 2 to drain, 1 setting to change.
            Servers that each service can still lose: web 1, dns 0.
            None to spare: dns.
            Note: in NAT mode the kernel counts a closed connection as inactive for two more minutes, and the drain waits for these too.

            """, run.Output);
    }

    [Fact]
    public void For_programs_a_plan_is_a_document_of_the_same()
    {
        Arrange();
        using var document = JsonDocument.Parse(_bench.Run("plan --json").Output);
        var plan = document.RootElement;
        Assert.Equal(1, plan.GetProperty("version").GetInt32());
        Assert.Equal("net.ipv4.vs.expire_nodest_conn", plan.GetProperty("settings")[0].GetProperty("place").GetString());
        Assert.Equal(["add", "add", "add", "change", "drain", "drain"], plan.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("action").GetString()));
        var first = plan.GetProperty("steps")[0];
        Assert.Equal(("web", Web, "rs2", "10.1.0.2:80"), (Text(first, "service"), Text(first, "service_key"), Text(first, "server"), Text(first, "server_key")));
        Assert.Equal(["forward", "weight"], first.GetProperty("fields").EnumerateArray().Select(f => f.GetProperty("field").GetString()));
        Assert.True(plan.GetProperty("steps")[4].GetProperty("takes_out_of_service").GetBoolean());
        Assert.Equal(5, plan.GetProperty("draining")[0].GetProperty("active_connections").GetInt32());
        Assert.Equal(2, plan.GetProperty("foreign").GetArrayLength());
        Assert.Equal([1, 0], plan.GetProperty("capacity").EnumerateArray().Select(c => c.GetProperty("can_lose").GetInt32()));
        Assert.Equal(0, plan.GetProperty("refusals").GetArrayLength());
        Assert.False(plan.TryGetProperty("done", out _));
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    [Fact]
    public void The_detailed_exit_code_tells_pending_changes_from_none()
    {
        _bench.Manifest = Before;
        Assert.Equal(0, _bench.Run("plan").Code);
        Assert.Equal(4, _bench.Run("plan --detailed-exitcode").Code);
        Assert.Equal(0, _bench.Run("apply").Code);
        var run = _bench.Run("plan --detailed-exitcode");
        Assert.Equal(0, run.Code);
        Assert.StartsWith("Nothing to do: the kernel's table is as the manifest wants it.\n", run.Output);
    }

    [Fact]
    public void An_apply_carries_out_what_the_plan_says_and_the_next_has_nothing_to_do()
    {
        Arrange();
        var run = _bench.Run("apply");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("~ 10.1.0.4:80: weight 1 -> 0  (no longer in the manifest; goes once it gets no new connections)\n", run.Output);
        Assert.Contains("- 10.1.0.4:80  (no longer in the manifest)\n", run.Output);
        Assert.EndsWith("Done: 7 changes.\n", run.Output);
        Assert.Equal(["10.1.0.1:80 1", "10.1.0.2:80 2", "10.1.0.3:80 0", "10.1.0.9:80 1"],
            _bench.Servers(Web).Select(s => $"{s.Server.Key} {s.Server.Weight}").Order(StringComparer.Ordinal));

        Assert.Contains("Draining: 10.1.0.3:80 of tcp 10.0.0.1:80 waits for 5 active and 0 inactive connections.\n", _bench.Run("apply").Output);
        var waiting = _bench.Run("plan --detailed-exitcode");
        Assert.Equal(0, waiting.Code);
        Assert.Contains("\nNothing to do now but wait.\n", waiting.Output);
        Assert.DoesNotContain("as the manifest wants it", waiting.Output);
        _bench.Connect(Web, "10.1.0.3:80", active: 0);
        Assert.Contains("- 10.1.0.3:80", _bench.Run("apply").Output);
        Assert.Equal(0, _bench.Run("plan --detailed-exitcode").Code);
        Assert.Equal(2, _bench.Kernel.Services.Count(s => s.Servers.Exists(r => r.Server.Key.ToString() == "10.1.0.9:80")));
    }

    [Fact]
    public void An_apply_for_programs_says_what_was_done()
    {
        Arrange();
        using var document = JsonDocument.Parse(_bench.Run("apply --json").Output);
        Assert.Equal(7, document.RootElement.GetProperty("done").GetInt32());
        Assert.Equal(0, document.RootElement.GetProperty("failed").GetArrayLength());
    }

    [Fact]
    public void An_apply_can_wait_until_what_left_has_drained()
    {
        Arrange();
        _bench.Clock.Waited = () =>
        {
            if (_bench.Clock.Waits == 3) _bench.Connect(Web, "10.1.0.3:80", active: 0);
        };
        Assert.Equal(0, _bench.Run("apply --wait").Code);
        Assert.Equal(3, _bench.Clock.Waits);
        Assert.DoesNotContain(_bench.Servers(Web), s => s.Server.Key.ToString() == "10.1.0.3:80");
    }

    [Fact]
    public void While_an_apply_waits_others_may_work_and_what_they_take_back_stays()
    {
        Arrange();
        var codes = new List<int>();
        _bench.Clock.Waited = () =>
        {
            if (_bench.Clock.Waits != 2) return;
            _bench.Manifest = After.Replace("rs1: 10.1.0.1", "rs1: 10.1.0.1, rs3: 10.1.0.3");
            codes.Add(_bench.Run("apply --lock-timeout 0s").Code);
        };
        Assert.Equal(0, _bench.Run("apply --wait").Code);
        Assert.Equal([0], codes);
        Assert.Equal(2, _bench.Clock.Waits);
        Assert.Equal((1, 5u), (_bench.Server(Web, "10.1.0.3:80").Server.Weight, _bench.Server(Web, "10.1.0.3:80").ActiveConnections));
    }

    [Fact]
    public void For_programs_an_apply_that_waits_is_one_document()
    {
        Arrange();
        _bench.Clock.Waited = () =>
        {
            if (_bench.Clock.Waits == 3) _bench.Connect(Web, "10.1.0.3:80", active: 0);
        };
        using var document = JsonDocument.Parse(_bench.Run("apply --wait --json").Output);
        var result = document.RootElement;
        Assert.Equal((8, 0), (result.GetProperty("done").GetInt32(), result.GetProperty("draining").GetArrayLength()));
        Assert.Equal(["add", "add", "add", "change", "drain", "drain", "remove", "remove"], result.GetProperty("steps").EnumerateArray().Select(s => Text(s, "action")));
        Assert.Equal(1, result.GetProperty("settings").GetArrayLength());
    }

    [Fact]
    public void Pruning_takes_what_is_somebody_elses()
    {
        Arrange();
        Assert.Equal(0, _bench.Run("apply --prune --force").Code);
        Assert.DoesNotContain(_bench.Kernel.Services, s => s.Service.Key.ToString() == "tcp 10.0.0.9:80");
    }

    [Fact]
    public void The_gate_refuses_to_take_too_many_and_force_goes_ahead()
    {
        _bench.Manifest = Before;
        _bench.Run("apply");
        _bench.Manifest = "services: { web: { listen: tcp 10.0.0.1:80, scheduler: rr, forward: nat, servers: { rs1: 10.1.0.1 } } }";

        var plan = _bench.Run("plan");
        Assert.Equal(0, plan.Code);
        Assert.Contains("The safety gate refuses (max-unavailable): web would lose 2 of its 3 serving servers", plan.Output);
        var refused = _bench.Run("apply");
        Assert.Equal(5, refused.Code);
        Assert.Contains("lvsctl: refused (max-unavailable): web would lose 2 of its 3 serving servers", refused.Error);
        Assert.EndsWith("lvsctl: nothing was changed; raise the limit, or say --force\n", refused.Error);
        Assert.Equal(3, _bench.Servers(Web).Count);

        Assert.Equal(0, _bench.Run("apply --force").Code);
        Assert.Single(_bench.Servers(Web));
    }

    [Fact]
    public void The_gate_keeps_a_service_above_its_min_healthy()
    {
        const string Four = "services: { web: { listen: tcp 10.0.0.1:80, min-healthy: 3, servers: { rs1: 10.1.0.1, rs2: 10.1.0.2, rs3: 10.1.0.3, rs4: 10.1.0.4 } } }";
        _bench.Manifest = Four;
        Assert.Equal(0, _bench.Run("apply").Code);
        Assert.Equal(0, _bench.Run("maintain rs4").Code);

        var refused = _bench.Run("maintain rs3");
        Assert.Equal(5, refused.Code);
        Assert.Contains("lvsctl: refused (min-healthy): web would be left with 2 serving servers (rs3 would go); its min-healthy is 3\n", refused.Error);
        Assert.Equal(0, _bench.Run("maintain rs3 --force").Code);
    }

    [Fact]
    public void A_higher_limit_lets_it_through_and_the_last_server_never_goes()
    {
        _bench.Manifest = Before;
        _bench.Run("apply");
        _bench.Manifest = "services: {}";
        var refused = _bench.Run("apply --max-unavailable 100%");
        Assert.Equal(5, refused.Code);
        Assert.Contains("refused (last-server)", refused.Error);
        _bench.Manifest = Before.Replace("rs3: 10.1.0.3, ", "").Replace("rs4: 10.1.0.4", "");
        Assert.Equal(0, _bench.Run("apply --max-unavailable 100%").Code);
    }

    [Fact]
    public void What_the_kernel_refuses_is_named_and_the_rest_is_done()
    {
        _bench.Kernel.Schedulers.Remove("mh");
        _bench.Manifest = Before + "\n  hash: { listen: tcp 10.0.0.1:443, scheduler: mh, servers: { rs1: 10.1.0.1 } }\n";
        var run = _bench.Run("apply");
        Assert.Equal(6, run.Code);
        Assert.Contains("lvsctl: hash: ", run.Error);
        Assert.Contains("'lvsctl apply' goes on from here", run.Error);
        Assert.Equal(3, _bench.Servers(Web).Count);

        _bench.Kernel.Schedulers.Add("mh");
        Assert.Equal(0, _bench.Run("apply").Code);
        Assert.Equal(0, _bench.Run("plan --detailed-exitcode").Code);
    }

    [Fact]
    public async Task Another_run_that_holds_the_lock_is_code_8()
    {
        _bench.Manifest = Before;
        using (await _bench.Store.LockAsync(TimeSpan.Zero, CancellationToken.None))
        {
            var run = _bench.Run("apply --lock-timeout 30s");
            Assert.Equal((8, ""), (run.Code, run.Output));
            Assert.Matches("^lvsctl: another lvsctl is at work .*--lock-timeout\n$", run.Error);
            Assert.Empty(_bench.Kernel.Services);
            Assert.Equal(0, _bench.Run("plan").Code);
        }
        Assert.Equal(0, _bench.Run("apply").Code);
    }

    [Theory]
    [InlineData("--max-deletes -1", "--max-deletes is a number of entries, such as 20, not '-1'")]
    [InlineData("--max-deletes x", "--max-deletes is a number of entries, such as 20, not 'x'")]
    public void A_wrong_limit_is_said_in_our_words(string option, string problem)
    {
        var run = _bench.Run($"apply {option}");
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains($"lvsctl: {problem}\n", run.Error);
    }

    [Fact]
    public void No_state_directory_at_all_is_code_2()
    {
        using var error = new StringWriter();
        Assert.Equal(2, Lvsctl.Cli.Commands.LvsctlCommand.Run(["apply", "--manifest", _bench.ManifestPath, "--state-dir", ""], TextWriter.Null, error, _bench.Workplace));
        Assert.Contains("--state-dir is a directory, not nothing", error.ToString());
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("apply")]
    [InlineData("drain rs1")]
    [InlineData("status")]
    public void A_manifest_with_a_mistake_is_code_3_and_changes_nothing(string verb)
    {
        _bench.Manifest = Before;
        _bench.Run("apply");
        _bench.Manifest = Before.Replace("scheduler", "shceduler");
        var run = _bench.Run(verb);
        Assert.Equal((3, ""), (run.Code, run.Output));
        Assert.Contains("cluster.yaml:2:", run.Error);
        Assert.Contains("lvsctl: the manifest has 1 error", run.Error);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("apply")]
    [InlineData("maintain rs1")]
    [InlineData("status")]
    public void Without_ipvs_every_verb_is_code_7(string verb)
    {
        _bench.Manifest = Before;
        _bench.Kernel.HasIpvs = false;
        var run = _bench.Run(verb);
        Assert.Equal((7, ""), (run.Code, run.Output));
        Assert.Matches("^lvsctl: cannot use IPVS: .*modprobe ip_vs\n$", run.Error);
    }
}
