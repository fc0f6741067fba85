using System.Text.RegularExpressions;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Two lvsctl share an address: who has it when.</summary>
public sealed class TakeoverTests
{
    [Fact]
    public void The_address_moves_from_a_dead_router_and_back_when_it_lives_again()
    {
        using var segment = new Segment();
        var (first, second) = Pair.Start(segment);

        first.Kill();
        segment.Wait(() => segment.Has(2), "the second to take over");
        Assert.True(segment.Has(1), "a killed process cannot clean up");
        second.WaitForWords("edge: backup -> master, as 10.1.8.1 (priority 200) is silent");

        first.Start();
        segment.WaitForOwner(1);
        first.WaitForWords("edge: backup -> master, as 10.1.8.2 (priority 100) has the lower priority");
        Assert.DoesNotContain("error:", first.Log + second.Log);
    }

    [Fact]
    public void A_stopped_master_hands_over_and_leaves_nothing()
    {
        using var segment = new Segment();
        var (first, second) = Pair.Start(segment);

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
        var (first, second) = Pair.Start(segment);

        var refused = second.Ask("failover");
        Assert.Equal((1, "lvsctl: no virtual router is master here; say it where the master is\n"), (refused.ExitCode, refused.Error));
        var moved = first.Ask("failover", "edge");
        Assert.Equal((0, "edge: 10.1.8.2 (priority 100) is master now\n"), (moved.ExitCode, moved.Output));
        segment.WaitForOwner(2);
        Assert.Matches(new Regex("(?m)^  held      stands back for (9m|10m)"), first.StatusText());
        Assert.Equal("10.1.8.2", first.Router().GetProperty("master").GetProperty("address").GetString());

        Assert.Equal(0, first.Ask("resume").ExitCode);
        segment.WaitForOwner(1);
    }

    [Fact]
    public void Without_preemption_the_better_router_waits()
    {
        using var segment = new Segment();
        var (first, _) = Pair.Start(segment, Pair.Router + "preempt: false\n");
        first.Kill();
        segment.Wait(() => segment.Has(2), "the second to take over");

        first.Start();

        segment.WaitForOwner(2);
        segment.Wait(() => first.TryLook()?.Peers.Count == 1, "the first to hear the second");
        segment.MustStay(2, TimeSpan.FromMilliseconds(600));
    }

    [Theory]
    [InlineData("fe80::100/64", Segment.Vip6)]
    [InlineData("[ fe80::100/64, \"2001:db8::100/64\" ]", "2001:db8::100")]
    public void Over_IPv6_it_is_the_same_and_no_source_address(string addresses, string address)
    {
        using var segment = new Segment();
        var (first, _) = Pair.Start(segment, $"interval: 100ms\naddresses: {(addresses[0] == '[' ? addresses.Replace("fe80::100/64", "\"fe80::100/64\"") : $"\"{addresses}\"")}\n", address: address);
        Assert.Matches(new Regex($@"inet6 {address}/64 .*\bdeprecated\b"), segment.Hosts[0].Run("ip", "-o", "addr", "show", "dev", "eth0"));
        Assert.Equal("fe80::1", first.Look().Source);

        first.Stop();

        segment.WaitForOwner(2, address);
    }
}
