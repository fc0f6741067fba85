using Lvsctl.Core.Cluster;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>
/// RFC 9568 section 6, sentence by sentence. What concerns frames (answering ARP and ND, accepting packets for the addresses) follows from
/// the addresses being there or not, as the kernel does the answering: here it is AddAddresses and RemoveAddresses.
/// </summary>
public class Rfc9568Tests
{
    // ---- 6.1 parameters ----

    [Theory]
    [InlineData(254, 1000, 7.8125)]
    [InlineData(100, 1000, 609.375)]
    [InlineData(1, 1000, 996.09375)]
    [InlineData(100, 500, 304.6875)]
    [InlineData(200, 10, 2.1875)]
    [InlineData(255, 40_950, 159.9609375)]
    public void Rfc9568_6_1_skew_time_is_256_less_priority_times_the_active_interval_by_256(byte priority, int interval, double expected) =>
        Assert.Equal(expected, VrrpTimers.Skew(3, priority, TimeSpan.FromMilliseconds(interval)).TotalMilliseconds, 3);

    [Fact]
    public void Rfc9568_6_1_active_down_interval_is_three_active_intervals_and_the_skew() =>
        Assert.Equal(3609.375, VrrpTimers.MasterDown(3, 100, TimeSpan.FromSeconds(1)).TotalMilliseconds);

    [Fact]
    public void Rfc9568_6_1_active_adver_interval_is_our_own_until_another_is_heard()
    {
        var router = Router.Backup(interval: 2000);
        Assert.Equal(2000, router.Election.MasterInterval.TotalMilliseconds);
        router.Hear(150, interval: 300);
        Assert.Equal(300, router.Election.MasterInterval.TotalMilliseconds);
    }

    [Fact]
    public void Rfc9568_6_1_preempt_mode_false_keeps_a_better_router_backup()
    {
        var router = Router.Backup(200, with: s => s with { Preempt = false });
        for (var i = 0; i < 20; i++, router.Now += 1000) Assert.Equal("", router.Hear(100));
        Assert.Equal(VrrpState.Backup, router.State);
    }

    [Fact]
    public void Rfc9568_6_1_the_owner_always_preempts_whatever_preempt_mode_says()
    {
        var router = Router.Master(255, with: s => s with { Preempt = false });
        Assert.Equal(VrrpState.Master, router.State);
        // Back in Backup after having slept, it does not let a lower one keep the addresses.
        router.Now += 60_000;
        router.Hear(100);
        Assert.Equal(VrrpState.Backup, router.State);
        var wait = router.Wait;
        router.Hear(100);
        Assert.Equal(wait, router.Wait);
    }

    // ---- 6.4.1 Initialize ----

    [Fact]
    public void Rfc9568_6_4_1_an_owner_sends_an_advertisement_announces_its_addresses_and_is_active()
    {
        var router = new Router(255, with: s => s with { AddressCount = 2, Announce = new() { Count = 1 } });
        Assert.Equal("RemoveAddresses; advert 255; AddAddresses; announce 0; announce 1; Initialize -> Master: Owner  0", router.Do(ElectionInput.Start));
        Assert.Equal(1000, router.Wait);
    }

    [Fact]
    public void Rfc9568_6_4_1_any_other_sets_the_active_down_timer_with_its_own_interval_and_is_backup()
    {
        var router = new Router(100, interval: 500);
        Assert.Equal("RemoveAddresses; Initialize -> Backup: Started  0", router.Do(ElectionInput.Start));
        Assert.Equal(3 * 500 + 156 * 500 / 256.0, router.Wait, 3);
    }

    [Fact]
    public void Rfc9568_6_4_1_nothing_is_heard_and_nothing_is_sent_before_startup()
    {
        var router = new Router();
        Assert.Equal("", router.Hear(1));
        Assert.Equal("", router.Hear(255));
        Assert.Equal("", router.Do(ElectionInput.DeadlineReached));
        Assert.Equal((VrrpState.Initialize, double.PositiveInfinity), (router.State, router.Wait));
    }

