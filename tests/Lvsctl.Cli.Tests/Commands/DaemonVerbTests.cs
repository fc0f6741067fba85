using System.Text.Json;
using Lvsctl.Cli.Commands;
using Lvsctl.Core.Events;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Control;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>The verbs while a director is at work: they ask it, and never write past it.</summary>
public sealed class DaemonVerbTests : IDisposable
{
    readonly DaemonBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Status_has_the_health_that_the_director_knows()
    {
        _bench.Down(2);
        _bench.Wait("web/rs2 is down");
        _bench.Wait("remove web/rs2");
        var run = _bench.Run("status");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Matches(@"HEALTH +NOTE\n +rs1 .* up\n +rs2 .* down +down since .*: connection refused \(check port\)\n", run.Output);
        using var document = JsonDocument.Parse(_bench.Ask("status --json").Output);
        Assert.Equal(Environment.ProcessId, document.RootElement.GetProperty("daemon").GetProperty("pid").GetInt32());
        var rs2 = document.RootElement.GetProperty("services")[0].GetProperty("servers")[1];
        Assert.Equal(("down", "port", "connection refused"), (rs2.GetProperty("health").GetString(), rs2.GetProperty("check").GetString(), rs2.GetProperty("evidence").GetString()));
    }

    [Fact]
    public void A_drain_goes_through_the_director_and_says_the_same_as_without_it()
    {
        var asked = _bench.Run("drain rs2");
        Assert.Equal((0, ""), (asked.Code, asked.Error));
        Assert.Equal("rs1=1", _bench.Table);
        _bench.Wait("asked: drain rs2");
        Assert.Equal(IntentKind.Drain, Assert.Single(_bench.Store.Read().Intents).Kind);
        Assert.Equal(0, _bench.Run("resume rs2").Code);
        Assert.Equal("rs1=1 rs2=1", _bench.Table);

        _bench.Stop();
        var alone = _bench.Run("drain rs2");
        Assert.Equal(Timeless(asked.Output), Timeless(alone.Output));
    }

    static string Timeless(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "T");

    [Fact]
    public void What_the_gate_refuses_is_refused_by_the_director_too()
    {
        _bench.Run("drain rs2");
        var run = _bench.Run("maintain rs1");
        Assert.Equal(5, run.Code);
        Assert.Contains("lvsctl: refused (last-server): web would be left without a server: rs1 would go and nothing stays", run.Error);
        Assert.Equal("rs1=1", _bench.Table);
        Assert.Equal(0, _bench.Run("maintain rs1 --force").Code);
        Assert.Equal("", _bench.Table);
    }

    [Theory]
    [InlineData("drain rs9", "the manifest has no server 'rs9'; it has rs1, rs2")]
    [InlineData("why rs9", "the manifest has no server 'rs9'; it has rs1, rs2")]
    public void Nobody_of_that_name(string verb, string error)
    {
        var run = _bench.Run(verb);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(error, run.Error);
    }

    [Fact]
    public void A_drain_that_is_waited_for_ends_when_the_director_has_removed_the_server()
    {
        _bench.Connect(2, active: 3);
        var run = _bench.Run("drain rs2 --deadline 1s --wait");
        Assert.Equal(9, run.Code);
        Assert.Contains("left: 3 active and 0 inactive connections", run.Output);
        Assert.Equal("rs1=1", _bench.Table);
    }

    [Fact]
    public void A_reload_says_what_it_kept_and_a_refused_one_what_is_wrong()
    {
        _bench.Manifest = _bench.Text("wlc");
        var run = _bench.Run("reload");
        Assert.Equal(new VerbRun(0, "Reloaded: 2 probes go on, 0 are new, 0 are gone.\n", ""), run);
        _bench.Manifest = "services: { web: { listen: nonsense } }";
        run = _bench.Ask("reload");
        Assert.Equal((3, ""), (run.Code, run.Output));
        Assert.Contains("nonsense", run.Error);
        Assert.EndsWith("lvsctl: the manifest is refused; the old one stays in force\n", run.Error);
        Assert.Contains("The manifest on disk is not in force:", _bench.Ask("status").Output);
        // Who drains a server while the manifest is being written asks the director, which has its own.
        Assert.Equal(0, _bench.Ask("drain rs2").Code);
    }

