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
}
