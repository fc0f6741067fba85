using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Tests.Commands;

public sealed class CheckTests : IDisposable
{
    const string All = "rs1=1 rs2=1 rs3=1";

    CheckBench _bench = new();

    public void Dispose() => _bench.Dispose();

    void Arrange(string policy = CheckBench.Usual, string service = "", string probe = "tcp: {}", string rest = "")
    {
        _bench.Dispose();
        _bench = new(policy, service, probe, rest);
        _bench.Apply();
        Assert.Equal(All, _bench.Table);
    }

    // --- rise and fall ------------------------------------------------------------------------------------------------

    [Fact]
    public void Passes_in_a_row_take_a_sick_server_out_and_bring_a_well_one_back_in_silence()
    {
        Arrange();
        _bench.Check();
        _bench.Down(1);
        _bench.Check();
        Assert.Equal(All, _bench.Table);
        _bench.Check();
        Assert.Equal("rs2=1 rs3=1", _bench.Table);
        _bench.Up(1);
        _bench.Check();
        Assert.Equal("rs2=1 rs3=1", _bench.Table);
        _bench.Check();
        Assert.Equal(All, _bench.Table);
    }

    [Fact]
    public void With_more_rounds_one_pass_is_enough()
    {
        Arrange();
        _bench.Down(1, 2);
        _bench.Check("--rounds 2");
        Assert.Equal("rs3=1", _bench.Table);
        _bench.Up(1, 2);
        _bench.Check("--rounds 5");
        Assert.Equal(All, _bench.Table);
    }

    [Fact]
    public void On_an_empty_table_those_come_in_that_were_found_well()
    {
        _bench.Down(3);
        _bench.Check("--rounds 2");
        Assert.Equal("rs1=1 rs2=1", _bench.Table);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(60 * 24 * 365)]
    [InlineData(-60)]
    [InlineData(-60 * 24 * 365 * 20)]
    public void A_clock_that_jumps_makes_counting_begin_anew_and_takes_nobody_out(int minutes)
    {
        Arrange();
        _bench.Check();
        _bench.Down(1, 2, 3);
        _bench.Check();
        _bench.Clock.Ahead = TimeSpan.FromMinutes(minutes);
        _bench.Check();
        Assert.Equal(All, _bench.Table);
        // They are dead, after all.
        _bench.Check();
        Assert.Equal("", _bench.Table);
    }

    [Fact]
    public void What_is_younger_than_the_manifest_allows_is_believed()
    {
        Arrange(rest: "daemon: { state-max-age: 1h }");
        _bench.Check();
        _bench.Down(1);
        _bench.Check();
        _bench.Clock.Ahead = TimeSpan.FromMinutes(59);
        _bench.Check();
        Assert.Equal("rs2=1 rs3=1", _bench.Table);
    }

    [Fact]
    public void Other_verbs_keep_out_whom_a_check_has_found_sick()
    {
        Arrange();
        _bench.Down(1);
        _bench.Check("--rounds 2");
        _bench.Apply();
        Assert.Equal("rs2=1 rs3=1", _bench.Table);
    }

    // --- policies -----------------------------------------------------------------------------------------------------

    [Fact]
    public void The_floor_stays_in_whoever_is_dead()
    {
        Arrange(service: "min-healthy: 2");
        _bench.Down(1, 2, 3);
        _bench.Check("--rounds 2");
        Assert.Equal("rs1=1 rs2=1", _bench.Table);
    }

    [Fact]
    public void Quiesce_takes_the_weight_and_not_the_server()
    {
        Arrange(service: "on-failure: quiesce");
        _bench.Down(2);
        _bench.Check("--rounds 2");
        Assert.Equal("rs1=1 rs2=0 rs3=1", _bench.Table);
        _bench.Up(2);
        _bench.Check("--rounds 2");
        Assert.Equal(All, _bench.Table);
    }