    [Fact]
    public void An_apply_of_the_directors_own_manifest_leaves_both_of_one_mind()
    {
        _bench.Manifest = _bench.Text("wlc");
        var run = _bench.Run("apply");
        Assert.Equal((0, ""), (run.Code, run.Error));
        _bench.Wait("2 probes go on, 0 are new, 0 are gone");
        Assert.Contains("web (tcp 10.0.0.1:80)  wlc", _bench.Run("status").Output);
        Assert.DoesNotContain("pending", _bench.Run("status").Output);
        lock (_bench.Kernel) Assert.Equal("wlc", _bench.Kernel.Services[0].Service.Scheduler);
    }

    [Fact]
    public void An_apply_that_the_director_would_not_accept_changes_nothing()
    {
        _bench.Objection = "log.file /etc/passwd lies elsewhere";
        _bench.Manifest = _bench.Text("wlc");
        var run = _bench.Run("apply");

        Assert.Equal(3, run.Code);
        Assert.Contains("the director at work does not accept the manifest: log.file /etc/passwd lies elsewhere; nothing was changed", run.Error);
        Assert.Equal("rr", _bench.Kernel.Services.Single().Service.Scheduler);
    }

    [Fact]
    public void An_apply_of_another_manifest_is_refused_and_told_what_to_do()
    {
        var other = _bench.FilePath("other.yaml");
        File.WriteAllText(other, _bench.Text("wlc"));
        var run = VerbRun.Of($"apply -m {other} --state-dir {_bench.FilePath("state")}", _bench.Workplace);
        Assert.Equal((8, ""), (run.Code, run.Output));
        Assert.Contains($"keeps the table as {_bench.ManifestPath} wants it, not {other}", run.Error);
        Assert.Contains("nothing was changed", run.Error);
        lock (_bench.Kernel) Assert.Equal("rr", _bench.Kernel.Services[0].Service.Scheduler);
    }

    [Fact]
    public void Why_tells_what_is_wrong_in_its_first_line_and_the_facts_below()
    {
        _bench.Run("weight rs1 7");
        _bench.Down(2);
        _bench.Wait("remove web/rs2");
        var run = _bench.Ask("why web/rs2");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Matches(@"^web/rs2 gets no connections: its check port has failed since .*Z \(connection refused\)\n", run.Output);
        Assert.Matches(@"\n  manifest  127.0.8.2:80, weight 1, forward dr\n", run.Output);
        Assert.Matches(@"\n  check     port \(tcp\) at 127.0.8.2:\d+: down since .*\n +last probe .*: connection refused, [\d.]+ ms\n +last success .*, last failure: connection refused\n +every 200ms, next about .*\n", run.Output);
        Assert.Matches(@"\n  wanted    out of the table: down since .*\n  kernel    not in the table\n", run.Output);
        Assert.Matches(@"\n  events    .*\n(.*\n)* +.*  web/rs2 is down: connection refused \(check port, 2 in a row\)\n", run.Output);

        run = _bench.Run("why rs1");
        Assert.StartsWith("web/rs1 gets connections: weight 7 (weight set to 7 at ", run.Output);
        Assert.Matches(@"\n  asked     weight 7, since .*Z, by \w+\n", run.Output);

        run = _bench.Run("why web");
        Assert.StartsWith("web is answered by 1 of its 2 servers\n- web/rs1 gets connections", run.Output);
        using var document = JsonDocument.Parse(_bench.Run("why rs2 --json").Output);
        var server = document.RootElement.GetProperty("services")[0].GetProperty("servers")[0];
        Assert.Equal(("rs2", "down"), (server.GetProperty("name").GetString(), server.GetProperty("check").GetProperty("state").GetString()));
    }

