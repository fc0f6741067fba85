namespace Lvsctl.Cli.Tests.Commands;

public sealed class IntentTests : IDisposable
{
    const string Web = "tcp 10.0.0.1:80";

    const string Three = """
        services:
          web: { listen: tcp 10.0.0.1:80, servers: { rs1: 10.1.0.1, rs2: 10.1.0.2, rs3: 10.1.0.3 } }
          shop: { listen: tcp 10.0.0.1:81, servers: { rs1: 10.1.0.1, rs4: 10.1.0.4 } }
        """;

    readonly ManifestBench _bench = new();

    public IntentTests()
    {
        _bench.Manifest = Three;
        Assert.Equal(0, _bench.Run("apply").Code);
    }

    public void Dispose() => _bench.Dispose();

    bool IsThere(string server, string service = Web) => _bench.Servers(service).Exists(s => s.Server.Key.ToString() == server);

    [Fact]
    public void A_drain_gives_no_new_connections_and_keeps_the_open_ones()
    {
        _bench.Connect(Web, "10.1.0.2:80", active: 3);
        var run = _bench.Run("drain rs2 --deadline 10m");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("~ rs2 10.1.0.2:80: weight 1 -> 0  (draining since 1970-01-01T00:00:00Z, until 1970-01-01T00:10:00Z at the latest (3 active, 0 inactive))\n", run.Output);
        Assert.Equal((0, 3u), (_bench.Server(Web, "10.1.0.2:80").Server.Weight, _bench.Server(Web, "10.1.0.2:80").ActiveConnections));
    }

    [Fact]
    public void A_drain_of_a_server_without_connections_takes_it_out_at_once_and_leaves_nothing_to_do()
    {
        var run = _bench.Run("drain rs2");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.False(IsThere("10.1.0.2:80"));
        Assert.EndsWith("Done: 2 changes.\n", run.Output);

        _bench.Connect(Web, "10.1.0.3:80", active: 1);
        Assert.EndsWith("The next 'lvsctl apply' sees to the rest, or --wait does; 'lvsctl status' shows how far it is.\n", _bench.Run("drain rs3").Output);
    }

    [Fact]
    public void A_drain_that_is_waited_for_ends_with_the_last_connection()
    {
        _bench.Connect(Web, "10.1.0.2:80", active: 3, persistent: 1);
        _bench.Clock.Waited = () => _bench.Connect(Web, "10.1.0.2:80", active: (uint)(3 - _bench.Clock.Waits));
        var run = _bench.Run("drain rs2 --deadline 10m --wait");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("10m left: 3 active and 0 inactive connections, 1 persistence templates\n", run.Output);
        Assert.Contains("9m58s left: 1 active", run.Output);
        Assert.Equal(3, _bench.Clock.Waits);
        Assert.False(IsThere("10.1.0.2:80"));
    }

    [Theory]
    [InlineData("resume rs2")]
    [InlineData("drain rs2 --deadline 1h")]
    public void A_drain_that_is_waited_for_ends_when_it_is_taken_back(string verb)
    {
        _bench.Connect(Web, "10.1.0.2:80", active: 3);
        _bench.Clock.Waited = () =>
        {
            if (_bench.Clock.Waits == 2) Assert.Equal(0, _bench.Run(verb).Code);
        };
        var run = _bench.Run("drain rs2 --deadline 10m --wait");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.EndsWith("The drain was taken back.\n", run.Output);
        Assert.Equal(2, _bench.Clock.Waits);
        Assert.True(IsThere("10.1.0.2:80"));
    }

    [Fact]
    public void A_server_in_many_services_can_be_maintained_where_the_limit_is_raised()
    {
        _bench.Manifest = $"services: {{ {string.Join(", ", Enumerable.Range(1, 25).Select(n => $"s{n}: {{ listen: tcp 10.0.1.{n}:80, servers: {{ a: 10.1.0.1, b: 10.1.0.2 }} }}"))} }}";
        Assert.Equal(0, _bench.Run("apply --force").Code);
        var refused = _bench.Run("maintain a");
        Assert.Equal(5, refused.Code);
        Assert.Contains("refused (max-deletes)", refused.Error);
        Assert.Equal(0, _bench.Run("maintain a --max-deletes 25").Code);
    }

    [Fact]
    public void A_drain_whose_deadline_passes_removes_the_server_with_code_9()
    {
        _bench.Connect(Web, "10.1.0.2:80", active: 3);
        var run = _bench.Run("drain rs2 --deadline 10s --wait");
        Assert.Equal(9, run.Code);
        Assert.Equal(10, _bench.Clock.Waits);
        Assert.Contains("cuts 3 connections", run.Output);
        Assert.False(IsThere("10.1.0.2:80"));
    }

    [Fact]
    public void A_drain_can_hold_the_server_in_the_table()
    {
        Assert.Equal(0, _bench.Run("drain rs2 --then hold --wait").Code);
        Assert.Equal(0, _bench.Server(Web, "10.1.0.2:80").Server.Weight);
        Assert.Equal(0, _bench.Run("apply").Code);
        Assert.Equal(0, _bench.Server(Web, "10.1.0.2:80").Server.Weight);
    }

