using System.Text.RegularExpressions;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Two lvsctl share an address, and what becomes of it.</summary>
public sealed class VrrpPairTests
{
    const string Router = "interval: 100ms\naddresses: 10.1.8.100/24\n";

    static (LvsctlVrrp First, LvsctlVrrp Second) Start(Segment segment, string router = Router, string only1 = "", string address = Segment.Vip)
    {
        var first = segment.Lvsctl(1, $"{router}priority: 200\n{only1}");
        var second = segment.Lvsctl(2, $"{router}priority: 100\n");
        first.Start();
        segment.WaitForOwner(1, address);
        second.Start();
        segment.Wait(() => File.Exists($"{segment.Work}/lvsctl2.sock") && second.Router().GetProperty("master").ValueKind == System.Text.Json.JsonValueKind.Object, "the second to hear the first");
        return (first, second);
    }

    [Fact]
    public void The_address_moves_from_a_dead_router_and_back_when_it_lives_again()
    {
        using var segment = new Segment();
        var (first, second) = Start(segment);

        first.Kill();
        segment.Wait(() => segment.Has(2), "the second to take over");
        Assert.True(segment.Has(1), "a killed process cannot clean up");
        Assert.Contains("edge: backup -> master, as 10.1.8.1 (priority 200) is silent", second.Log);

        first.Start();
        segment.WaitForOwner(1);
        Assert.Contains("edge: backup -> master, as 10.1.8.2 (priority 100) has the lower priority", first.Log);
        Assert.DoesNotContain("error:", first.Log + second.Log);
    }

    [Fact]
    public void What_a_dead_process_left_behind_is_put_right_even_by_another_manifest()
    {
        using var segment = new Segment();
        var (first, _) = Start(segment);
        first.Kill();

        first.Configure("interval: 100ms\naddresses: 10.1.8.101/24\npriority: 50\n");
        first.Start();

        segment.WaitForOwner(2);
    }

    [Fact]
    public void A_stopped_master_hands_over_and_leaves_nothing()
    {
        using var segment = new Segment();
        var (first, second) = Start(segment);

        Assert.Equal(0, first.Stop());

        segment.WaitForOwner(2);
        Assert.Contains("edge: leaving -> stopped, as 10.1.8.2 (priority 100) has taken over", first.Log);
        Assert.Equal(0, second.Stop());
        Assert.False(segment.Has(2));
        Assert.Contains("as nobody took over", second.Log);
    }

    [Fact]
    public void An_operator_hands_over_and_takes_back()
    {
        using var segment = new Segment();
        var (first, second) = Start(segment);

        var refused = second.Ask("failover");
        Assert.Equal((1, "lvsctl: no virtual router is master here; say it where the master is\n"), (refused.ExitCode, refused.Error));
        var moved = first.Ask("failover", "edge");
        Assert.Equal((0, "edge: 10.1.8.2 (priority 100) is master now\n"), (moved.ExitCode, moved.Output));
        segment.WaitForOwner(2);
        Assert.Matches(new Regex("(?m)^  held      stands back for (9m|10m)"), first.Ask("status").Output);

        Assert.Equal(0, first.Ask("resume").ExitCode);
        segment.WaitForOwner(1);
    }

    [Fact]
    public void An_address_that_somebody_removes_comes_back()
    {
        using var segment = new Segment();
        var (first, _) = Start(segment);

        segment.Hosts[0].Run("ip", "addr", "del", "10.1.8.100/24", "dev", "eth0");

        segment.WaitForOwner(1);
        segment.Wait(() => first.Log.Contains("warning: edge: somebody removed 10.1.8.100/24 from eth0; it is put back"), "it to be told");
    }

    [Fact]
    public void A_router_whose_wire_is_pulled_gives_its_address_up_and_takes_it_back()
    {
        using var segment = new Segment();
        var (first, _) = Start(segment);

        segment.Unplug(1, isOut: true);
        segment.WaitForOwner(2);
        Assert.Equal("fault", first.Router().GetProperty("state").GetString());
        Assert.Contains("fault: its interface is down or has no address", first.Ask("status").Output);

        segment.Unplug(1, isOut: false);
        segment.WaitForOwner(1);
    }