    // ---- 6.4.2 Backup ----

    [Fact]
    public void Rfc9568_6_4_2_a_backup_must_not_answer_for_the_addresses_nor_accept_packets_to_them()
    {
        var router = new Router();
        Assert.Contains("RemoveAddresses", router.Do(ElectionInput.Start));
        Assert.False(router.Election.HoldsAddresses);
        Assert.DoesNotContain("AddAddresses", router.Hear(150) + router.Hear(50) + router.Hear(0));
        Assert.Equal("", router.Do(ElectionInput.AddressLost(0)));
    }

    [Fact]
    public void Rfc9568_6_4_2_on_shutdown_a_backup_cancels_its_timer_and_says_nothing()
    {
        var router = Router.Backup();
        Assert.Equal("Backup -> Initialize: Stopped  0", router.Do(ElectionInput.Stop));
        Assert.Equal(double.PositiveInfinity, router.Wait);
    }

    [Fact]
    public void Rfc9568_6_4_2_when_the_active_down_timer_fires_it_sends_an_advertisement_announces_each_address_and_is_active()
    {
        var router = Router.Backup(with: s => s with { AddressCount = 3, Announce = new() { Count = 2 } });
        router.Hear(150, interval: 300);
        Assert.Equal(
            "advert 100; AddAddresses; announce 0; announce 1; announce 2; announce 0; announce 1; announce 2; Backup -> Master: MasterSilent 192.0.2.1 150",
            router.Expire());
        // The next one after our own interval, not the one that was learned.
        Assert.Equal(1000, router.Wait);
    }

    [Fact]
    public void Rfc9568_6_4_2_the_active_down_timer_does_not_fire_before_its_time()
    {
        var router = Router.Backup();
        router.Now = 3609;
        Assert.Equal("", router.Do(ElectionInput.DeadlineReached));
        router.Now = 3609.375;
        Assert.StartsWith("advert 100", router.Do(ElectionInput.DeadlineReached));
    }

    [Fact]
    public void Rfc9568_6_4_2_a_backup_that_hears_priority_0_waits_its_skew_time()
    {
        var router = Router.Backup();
        router.Hear(150, interval: 400);
        router.Now += 100;
        router.Hear(0, interval: 400);
        Assert.Equal(156 * 400 / 256.0, router.Wait, 3);
        Assert.EndsWith("Backup -> Master: MasterLeft 192.0.2.1 0", router.Expire());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(255)]
    public void Rfc9568_6_4_2_a_priority_that_is_not_less_sets_interval_skew_and_timer(byte priority)
    {
        var router = Router.Backup();
        router.Now += 3000;
        Assert.Equal("", router.Hear(priority, interval: 2000));
        Assert.Equal(2000, router.Election.MasterInterval.TotalMilliseconds);
        Assert.Equal(6000 + 156 * 2000 / 256.0, router.Wait, 3);
    }

    [Fact]
    public void Rfc9568_6_4_2_without_preempt_mode_any_priority_sets_interval_skew_and_timer()
    {
        var router = Router.Backup(with: s => s with { Preempt = false });
        router.Now += 3000;
        Assert.Equal("", router.Hear(1, interval: 2000));
        Assert.Equal(6000 + 156 * 2000 / 256.0, router.Wait, 3);
    }

    [Fact]
    public void Rfc9568_6_4_2_a_backup_that_preempts_discards_a_lower_priority_and_lets_its_timer_run()
    {
        var router = Router.Backup();
        router.Now += 3000;
        Assert.Equal("", router.Hear(99, interval: 2000));
        Assert.Equal((609.375, 1000), (router.Wait, router.Election.MasterInterval.TotalMilliseconds));
        Assert.EndsWith("Backup -> Master: Preempting 192.0.2.1 99", router.Expire());
    }

    // ---- 6.4.3 Active ----

    [Fact]
    public void Rfc9568_6_4_3_an_active_router_must_answer_for_the_addresses_and_accept_packets_to_them()
    {
        var router = Router.Backup();
        Assert.Contains("AddAddresses", router.Expire());
        Assert.True(router.Election.HoldsAddresses);
    }