    [Fact]
    public void Maintenance_takes_a_server_out_of_all_its_services_until_it_is_resumed()
    {
        Assert.Equal(0, _bench.Run("maintain rs1").Code);
        Assert.False(IsThere("10.1.0.1:80") || IsThere("10.1.0.1:81", "tcp 10.0.0.1:81"));
        // Whatever happens in between: it is on disk, not in somebody's memory.
        Assert.StartsWith("Nothing to do", _bench.Run("apply").Output);
        Assert.False(IsThere("10.1.0.1:80"));

        Assert.Equal(0, _bench.Run("resume rs1").Code);
        Assert.True(IsThere("10.1.0.1:80") && IsThere("10.1.0.1:81", "tcp 10.0.0.1:81"));
        Assert.Empty(_bench.Store.Read().Intents);
    }

    [Theory]
    [InlineData("maintain web/rs1")]
    [InlineData("maintain rs1 --service web")]
    public void One_service_can_be_meant(string verb)
    {
        Assert.Equal(0, _bench.Run(verb).Code);
        Assert.False(IsThere("10.1.0.1:80"));
        Assert.True(IsThere("10.1.0.1:81", "tcp 10.0.0.1:81"));
        Assert.Equal(0, _bench.Run("resume web/rs1").Code);
        Assert.True(IsThere("10.1.0.1:80"));
    }

    [Fact]
    public void A_weight_holds_over_applies_until_it_is_taken_back()
    {
        Assert.Equal(0, _bench.Run("weight rs2 7").Code);
        _bench.Manifest = Three.Replace("rs2: 10.1.0.2", "rs2: { address: 10.1.0.2, weight: 3 }");
        Assert.Equal(0, _bench.Run("apply").Code);
        Assert.Equal(7, _bench.Server(Web, "10.1.0.2:80").Server.Weight);
        Assert.Equal(0, _bench.Run("resume rs2").Code);
        Assert.Equal(3, _bench.Server(Web, "10.1.0.2:80").Server.Weight);
    }

    [Fact]
    public void What_else_is_pending_stays_pending()
    {
        _bench.Manifest = Three.Replace("rs3: 10.1.0.3", "rs3: 10.1.0.33");
        Assert.Equal(0, _bench.Run("weight rs2 7").Code);
        Assert.True(IsThere("10.1.0.3:80"));
        Assert.False(IsThere("10.1.0.33:80"));
    }

    [Fact]
    public void The_gate_guards_the_last_server_and_then_nothing_was_asked()
    {
        Assert.Equal(0, _bench.Run("maintain shop/rs1").Code);
        var run = _bench.Run("maintain rs4");
        Assert.Equal(5, run.Code);
        Assert.Contains("refused (last-server): shop would be left without a server", run.Error);
        Assert.Single(_bench.Store.Read().Intents);
        Assert.Equal(0, _bench.Run("maintain rs4 --force").Code);
    }

    [Theory]
    [InlineData("maintain rs3", null)]
    [InlineData("drain rs3", null)]
    [InlineData("drain rs3 --wait", null)]
    [InlineData("weight rs3 7", 7)]
    [InlineData("resume rs3", 1)]
    public void What_is_asked_before_the_first_apply_holds_from_it_on(string verb, int? weight)
    {
        _bench.Kernel.Services.Clear();
        var run = _bench.Run(verb);
        Assert.Equal((0, ""), (run.Code, run.Error));
        if (verb != "resume rs3") Assert.Contains("Noted: web is not in the kernel's table yet; it holds from the first 'lvsctl apply' on.\n", run.Output);
        Assert.Empty(_bench.Kernel.Services);

        Assert.Equal(0, _bench.Run("apply").Code);
        Assert.Equal(weight, _bench.Servers(Web).Find(s => s.Server.Key.ToString() == "10.1.0.3:80")?.Server.Weight);
    }

    [Theory]
    [InlineData("drain rs9", "the manifest has no server 'rs9'; it has rs1, rs2, rs3, rs4")]
    [InlineData("drain web/rs4", "service 'web' has no server 'rs4'; it has rs1, rs2, rs3")]
    [InlineData("maintain rs1 --service nope", "the manifest has no service 'nope'")]
    [InlineData("resume rs9", "the manifest has no server 'rs9'")]
    [InlineData("weight rs1 -1", "a weight is a number from 0 to 2147483647")]
    [InlineData("drain rs1 --deadline 10", "--deadline is a time with its unit, such as 30s or 10m, not '10'")]
    [InlineData("drain rs1 --then maybe", "--then is remove or hold, not 'maybe'")]
    public void A_wrong_name_or_value_is_said_and_nothing_is_noted(string args, string problem)
    {
        var run = _bench.Run(args);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(problem, run.Error);
        Assert.Empty(_bench.Store.Read().Intents);
    }