    [Fact]
    public void Without_the_director_why_says_what_it_left_and_what_cannot_be_known()
    {
        _bench.Down(2);
        _bench.Wait("remove web/rs2");
        _bench.Stop();
        var run = _bench.Run("why rs2");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.StartsWith("web/rs2 gets no connections: its check port has failed since ", run.Output);
        Assert.Contains("not known no director runs", run.Output);
        Assert.Contains("web/rs2 is down: connection refused", run.Output);
        Assert.DoesNotContain("next about", run.Output);
    }

    [Fact]
    public void Events_are_the_same_from_the_director_and_from_its_files()
    {
        _bench.Run("drain rs2");
        _bench.Run("resume rs2");
        var asked = _bench.Ask("events --kind intent");
        Assert.Matches(@"^\S+Z   \w+ asked: drain rs2.*\n\S+Z   \w+ asked: resume rs2.*\n$", asked.Output);
        Assert.Equal("", _bench.Run("events --server rs9").Output);
        Assert.All(_bench.Run("events --service web --json").Output.TrimEnd().Split('\n'), line => Assert.Equal("web", JsonDocument.Parse(line).RootElement.GetProperty("service").GetString()));
        _bench.Stop();
        Assert.Equal(asked, _bench.Run("events --kind intent"));
        Assert.Equal("", _bench.Run("events --since 2999-01-01T00:00:00Z").Output);
        Assert.Equal(asked, _bench.Run("events --kind intent --since 1h"));
    }

    [Fact]
    public async Task Who_follows_misses_nothing_and_sees_nothing_twice_while_the_director_is_started_again()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = ControlClient.TryConnect(_bench.Socket)!;
        var (seen, starts, restart) = (new List<long>(), 0, Task.CompletedTask);
        var said = new List<string>();
        await foreach (var entry in new EventSource(client, "", TimeProvider.System) { Lost = said.Add }.ReadAsync(null, follow: true, patience.Token))
        {
            seen.Add(entry.Id);
            if (entry.Event.Kind == EventKinds.DirectorStarted && ++starts == 2) break;
            if (starts == 1 && restart.IsCompletedSuccessfully && entry.Event.Text == "add web/rs2")
            {
                restart = Task.Run(() =>
                {
                    _bench.Stop();
                    _bench.Start();
                }, CancellationToken.None);
            }
        }
        await restart;
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => (long)i), seen);
        Assert.All(said, line => Assert.StartsWith("lvsctl: the director ", line));
    }

    [Fact]
    public void Who_reads_no_more_ends_what_follows()
    {
        var run = VerbRun.Of($"events --follow --socket {_bench.Socket}", _bench.Workplace with { IsAbandoned = () => true });
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("add web/rs2", run.Output);
    }

    [Fact]
    public void Who_cannot_ask_the_director_changes_nothing_past_it()
    {
        var elsewhere = _bench.FilePath("nowhere.sock");
        var run = _bench.Run($"drain rs2 --socket {elsewhere}");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains($"lvsctl run is at work with {_bench.FilePath("state")}, and its control socket {elsewhere} cannot be used: there is no such socket; nothing was changed", run.Error);
        Assert.Empty(_bench.Store.Read().Intents);
        Assert.Equal(1, _bench.Run($"apply --socket {elsewhere}").Code);

        run = _bench.Run($"status --socket {elsewhere}");
        Assert.Equal(0, run.Code);
        Assert.Contains("this is what can be seen without it", run.Error);
        Assert.Contains("rs1", run.Output);
    }

    [Fact]
    public void A_director_of_another_table_is_not_asked()
    {
        var run = VerbRun.Of($"drain rs2 -m {_bench.ManifestPath} --state-dir {_bench.FilePath("other")}", _bench.Workplace);
        Assert.Equal(0, run.Code);
        Assert.Empty(_bench.Store.Read().Intents);
        run = VerbRun.Of($"drain rs2 -m {_bench.ManifestPath} --state-dir {_bench.FilePath("other")} --socket {_bench.Socket}", _bench.Workplace);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains($"the director that listens there keeps its state in {_bench.FilePath("state")}", run.Error);
    }
}
