using System.Text.RegularExpressions;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>What a virtual router does with its addresses.</summary>
public sealed class AddressTests
{
    [Fact]
    public void What_a_dead_process_left_behind_is_put_right_even_by_another_manifest()
    {
        using var segment = new Segment();
        var (first, _) = Pair.Start(segment);
        first.Kill();

        first.Configure("interval: 100ms\naddresses: 10.1.8.101/24\npriority: 50\n");
        first.Start();

        segment.WaitForOwner(2);
    }

    [Fact]
    public void An_address_that_somebody_removes_comes_back()
    {
        using var segment = new Segment();
        var (first, _) = Pair.Start(segment);

        segment.Hosts[0].Run("ip", "addr", "del", "10.1.8.100/24", "dev", "eth0");

        segment.WaitForOwner(1);
        first.WaitForWords("warning: edge: somebody removed 10.1.8.100/24 from eth0; it is put back");
    }

    [Fact]
    public void Several_move_together_each_where_it_belongs_and_excluded_ones_are_announced_but_not_advertised()
    {
        using var segment = new Segment();
        segment.AddSecondNetwork();
        var neighbour = segment.AddNeighbour("10.1.8.9/24");
        const string Router = "interval: 100ms\naddresses: [ 10.1.8.100/24, { address: 10.1.8.101/32, label: \"eth0:web\" }, { address: 10.1.9.100/24, interface: eth1 } ]\n";
        var excluded = "excluded: [ 10.1.8.102/24, \"2001:db8::102/64\" ]\n";
        var (first, second) = Pair.StartWith(segment, $"{Router}{excluded}priority: 200\n", $"{Router}priority: 100\n");
        string[] all = ["10.1.8.100", "10.1.8.101", "10.1.8.102", "2001:db8::102"];
        Assert.All(all, a => Assert.True(segment.Has(1, a), a));
        Assert.True(segment.Has(1, "10.1.9.100", "eth1"));
        Assert.Matches(new Regex(@"inet 10\.1\.8\.101/32 .*eth0:web\b"), segment.Hosts[0].Run("ip", "-o", "-4", "addr", "show", "dev", "eth0"));
        // Nobody asked for them.
        segment.Wait(() => all[..3].All(a => Segment.WayTo(neighbour, a) == segment.CardOf(1)), "the neighbour to know where they are");
        // The second has fewer, and would remark another number in the adverts.
        segment.Wait(() => second.Look().Counters.Received > 3, "adverts");
        Assert.Empty(second.Look().Counters.Remarks);
        Assert.Equal(3, Regex.Count(first.StatusText(), @"10\.1\.8\.10[0-2]/\d+ eth0"));

        second.Configure($"{Router}{excluded}priority: 250\n");
        Assert.Equal(0, second.Ask("reload").ExitCode);
        foreach (var address in all) segment.WaitForOwner(2, address);
        segment.WaitForOwner(2, "10.1.9.100", "eth1");
        segment.Wait(() => all[..3].All(a => Segment.WayTo(neighbour, a) == segment.CardOf(2)), "the neighbour to know where they went");
    }

    [Fact]
    public void An_owner_is_master_at_once_keeps_its_own_address_and_is_heard_when_it_comes_back()
    {
        using var segment = new Segment();
        const string Router = "interval: 100ms\naddresses: 10.1.8.1/24\n";
        var owner = segment.Lvsctl(1, $"{Router}priority: 255\n");
        owner.Start();
        segment.Wait(() => owner.TryLook()?.State == "master", "the owner");
        owner.WaitForWords("edge: stopped -> master, as it owns the addresses");
        Assert.Contains("  priority  255\n", owner.StatusText());
        var second = segment.Lvsctl(2, $"{Router}priority: 100\n");
        second.Start();
        segment.Wait(() => second.TryLook()?.Master is { Address: "10.1.8.1", Priority: 255 }, "the second to hear the owner");

        Assert.Equal(0, owner.Stop());
        segment.Wait(() => segment.Has(2, "10.1.8.1"), "the second to stand in");
        // Whoever comes after it when it was killed puts its setting back all the same.
        second.Kill();
        second.Start();
        segment.Wait(() => second.TryLook()?.State == "master", "the second to stand in again");
        Assert.True(segment.Has(1, "10.1.8.1"), "it was there before VRRP was");
        // Linux drops what seems to come from the host itself, and yet the stand-in hears the owner.
        owner.Start();
        segment.WaitForOwner(1, "10.1.8.1");
        second.WaitForWords("edge: master -> backup, as 10.1.8.1 (priority 255) has the higher priority");
        Assert.Equal(0, second.Stop());
        Assert.Equal("0\n", segment.Hosts[1].Run("cat", "/proc/sys/net/ipv4/conf/eth0/accept_local"));
        Assert.DoesNotContain("error:", owner.Log + second.Log);
    }
}