    [Fact]
    public void The_fallback_comes_before_the_last_one_goes_and_goes_when_one_is_back()
    {
        Arrange(service: "fallback: 127.0.7.9");
        _bench.Down(1, 2, 3);
        _bench.Kernel.Commands.Clear();
        _bench.Check("--rounds 2");
        Assert.Equal("rs9=1", _bench.Table);
        // NEW_DEST comes before the first DEL_DEST.
        Assert.Equal([5, 7], _bench.Kernel.Commands.Where(c => c is 5 or 7).Distinct().Select(c => (int)c));

        _bench.Up(2);
        _bench.Check("--rounds 2");
        Assert.Equal("rs2=1", _bench.Table);
        Assert.DoesNotContain("not lvsctl's", _bench.Run("plan").Output);
    }

    [Fact]
    public void A_server_may_say_its_own_weight()
    {
        var file = _bench.FilePath("weight");
        var manifest = (string content) =>
        {
            File.WriteAllText(file, content);
            _bench.Manifest = $$"""
                checks: { load: { file: {{file}}, weight: { from: content }, rise: 1, fall: 1 } }
                services: { web: { listen: tcp 10.0.0.1:80, scheduler: wrr, check: load, servers: { rs1: { address: 127.0.7.1, weight: 10 } } } }
                """;
        };
        manifest("50%");
        _bench.Check();
        Assert.Equal("rs1=5", _bench.Table);
        manifest("drain");
        _bench.Check();
        Assert.Equal("rs1=0", _bench.Table);
        manifest("12");
        _bench.Check();
        Assert.Equal("rs1=12", _bench.Table);
    }

    [Fact]
    public void Whom_an_operator_drained_no_health_brings_back()
    {
        Arrange();
        Assert.Equal(0, _bench.Run("weight rs1 0").Code);
        Assert.Equal("rs1=0 rs2=1 rs3=1", _bench.Table);
        _bench.Check("--rounds 2");
        Assert.Equal("rs1=0 rs2=1 rs3=1", _bench.Table);
        Assert.Equal(0, _bench.Run("resume rs1").Code);
        Assert.Equal(0, _bench.Run("maintain rs2 --force").Code);
        _bench.Check("--rounds 2");
        Assert.Equal("rs1=1 rs3=1", _bench.Table);
    }

    // --- troubles -----------------------------------------------------------------------------------------------------

    [Fact]
    public async Task Two_passes_never_run_at_once()
    {
        Arrange();
        _bench.Down(1, 2, 3);
        using (await _bench.Store.LockAsync(TimeSpan.Zero, CancellationToken.None))
        {
            var run = _bench.Run("check --rounds 2 --lock-timeout 0s");
            Assert.Equal((8, "", 1), (run.Code, run.Output, Lines(run.Error)));
            // To look needs no lock.
            Assert.Equal(0, _bench.Run("check --rounds 2 --dry-run").Code);
        }
        Assert.Equal(All, _bench.Table);
    }

    sealed class PowerCut : Exception;

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_pass_that_dies_at_any_command_leaves_what_the_next_one_finishes(byte command)
    {
        Arrange(service: command == 6 ? "on-failure: quiesce" : "");
        _bench.Check();
        _bench.Down(1, 2);
        _bench.Kernel.BeforeCommand = c =>
        {
            if (c == command) throw new PowerCut();
        };
        Assert.Throws<PowerCut>(() => _bench.Run("check --rounds 2"));
        _bench.Kernel.BeforeCommand = null;
        Assert.Contains("rs3=1", _bench.Table);

        _bench.Check("--rounds 2");
        Assert.Equal(command == 6 ? "rs1=0 rs2=0 rs3=1" : "rs3=1", _bench.Table);
        _bench.Up(1, 2);
        _bench.Check("--rounds 2");
        Assert.Equal(All, _bench.Table);
    }

