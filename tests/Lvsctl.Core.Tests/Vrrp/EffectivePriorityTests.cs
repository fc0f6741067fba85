using Lvsctl.Core.Cluster;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

public class EffectivePriorityTests
{
    static TrackStanding File(int weight, bool? isWell) => new(new TrackSpec.File("/run/ok") { Weight = weight }, isWell);

    [Theory]
    [InlineData(-20, false, 80)]
    [InlineData(-20, true, 100)]
    [InlineData(20, true, 120)]
    [InlineData(20, false, 100)]
    [InlineData(20, null, 100)]
    [InlineData(-20, null, 100)]
    [InlineData(-253, false, 1)]
    [InlineData(253, true, 254)]
    public void Negative_weights_count_while_it_fails_and_positive_ones_while_it_is_well(int weight, bool? isWell, byte expected)
    {
        var priority = EffectivePriority.Of(100, [File(weight, isWell)], isLinkUp: true);
        Assert.Equal((expected, RouterFault.None), (priority.Value, priority.Fault));
    }

    [Theory]
    [InlineData(true, true, RouterFault.None)]
    [InlineData(false, true, RouterFault.Tracked)]
    [InlineData(null, true, RouterFault.Tracked)]
    [InlineData(false, false, RouterFault.Link)]
    public void Without_a_weight_failing_and_not_knowing_are_faults(bool? isWell, bool isLinkUp, RouterFault expected) =>
        Assert.Equal(expected, EffectivePriority.Of(100, [File(0, isWell)], isLinkUp).Fault);

    [Fact]
    public void An_owner_stays_owner_but_has_faults()
    {
        var priority = EffectivePriority.Of(255, [File(-20, false), File(20, true), File(0, false)], isLinkUp: true);
        Assert.Equal((255, RouterFault.Tracked), (priority.Value, priority.Fault));
    }

    [Fact]
    public void It_explains_itself()
    {
        TrackStanding[] tracked =
        [
            new(new TrackSpec.Interface("eth1") { Weight = -30 }, false),
            new(new TrackSpec.Process("nginx") { Weight = 10 }, true),
            new(new TrackSpec.Check(new CheckSpec("gateway", new ProbeSpec.Tcp()), null, null) { Weight = -20 }, true),
            new(new TrackSpec.Director([DirectorTrouble.LateProbes, DirectorTrouble.Cpu]), false),
            File(0, null),
        ];
        Assert.Equal(
            "80 = 100 - 30 (interface eth1 fails) + 10 (process nginx is well), fault: director (late-probes, cpu) fails, fault: file /run/ok is not known yet",
            EffectivePriority.Of(100, tracked, isLinkUp: true).ToString());
        Assert.Equal("100", EffectivePriority.Of(100, [], isLinkUp: true).ToString());
        Assert.Equal("100, fault: its interface is down or has no address", EffectivePriority.Of(100, [], isLinkUp: false).ToString());
    }
}