    [Fact]
    public void Two_masters_are_told_loudly_and_one_is_left()
    {
        using var segment = new Segment();
        var (first, second) = Start(segment, "interval: 100ms\naddresses: 10.1.8.100/24\n");
        segment.Partition(isCut: true);
        segment.Wait(() => segment.Has(1) && segment.Has(2), "two masters");

        segment.Partition(isCut: false);

        segment.WaitForOwner(1);
        segment.Wait(() => first.Log.Contains("error: edge: 10.1.8.2 (priority 100) was master at the same time"), "the rival to be told");
        Assert.Contains("edge: master -> backup, as 10.1.8.1 (priority 200) has the higher priority", second.Log);
    }

    [Fact]
    public void A_tracked_file_makes_the_priority_and_status_shows_the_sum()
    {
        using var segment = new Segment();
        var file = $"{segment.Work}/well";
        File.WriteAllText(file, "");
        var (first, _) = Start(segment, only1: $"track:\n  - {{ file: {file}, weight: -150 }}\n".Replace("\n  -", " [").Replace("}\n", "} ]\n"));

        File.Delete(file);

        segment.WaitForOwner(2);
        Assert.Contains($"priority  50 = 200 - 150 (file {file} fails)", first.Ask("status").Output);
        File.WriteAllText(file, "");
        segment.WaitForOwner(1);
    }

    [Fact]
    public void Without_preemption_the_better_router_waits()
    {
        using var segment = new Segment();
        var (first, _) = Start(segment, Router + "preempt: false\n");
        first.Kill();
        segment.Wait(() => segment.Has(2), "the second to take over");

        first.Start();

        segment.WaitForOwner(2);
        segment.Wait(() => first.Router().GetProperty("peers").GetArrayLength() == 1, "the first to hear the second");
        Thread.Sleep(600);
        segment.WaitForOwner(2);
    }

    [Theory]
    [InlineData("fe80::100/64", Segment.Vip6)]
    [InlineData("[ fe80::100/64, \"2001:db8::100/64\" ]", "2001:db8::100")]
    public void Over_IPv6_it_is_the_same_and_no_source_address(string addresses, string address)
    {
        using var segment = new Segment();
        var (first, _) = Start(segment, $"interval: 100ms\naddresses: {(addresses[0] == '[' ? addresses.Replace("fe80::100/64", "\"fe80::100/64\"") : $"\"{addresses}\"")}\n", address: address);
        Assert.Matches(new Regex($@"inet6 {address}/64 .*\bdeprecated\b"), segment.Hosts[0].Run("ip", "-o", "addr", "show", "dev", "eth0"));
        Assert.Equal("fe80::1", first.Router().GetProperty("source").GetString());

        first.Stop();

        segment.WaitForOwner(2, address);
    }

    [Fact]
    public void A_reload_keeps_the_master_and_moves_what_changed()
    {
        using var segment = new Segment();
        var (first, second) = Start(segment);
        foreach (var (each, priority) in new[] { (first, 200), (second, 100) }) each.Configure($"interval: 100ms\naddresses: [ 10.1.8.100/24, 10.1.8.110/24 ]\npriority: {priority}\n");

        Assert.Equal("Reloaded.\n", first.Ask("reload").Output);
        second.Signal("HUP");

        segment.WaitForOwner(1, "10.1.8.110");
        Assert.True(segment.Has(1));
        first.Configure("interval: 100ms\naddresses: 10.1.8.110/24\npriority: 200\n");
        Assert.Equal(0, first.Ask("reload").ExitCode);
        Assert.False(segment.Has(1));
        first.Configure("interval: never\n");
        var refused = first.Ask("reload");
        Assert.Equal(3, refused.ExitCode);
        Assert.True(segment.Has(1, "10.1.8.110"));
        Assert.Equal(1, first.Router().GetProperty("counters").GetProperty("times_master").GetInt32());
    }
}