    [Fact]
    public void A_pass_that_dies_before_it_has_written_what_it_learnt_brings_no_dead_server_back()
    {
        Arrange();
        _bench.Check();
        _bench.Down(1);
        _bench.Check();
        var file = Path.Combine(_bench.StateDirectory, "health.json");
        var before = File.ReadAllText(file);
        _bench.Check();
        Assert.Equal("rs2=1 rs3=1", _bench.Table);

        File.WriteAllText(file, before);
        File.WriteAllText(file + ".new", before[..100]);
        File.WriteAllText(Path.Combine(_bench.StateDirectory, "state.json.new"), "{");
        _bench.Check();
        Assert.Equal("rs2=1 rs3=1", _bench.Table);
    }

    [Fact]
    public void A_server_that_hangs_beyond_the_deadline_is_not_judged()
    {
        Arrange("rise: 1, fall: 1, timeout: 30s", probe: "http: {}");
        for (var pass = 0; pass < 3; pass++)
        {
            var run = _bench.Run("check --deadline 50ms");
            Assert.Equal((9, "", "lvsctl: the deadline passed with 3 of 3 probes without a verdict\n"), (run.Code, run.Output, run.Error));
        }
        Assert.Equal(All, _bench.Table);
    }

    [Fact]
    public void What_the_director_cannot_probe_stays_and_is_told()
    {
        Arrange("rise: 1, fall: 1, source: 192.0.2.77");
        for (var pass = 0; pass < 3; pass++)
        {
            var run = _bench.Run("check");
            Assert.Equal((1, ""), (run.Code, run.Output));
            Assert.Equal($"lvsctl: could not make 3 of 3 probes, the first web (tcp) at 127.0.7.1:{_bench.Port}: the director does not have the source address 192.0.2.77\n", run.Error);
        }
        Assert.Equal(All, _bench.Table);
    }

    [Fact]
    public void Where_nothing_can_be_written_no_more_goes_than_is_dead()
    {
        Arrange();
        _bench.Check();
        // Something is in the way of the file; whoever is root is not kept out by a mode. The lab has a disk that is full.
        Directory.CreateDirectory(Path.Combine(_bench.StateDirectory, "health.json.new", "full"));
        _bench.Down(1);
        for (var pass = 0; pass < 3; pass++)
        {
            var run = _bench.Run("check --rounds 2");
            Assert.Equal(("", 1), (run.Output, Lines(run.Error)));
            Assert.NotEqual(0, run.Code);
            Assert.Equal("rs2=1 rs3=1", _bench.Table);
        }
        Directory.CreateDirectory(Path.Combine(_bench.StateDirectory, "state.json.new", "full"));
        _bench.Manifest = _bench.Text(servers: "rs2: 127.0.7.2, rs3: 127.0.7.3, rs4: 127.0.7.1");
        _bench.Run("check --rounds 2");
        Assert.Equal("rs2=1 rs3=1", _bench.Table);
    }

    [Fact]
    public void A_damaged_state_changes_nothing()
    {
        Arrange();
        _bench.Down(1, 2, 3);
        File.WriteAllText(_bench.Store.Path, "{ \"version\": 1, ");
        var run = _bench.Run("check --rounds 2");
        Assert.Equal((1, "", 1), (run.Code, run.Output, Lines(run.Error)));
        Assert.Contains("is damaged", run.Error);
        Assert.Equal(All, _bench.Table);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{\"version\":99,\"health\":{\"taken\":\"2026-01-01T00:00:00Z\",\"targets\":[],\"services\":[]},\"told\":{}}")]
    [InlineData("\0\0\0\0")]
    [InlineData("{\"version\":1,\"health\":{\"taken\":\"2026-01-01T00:00:00Z\",\"targets\":[null],\"services\":[null]},\"told\":{}}")]
    [InlineData("{\"version\":1,\"health\":{\"taken\":\"NOW\",\"targets\":[],\"services\":[{\"key\":\"tcp 10.0.0.1:80\",\"hasQuorum\":true,\"keptIn\":0,\"servers\":[null]}]},\"told\":{}}")]
    public void Damaged_knowledge_is_told_once_and_learnt_anew(string content)
    {
        Arrange();
        _bench.Check();
        _bench.Down(1, 2, 3);
        File.WriteAllText(Path.Combine(_bench.StateDirectory, "health.json"), content.Replace("NOW", DateTimeOffset.UtcNow.ToString("O")));
        var run = _bench.Run("check");
        Assert.Equal((0, "", 1), (run.Code, run.Output, Lines(run.Error)));
        Assert.Contains("health.json cannot be used", run.Error);
        Assert.Equal(All, _bench.Table);
        _bench.Up(1, 2, 3);
        _bench.Check();
    }