    [Fact]
    public void What_was_asked_of_a_server_that_left_the_manifest_can_be_seen_and_taken_back()
    {
        _bench.Run("drain web/rs2 --then hold");
        _bench.Manifest = Three.Replace("rs2: 10.1.0.2, ", "");
        Assert.Equal(0, _bench.Run("apply").Code);

        const string Hint = "  web/rs2: drain since 1970-01-01T00:00:00Z; 'lvsctl resume web/rs2' takes it back\n";
        Assert.EndsWith($"about servers that the manifest does not name:\n{Hint}", _bench.Run("status").Output);
        var run = _bench.Run("resume web/rs2");
        Assert.Equal((0, "Taken back; the kernel's table needs no change for it.\n", ""), (run.Code, run.Output, run.Error));
        Assert.DoesNotContain("resume", _bench.Run("status").Output);
    }

    [Fact]
    public void What_was_asked_of_all_services_is_not_taken_back_for_one()
    {
        _bench.Run("maintain rs1");
        var run = _bench.Run("resume web/rs1");
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("'lvsctl resume rs1' takes it back", run.Error);
        Assert.False(IsThere("10.1.0.1:80"));
    }

    [Fact]
    public void To_resume_a_server_of_which_nothing_was_asked_is_nothing() =>
        Assert.Equal("Nothing to do: nobody asked anything of this server.\n", _bench.Run("resume rs2").Output);

    const string Sticky = """
        services:
          dns: { listen: udp 10.0.0.1:53, servers: { d1: 10.1.0.1, d2: 10.1.0.2, d3: 10.1.0.3 } }
          shop: { listen: tcp 10.0.0.1:81, forward: nat, persistence: 5m, servers: { d1: 10.1.0.1, d2: 10.1.0.2, d3: 10.1.0.3 } }
        """;

    void Arrange()
    {
        _bench.Sysctl("net.ipv4.vs.expire_nodest_conn", "0");
        _bench.Sysctl("net.ipv4.vs.expire_quiescent_template", "0");
        _bench.Manifest = Sticky;
        _bench.Run("apply --prune --force");
        _bench.Connect("tcp 10.0.0.1:81", "10.1.0.1:81", active: 1);
        _bench.Connect("tcp 10.0.0.1:81", "10.1.0.2:81", active: 1);
    }

    [Fact]
    public void What_will_happen_to_clients_is_said_before_a_drain_acts()
    {
        Arrange();
        var run = _bench.Run("drain d1");
        Assert.Equal(0, run.Code);
        Assert.Equal(["udp", "persistent", "nat"], Notes(run.Output));
        Assert.True(run.Output.LastIndexOf("Note: ", StringComparison.Ordinal) < run.Output.IndexOf("dns (", StringComparison.Ordinal));
    }

    [Fact]
    public void What_will_happen_to_clients_is_said_once_by_plan_and_apply()
    {
        Arrange();
        _bench.Manifest = Sticky.Replace("d1: 10.1.0.1, ", "").Replace("d2: 10.1.0.2, ", "");
        Assert.Equal(["udp", "persistent", "nat"], Notes(_bench.Run("plan").Output));
        Assert.Equal(3, System.Text.Json.JsonDocument.Parse(_bench.Run("plan --json").Output).RootElement.GetProperty("notes").GetArrayLength());
        var run = _bench.Run("apply --force");
        Assert.Equal(["udp", "persistent", "nat"], Notes(run.Output));
        Assert.StartsWith("Note: ", run.Output);
        Assert.Empty(Notes(_bench.Run("apply").Output));
    }

    [Fact]
    public void Maintenance_says_what_becomes_of_udp_flows_and_settings_that_see_to_it_are_heeded()
    {
        Arrange();
        Assert.Equal(["udp"], Notes(_bench.Run("maintain d1").Output));
        Assert.Equal(["udp-weight", "persistent"], Notes(_bench.Run("weight d2 0").Output));
        Assert.Equal(0, _bench.Run("resume d1").Code);
        _bench.Connect("tcp 10.0.0.1:81", "10.1.0.1:81", active: 1);
        _bench.Manifest = "settings: { expire-nodest-conn: true, expire-quiescent-template: true }\n" + Sticky.Replace("d3: 10.1.0.3", "d3: { address: 10.1.0.3, weight: 2 }").Replace("d1: 10.1.0.1, ", "");
        Assert.Equal(["nat"], Notes(_bench.Run("plan").Output));
    }

    static IEnumerable<string> Notes(string output) => output.Split('\n').Where(l => l.StartsWith("Note: ", StringComparison.Ordinal)).Select(l => l switch
    {
        _ when l.Contains("whose server is gone") => "udp",
        _ when l.Contains("stays with a server at weight 0") => "udp-weight",
        _ when l.Contains("bound to the server by persistence") => "persistent",
        _ when l.Contains("in NAT mode") => "nat",
        _ => l,
    });
}
