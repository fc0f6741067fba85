using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>Where version 2 differs.</summary>
public class Rfc3768Tests
{
    [Theory]
    [InlineData(200, 1, 218.75, 3218.75)]
    [InlineData(100, 1, 609.375, 3609.375)]
    [InlineData(100, 5, 609.375, 15609.375)]
    public void Rfc3768_6_1_skew_is_a_part_of_a_second_whatever_the_interval(byte priority, int seconds, double skew, double masterDown)
    {
        Assert.Equal(skew, VrrpTimers.Skew(2, priority, TimeSpan.FromSeconds(seconds)).TotalMilliseconds);
        Assert.Equal(masterDown, VrrpTimers.MasterDown(2, priority, TimeSpan.FromSeconds(seconds)).TotalMilliseconds);
    }

    [Fact]
    public void Rfc3768_6_4_2_a_backup_counts_with_its_own_interval_and_learns_none()
    {
        var router = Router.Backup(version: 2);
        router.Hear(150, interval: 7000);
        Assert.Equal((1000, 3609.375), (router.Election.MasterInterval.TotalMilliseconds, router.Wait));
    }

    [Fact]
    public void Rfc3768_6_4_2_priority_0_leaves_the_skew()
    {
        var router = Router.Backup(version: 2, interval: 5000);
        router.Hear(0, interval: 5000);
        Assert.Equal(609.375, router.Wait);
    }

    [Fact]
    public void Rfc3768_6_4_3_a_lower_priority_is_answered_as_keepalived_does_where_the_rfc_is_silent()
    {
        var router = Router.Master(version: 2);
        Assert.StartsWith("advert 100", router.Hear(99));
        Assert.Equal(VrrpState.Master, router.State);
    }

    [Fact]
    public void Rfc3768_6_4_3_the_greater_priority_and_the_greater_address_win()
    {
        Assert.EndsWith("Master -> Backup: Outranked 192.0.2.1 101", Router.Master(version: 2).Hear(101));
        Assert.EndsWith("Master -> Backup: TieLost 192.0.2.9 100", Router.Master(version: 2).Hear(100, Router.Higher));
    }

    [Fact]
    public void Rfc3768_6_4_1_the_owner_is_master_at_once() => Assert.Equal(VrrpState.Master, Router.Master(255, version: 2).State);

    [Fact]
    public void Rfc3768_6_4_3_a_leaving_master_waits_for_the_longest_skew_of_version_2()
    {
        var router = Router.Master(version: 2, interval: 5000);
        router.Do(ElectionInput.Stop);
        Assert.Equal(255 / 256.0 * 1000 + 1250 + 100, router.Wait, 3);
    }
}