    [Fact]
    public void What_the_gate_refuses_waits_and_health_does_not()
    {
        Arrange();
        _bench.Check();
        // Two of three would go by wish; the third is dead.
        _bench.Manifest = _bench.Text(servers: "rs3: 127.0.7.3, rs4: 127.0.7.4");
        _bench.Down(3);

        var run = _bench.Run("check --rounds 2");
        Assert.Equal((5, "", 1), (run.Code, run.Output, Lines(run.Error)));
        Assert.StartsWith("lvsctl: refused by the safety gate: ", run.Error);
        Assert.Equal("rs1=1 rs2=1", _bench.Table);

        _bench.Up(3);
        Assert.Equal(5, _bench.Run("check --rounds 2 --max-unavailable 0").Code);
        Assert.Equal(All, _bench.Table);
        _bench.Check("--force");
        Assert.Equal("rs3=1", _bench.Table);
    }

    [Fact]
    public void Without_IPVS_or_with_a_wrong_manifest_the_usual_codes_are_given()
    {
        Arrange();
        _bench.Kernel.IsPermitted = false;
        Assert.Equal((7, 1), (_bench.Run("check").Code, Lines(_bench.Run("check").Error)));
        _bench.Kernel.IsPermitted = true;
        _bench.Manifest = "services: { web: {} }";
        Assert.Equal(3, _bench.Run("check").Code);
        Assert.Equal(2, _bench.Run("check --rounds 0").Code);
        Assert.Equal(All, _bench.Table);
    }

    // --- what is told -------------------------------------------------------------------------------------------------

    [Fact]
    public void A_dry_run_probes_and_tells_and_changes_nothing()
    {
        Arrange();
        _bench.Check();
        _bench.Down(1);
        var files = Files();

        var run = _bench.Run($"check --rounds 2 --dry-run -v --textfile {_bench.FilePath("metrics")}");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains($"web (tcp) at 127.0.7.1:{_bench.Port}: connection refused, ", run.Output);
        Assert.Contains($"web (tcp) at 127.0.7.2:{_bench.Port}: ok, ", run.Output);
        Assert.Contains("web/rs1 is down: connection refused\n", run.Output);
        Assert.Contains("down since", run.Output);
        Assert.Equal(All, _bench.Table);
        Assert.Equal(files, Files());
        Assert.False(File.Exists(_bench.FilePath("metrics")));

        IEnumerable<string> Files() => [.. Directory.GetFiles(_bench.StateDirectory).Order().Select(f => $"{f} {File.ReadAllText(f)}")];
    }

    [Fact]
    public void A_warning_is_told_once_a_day()
    {
        // Of no probe but of the file: it is the same warning each time.
        Arrange();
        Damage();
        Assert.Equal(1, Lines(_bench.Run("check").Error));
        _bench.Check();
        var told = File.ReadAllText(Health);
        Assert.Contains("cannot be used", told);
        _bench.Clock.Ahead = TimeSpan.FromHours(23);
        _bench.Check();
        Assert.Contains("cannot be used", File.ReadAllText(Health));
        _bench.Clock.Ahead = TimeSpan.FromHours(25);
        _bench.Check();
        Assert.DoesNotContain("cannot be used", File.ReadAllText(Health));

        void Damage() => File.WriteAllText(Health, "{");
    }

    string Health => Path.Combine(_bench.StateDirectory, "health.json");