    [Fact]
    public void Rfc9568_6_4_3_on_shutdown_it_cancels_its_timer_sends_priority_0_and_ends_in_initialize()
    {
        var router = Router.Master();
        Assert.Equal("advert 0; Master -> Leaving: Stopped  0", router.Do(ElectionInput.Stop));
        // No advert of its own any more, and the addresses go as soon as the successor is heard.
        Assert.Equal("RemoveAddresses; Leaving -> Initialize: SuccessorHeard 192.0.2.1 90", router.Hear(90));
        Assert.Equal(double.PositiveInfinity, router.Wait);
    }

    [Fact]
    public void Rfc9568_6_4_3_when_the_adver_timer_fires_it_sends_an_advertisement_and_sets_it_again()
    {
        var router = Router.Master(interval: 100);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(100, router.Wait);
            Assert.Equal("advert 100", router.Expire());
        }
    }

    [Fact]
    public void Rfc9568_6_4_3_priority_0_is_answered_at_once_and_the_adver_timer_set_again()
    {
        var router = Router.Master();
        router.Now += 700;
        Assert.Equal("advert 100", router.Hear(0));
        Assert.Equal((VrrpState.Master, 1000), (router.State, router.Wait));
    }

    [Fact]
    public void Rfc9568_6_4_3_a_greater_priority_makes_it_backup_with_the_interval_that_was_heard()
    {
        var router = Router.Master();
        Assert.EndsWith("RemoveAddresses; Master -> Backup: Outranked 192.0.2.1 101", router.Hear(101, interval: 200));
        Assert.Equal(200, router.Election.MasterInterval.TotalMilliseconds);
        Assert.Equal(600 + 156 * 200 / 256.0, router.Wait, 3);
    }

    [Fact]
    public void Rfc9568_6_4_3_the_same_priority_from_a_greater_address_makes_it_backup()
    {
        var router = Router.Master();
        Assert.EndsWith("Master -> Backup: TieLost 192.0.2.9 100", router.Hear(100, Router.Higher));
    }

    [Fact]
    public void Rfc9568_6_4_3_the_same_priority_from_a_lower_address_does_not()
    {
        var router = Router.Master();
        router.Hear(100, Router.Lower);
        Assert.Equal(VrrpState.Master, router.State);
    }

    [Theory]
    [InlineData("9.255.255.255", "10.0.0.1")]
    [InlineData("127.0.0.1", "128.0.0.1")]
    [InlineData("10.0.0.9", "10.0.0.10")]
    [InlineData("fe80::ffff", "fe80::1:0")]
    [InlineData("fe80::1", "fe80::8000:0:0:1")]
    public void Rfc9568_6_4_3_addresses_are_compared_as_unsigned_integers(string lower, string higher) =>
        Assert.True(Packets.Address(lower) < Packets.Address(higher) && Packets.Address(higher) > Packets.Address(lower));

    [Fact]
    public void Rfc9568_6_4_3_a_lower_priority_is_discarded_and_answered_with_an_advertisement_at_once()
    {
        var router = Router.Master();
        router.Now += 300;
        Assert.StartsWith("advert 100", router.Hear(99));
        Assert.Equal((VrrpState.Master, 1000), (router.State, router.Wait));
    }

    // ---- 5.2.4 ----

    [Fact]
    public void Rfc9568_5_2_4_backups_use_priorities_from_1_to_254_and_the_owner_255()
    {
        TrackStanding Down(int weight) => new(new TrackSpec.File("/x") { Weight = weight }, false);
        Assert.Equal(1, EffectivePriority.Of(100, [Down(-200)], true).Value);
        Assert.Equal(254, EffectivePriority.Of(100, [new(new TrackSpec.File("/x") { Weight = 200 }, true)], true).Value);
        Assert.Equal(255, EffectivePriority.Of(255, [Down(-200)], true).Value);
    }
}
