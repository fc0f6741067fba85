namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>lvsctl and FRR's vrrpd share an address in version 3, over both families, and take over from each other.</summary>
public sealed class FrrInteropTests
{
    [Theory]
    [InlineData("v4", "ip 10.1.8.100", "10.1.8.100/24", Segment.Vip)]
    [InlineData("v6", "ipv6 fe80::100", "fe80::100/64", Segment.Vip6)]
    public void They_take_over_from_each_other(string family, string address, string ours, string vip)
    {
        Assert.SkipUnless(File.Exists("/usr/lib/frr/vrrpd"), "no FRR: scripts/test installs it");
        using var segment = new Segment();
        using var frr = new FrrVrrpd(segment, "vrrp 51 version 3", "vrrp 51 priority 150", "vrrp 51 advertisement-interval 200", $"vrrp 51 {address}");
        segment.Wait(() => frr.IsMaster(family), $"FRR to be master: {frr.Show()}");

        var low = segment.Lvsctl(1, $"interval: 200ms\npriority: 100\naddresses: \"{ours}\"\n");
        low.Start();
        segment.Wait(() => low.TryLook()?.Counters.Received > 3, "adverts of FRR to be heard");
        Assert.Equal("backup", low.Look().State);
        // FRR leaves in order, and comes back.
        frr.Configure("vrrp 51 shutdown");
        segment.Wait(() => segment.Has(1, vip), "lvsctl to take over");
        frr.Configure("no vrrp 51 shutdown");
        segment.Wait(() => frr.IsMaster(family) && !segment.Has(1, vip), "FRR to take back");
        Assert.Equal(0, low.Stop());

        var high = segment.Lvsctl(1, $"interval: 200ms\npriority: 200\naddresses: \"{ours}\"\n", "better");
        high.Start();
        segment.Wait(() => segment.Has(1, vip) && !frr.IsMaster(family), "the better lvsctl to take over");
        high.Kill();
        segment.Wait(() => frr.IsMaster(family), "FRR to take over from a dead lvsctl");
        high.Start();
        segment.Wait(() => segment.Has(1, vip) && !frr.IsMaster(family), "lvsctl to take over again");
        frr.Kill();
        Assert.True(segment.Has(1, vip));
        Assert.DoesNotContain("refused", low.Log + high.Log);
        Assert.DoesNotContain("error:", low.Log + high.Log);
    }

    [Fact]
    public void Without_preemption_neither_takes_from_the_other_what_it_holds()
    {
        Assert.SkipUnless(File.Exists("/usr/lib/frr/vrrpd"), "no FRR: scripts/test installs it");
        using var segment = new Segment();
        using var frr = new FrrVrrpd(segment, "vrrp 51 version 3", "vrrp 51 priority 150", "no vrrp 51 preempt", "vrrp 51 advertisement-interval 200", "vrrp 51 ip 10.1.8.100");
        segment.Wait(() => frr.IsMaster("v4"), $"FRR to be master: {frr.Show()}");
        const string Router = "interval: 200ms\npreempt: false\naddresses: 10.1.8.100/24\n";
        var lvsctl = segment.Lvsctl(1, $"{Router}priority: 200\n");
        lvsctl.Start();
        // Three times as long as it would wait for a dead one.
        segment.Wait(() => lvsctl.TryLook()?.Counters.Received > 10, "adverts of FRR to be heard");
        Assert.Equal(("backup", true), (lvsctl.Look().State, frr.IsMaster("v4")));

        frr.Configure("vrrp 51 shutdown");
        segment.Wait(() => segment.Has(1), "lvsctl to take over");
        lvsctl.Configure($"{Router}priority: 100\n");
        Assert.Equal(0, lvsctl.Ask("reload").ExitCode);
        frr.Configure("no vrrp 51 shutdown");
        var sent = lvsctl.Look().Counters.Sent;
        segment.Wait(() => lvsctl.Look().Counters.Sent > sent + 10, "adverts that FRR hears");
        Assert.Equal(("master", false), (lvsctl.Look().State, frr.IsMaster("v4")));
        Assert.DoesNotContain("error:", lvsctl.Log);
    }
}