    [Fact]
    public void Monitoring_systems_get_their_line_and_their_codes()
    {
        Arrange();
        Nagios(0, "LVSCTL OK - 1 services, 3 of 3 servers healthy | healthy=3;;;0;3 'web tcp 10.0.0.1:80'=3;;;0;3");
        _bench.Down(1);
        Nagios(1, "LVSCTL WARNING - 1 services, 2 of 3 servers healthy; web 2/3 | healthy=2;;;0;3 'web tcp 10.0.0.1:80'=2;;;0;3");
        _bench.Down(2, 3);
        Nagios(2, "LVSCTL CRITICAL - 1 services, 0 of 3 servers healthy; down: web; web 0/3 | healthy=0;;;0;3 'web tcp 10.0.0.1:80'=0;;;0;3");
        _bench.Kernel.IsPermitted = false;
        var run = _bench.Run("check --nagios");
        Assert.Equal((3, "", 1), (run.Code, run.Error, Lines(run.Output)));
        Assert.StartsWith("LVSCTL UNKNOWN - ", run.Output);

        void Nagios(int code, string line)
        {
            // A monitoring system knows these codes only, and reads nothing but standard output.
            var nagios = _bench.Run("check --nagios --rounds 2");
            Assert.Equal(new VerbRun(code, line + "\n", ""), nagios);
        }
    }

