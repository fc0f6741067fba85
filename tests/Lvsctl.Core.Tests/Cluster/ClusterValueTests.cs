using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Tests.Cluster;

public class ClusterValueTests
{
    [Theory]
    [InlineData(50, 3, 2)]
    [InlineData(50, 4, 2)]
    [InlineData(0, 9, 0)]
    [InlineData(1, 9, 1)]
    [InlineData(100, 9, 9)]
    [InlineData(1000, int.MaxValue, int.MaxValue)]
    public void A_part_is_rounded_up(int percent, int all, int meant) => Assert.Equal(meant, Share.Percent(percent).Of(all));

    [Fact]
    public void A_number_is_itself() => Assert.Equal((3, "3", "50%"), (Share.Count(3).Of(10), Share.Count(3).ToString(), Share.Percent(50).ToString()));

    [Fact]
    public void Lists_are_equal_by_their_elements()
    {
        ValueList<string> one = ["a", "b"], same = ["a", "b"], other = ["b", "a"];

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.False(one.Equals(other));
        Assert.True(new ClusterSpec { Checks = [new("a", new ProbeSpec.Tcp())] } == new ClusterSpec { Checks = [new("a", new ProbeSpec.Tcp())] });
    }

    [Fact]
    public void Every_kernel_setting_has_a_name_of_its_own_and_a_default_within_its_range()
    {
        Assert.Equal(KernelSetting.All.Count, KernelSetting.All.Select(s => s.Name).Distinct().Count());
        Assert.All(KernelSetting.All, s => Assert.Matches("^net[.]ipv[46][.]", s.Sysctl));
        Assert.All(KernelSetting.All.Where(s => s is { Kind: SettingKind.Number, KernelDefault: not null }), s => Assert.InRange(long.Parse(s.KernelDefault!), s.Minimum, s.Maximum));
    }
}