    [Fact]
    public void Metrics_are_written_whole_and_readable_for_all()
    {
        Arrange();
        var file = _bench.FilePath("lvsctl.prom");
        _bench.Down(2);
        _bench.Check($"--rounds 2 --textfile {file}");

        var lines = File.ReadAllLines(file);
        Assert.All(lines, l => Assert.Matches("""^(# (HELP|TYPE) lvsctl_[a-z_]+ .+|lvsctl_[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.E+-]+)$""", l));
        var web = """service="web",vip="10.0.0.1",port="80",protocol="tcp" """.TrimEnd();
        Assert.Equal(
            [
                $$"""lvsctl_server_up{{{web}},server="rs1",address="127.0.7.1"} 1""",
                $$"""lvsctl_server_up{{{web}},server="rs2",address="127.0.7.2"} 0""",
                $$"""lvsctl_server_up{{{web}},server="rs3",address="127.0.7.3"} 1""",
                $$"""lvsctl_server_weight{{{web}},server="rs1",address="127.0.7.1",kind="desired"} 1""",
                $$"""lvsctl_server_weight{{{web}},server="rs1",address="127.0.7.1",kind="effective"} 1""",
                $$"""lvsctl_server_weight{{{web}},server="rs1",address="127.0.7.1",kind="kernel"} 1""",
                $$"""lvsctl_server_weight{{{web}},server="rs2",address="127.0.7.2",kind="desired"} 1""",
                $$"""lvsctl_server_weight{{{web}},server="rs3",address="127.0.7.3",kind="desired"} 1""",
                $$"""lvsctl_server_weight{{{web}},server="rs3",address="127.0.7.3",kind="effective"} 1""",
                $$"""lvsctl_server_weight{{{web}},server="rs3",address="127.0.7.3",kind="kernel"} 1""",
                $$"""lvsctl_pool_servers{{{web}}} 3""",
                $$"""lvsctl_pool_healthy{{{web}}} 2""",
                $$"""lvsctl_pool_serving{{{web}}} 2""",
                $$"""lvsctl_pool_can_lose{{{web}}} 1""",
                $$"""lvsctl_pool_floor_active{{{web}}} 0""",
                $$"""lvsctl_pool_quorum{{{web}}} 1""",
                $$"""lvsctl_pool_fallback_active{{{web}}} 0""",
            ], lines.Where(l => l.StartsWith("lvsctl_server", StringComparison.Ordinal) || l.StartsWith("lvsctl_pool", StringComparison.Ordinal)));
        Assert.Contains($$"""lvsctl_probe_success{check="web",kind="tcp",address="127.0.7.2",port="{{_bench.Port}}",through=""} 0""", lines);
        Assert.Contains("lvsctl_plan_pending 0", lines);
        Assert.Contains("lvsctl_plan_refused 0", lines);
        Assert.Equal(1, lines.Count(l => l.StartsWith("lvsctl_last_successful_apply_timestamp_seconds ", StringComparison.Ordinal)));
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!, "lvsctl.prom*"));

        // Where they cannot be written the old ones stay, and the rest is done.
        Directory.CreateDirectory(file + ".new/full");
        _bench.Up(2);
        var run = _bench.Run($"check --rounds 2 --textfile {file}");
        Assert.Equal((1, "", 1), (run.Code, run.Output, Lines(run.Error)));
        Assert.Equal(All, _bench.Table);
        Assert.Equal(lines, File.ReadAllLines(file));
    }

    static int Lines(string text) => text.Count(c => c == '\n');

    // --- what health alone decides about -------------------------------------------------------------------------------

    // The gate counts what somebody wishes to remove; thirty fallbacks that are not needed any more are nobody's wish.
    [Fact]
    public void However_many_fallbacks_go_the_servers_come_back()
    {
        var services = string.Join('\n', Enumerable.Range(1, 30).Select(n =>
            $"  s{n}: {{ listen: tcp 10.0.1.{n}:80, check: web, fallback: 127.0.7.9, servers: {{ rs1: 127.0.7.1 }} }}"));
        _bench.Manifest = $"checks: {{ web: {{ tcp: {{}}, port: {_bench.Port}, {CheckBench.Usual} }} }}\nservices:\n{services}\n";
        _bench.Check("--rounds 2");
        _bench.Down(1);
        _bench.Check("--rounds 2");
        Assert.Equal(30, _bench.Table.Split(' ').Count(s => s == "rs9=1"));

        _bench.Up(1);
        _bench.Check("--rounds 2");

        Assert.Equal(string.Join(' ', Enumerable.Repeat("rs1=1", 30)), _bench.Table);
    }

    [Fact]
    public void The_fallback_comes_and_goes_with_the_maintenance_of_the_last_server()
    {
        _bench.Manifest = _bench.Text(service: "fallback: 127.0.7.9", servers: "rs1: 127.0.7.1");
        _bench.Check("--rounds 2");

        Assert.Equal(0, _bench.Run("maintain rs1").Code);
        Assert.Equal("rs9=1", _bench.Table);
        Assert.Equal(0, _bench.Run("resume rs1").Code);
        Assert.Equal("rs1=1", _bench.Table);
    }

    [Fact]
    public void What_a_server_said_of_its_weight_is_forgotten_when_it_is_not_asked_any_more()
    {
        var file = _bench.FilePath("weight");
        File.WriteAllText(file, "50%");
        string Text(string weight) => $$"""
            checks: { web: { file: {{file}}, {{weight}} rise: 1, fall: 1 } }
            services: { web: { listen: tcp 10.0.0.1:80, check: web, servers: { rs1: { address: 127.0.7.1, weight: 10 } } } }
            """;
        _bench.Manifest = Text("weight: { from: content },");
        _bench.Check();
        Assert.Equal("rs1=5", _bench.Table);

        _bench.Manifest = Text("");
        _bench.Check();

        Assert.Equal("rs1=10", _bench.Table);
    }

    [Fact]
    public void A_server_that_is_probed_along_its_path_may_leave_like_any_other()
    {
        string Text(string servers) => $$"""
            checks: { web: { tcp: {}, through: vip, every: 1s, timeout: 10ms, fall: 9 } }
            services: { web: { listen: tcp 10.0.0.1:80, forward: nat, check: web, servers: { {{servers}} } } }
            """;
        _bench.Manifest = Text("rs1: 127.0.7.1, rs2: 127.0.7.2, rs3: 127.0.7.3");
        _bench.Apply();
        Assert.Equal(4, _bench.Kernel.Services.Count);

        _bench.Manifest = Text("rs1: 127.0.7.1, rs2: 127.0.7.2");
        var run = _bench.Run("apply");

        Assert.True(run.Code == 0, run.ToString());
        Assert.Equal(3, _bench.Kernel.Services.Count);
        Assert.DoesNotContain("probe:", run.Output[run.Output.IndexOf("still lose", StringComparison.Ordinal)..]);
    }
}
