using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>What operators and neighbours do to a router, beyond the RFC.</summary>
public class ElectionTests
{
    static ElectionInput HandOver(int minutes = 10) => ElectionInput.HandOver(TimeSpan.FromMinutes(minutes));

    // ---- start ----

    [Fact]
    public void A_start_delay_holds_the_timer_and_hears_nothing()
    {
        var router = new Router(with: s => s with { StartDelay = TimeSpan.FromSeconds(5) });
        // What a dead process left behind goes at once all the same.
        Assert.Equal("RemoveAddresses", router.Do(ElectionInput.Start));
        Assert.Equal("", router.Hear(200));
        Assert.Equal("Initialize -> Backup: Started  0", router.Expire());
        Assert.Equal((5000, 3609.375), (router.Now, router.Wait));
    }

    [Fact]
    public void A_stop_during_the_start_delay_ends_it()
    {
        var router = new Router(with: s => s with { StartDelay = TimeSpan.FromSeconds(5) });
        router.Do(ElectionInput.Start);
        Assert.Equal("", router.Do(ElectionInput.Stop));
        Assert.Equal(double.PositiveInfinity, router.Wait);
    }

    [Fact]
    public void Connection_sync_follows_the_router()
    {
        var router = new Router(with: s => s with { SyncsConnections = true });
        Assert.Contains("connection sync Backup", router.Do(ElectionInput.Start));
        Assert.Contains("connection sync Master", router.Expire());
        Assert.Contains("connection sync Backup", router.Hear(200));
    }

    // ---- preemption ----

    [Fact]
    public void A_preempt_delay_counts_from_the_start()
    {
        var router = Router.Backup(200, with: s => s with { PreemptDelay = TimeSpan.FromSeconds(10) });
        for (; router.Now < 10_000; router.Now += 1000)
        {
            router.Hear(100);
            Assert.Equal(3218.75, router.Wait);
        }
        router.Hear(100);
        Assert.Equal(2218.75, router.Wait);
        Assert.EndsWith("Preempting 192.0.2.1 100", router.Expire());
    }

    [Fact]
    public void A_preempt_delay_begins_with_the_first_lower_advert_after_a_higher_one()
    {
        var router = Router.Backup(200, with: s => s with { PreemptDelay = TimeSpan.FromSeconds(10) });
        router.Now = 20_000;
        router.Hear(250);
        router.Now = 21_000;
        router.Hear(100);
        Assert.Equal(3218.75, router.Wait);
        router.Now = 30_900;
        router.Hear(100);
        Assert.Equal(3218.75, router.Wait);
        router.Now = 31_000;
        router.Hear(100);
        Assert.Equal(3118.75, router.Wait);
    }

    [Fact]
    public void A_preempt_delay_does_not_delay_taking_over_from_a_dead_master()
    {
        var router = Router.Backup(200, with: s => s with { PreemptDelay = TimeSpan.FromHours(1) });
        router.Hear(100);
        router.Expire();
        Assert.Equal((VrrpState.Master, 3218.75), (router.State, router.Now));
    }

    [Fact]
    public void A_raised_priority_preempts_and_a_lowered_one_is_preempted()
    {
        var router = Router.Backup();
        router.Hear(150);
        router.Do(ElectionInput.Fitness(200, RouterFault.None));
        router.Now += 1000;
        router.Hear(150);
        Assert.Equal(2609.375, router.Wait);
        router.Expire();
        router.Do(ElectionInput.Fitness(90, RouterFault.None));
        Assert.EndsWith("Outranked 192.0.2.1 150", router.Hear(150));
        Assert.Contains("advert 90", string.Join("; ", router.Last));
    }

    // ---- rivals ----

    [Fact]
    public void A_lower_rival_is_told_once_and_the_addresses_are_announced_again_at_once_and_after_healing()
    {
        var router = Router.Master(with: s => s with { Announce = new() { Count = 1, RepeatAfter = TimeSpan.FromMilliseconds(1500) } });
        router.Expire();
        router.Expire();
        Assert.Equal("advert 100; rival 192.0.2.1 50 Yields; announce 0", router.Hear(50));
        Assert.Equal("advert 100", router.Hear(50));
        router.Expire();
        Assert.Equal("advert 100", router.Hear(50));
        Assert.Equal("announce 0", router.Expire());

        var told = new List<string>();
        for (var i = 0; i < 6; i++) told.Add(router.Expire());
        Assert.Equal(["advert 100", "advert 100", "advert 100", "advert 100; rival 192.0.2.1 gone; announce 0", "advert 100", "announce 0"], told);
        Assert.Equal("advert 100; rival 192.0.2.1 50 Yields; announce 0", router.Hear(50));
    }

    [Fact]
    public void A_better_rival_is_told_and_hears_a_last_word_by_which_it_learns_of_us()
    {
        Assert.Equal(
            "rival 192.0.2.1 150 Preempts; advert 100; RemoveAddresses; Master -> Backup: Outranked 192.0.2.1 150", Router.Master().Hear(150));
        Assert.Equal(
            "rival 192.0.2.9 100 Prevails; advert 100; RemoveAddresses; Master -> Backup: TieLost 192.0.2.9 100", Router.Master().Hear(100, Router.Higher));
    }

    [Fact]
    public void The_last_word_of_a_preempted_master_is_no_rival_s()
    {
        var router = Router.Backup(200);
        router.Now += 3000;
        router.Hear(100);
        router.Expire();
        Assert.Equal("advert 200", router.Hear(100));
        // But who goes on speaking is one, and so is anybody else.
        Assert.Contains("rival 192.0.2.9", router.Hear(100, Router.Higher));
        for (var beat = 0; beat < 3; beat++) router.Expire();
        router.Now++;
        Assert.Contains("rival 192.0.2.1", router.Hear(100));
    }

    [Fact]
    public void An_owner_that_starts_preempts_whoever_is_there_without_calling_it_a_rival()
    {
        var router = Router.Master(255);
        Assert.Equal("advert 255", router.Hear(100));
        Assert.Contains("rival 192.0.2.9", router.Hear(100, Router.Higher));
    }

    [Fact]
    public void Two_owners_are_told_and_the_higher_address_wins()
    {
        var router = Router.Master(255);
        // Another one is no predecessor, not even at the very start.
        Assert.StartsWith("advert 255; rival", router.Hear(255, Router.Lower));
        Assert.True(router.Last[1].TwoOwners);
        Assert.EndsWith("Master -> Backup: TieLost 192.0.2.9 255", router.Hear(255, Router.Higher));
        Assert.True(router.Last[0].TwoOwners);
        // It stays so.
        Assert.Equal("", router.Hear(255, Router.Higher));
        Assert.Equal(VrrpState.Backup, router.State);
    }

    // ---- lateness ----

    [Fact]
    public void A_master_that_slept_longer_than_the_backups_wait_steps_down_and_elects_anew()
    {
        var router = Router.Master();
        router.Now += 1000 + 2609.375;
        Assert.Equal("advert 100", router.Do(ElectionInput.DeadlineReached));
        router.Now += 3609.376;
        Assert.Equal("late by 00:00:02.6093760; RemoveAddresses; Master -> Backup: Late  0", router.Do(ElectionInput.DeadlineReached));
        Assert.Equal((VrrpState.Backup, 3609.375), (router.State, router.Wait));
    }

    [Fact]
    public void A_master_that_slept_judges_the_adverts_that_waited_for_it_as_a_backup()
    {
        var router = Router.Master(with: s => s with { Preempt = false });
        router.Now += 10_000;
        Assert.Contains("Master -> Backup: Late", router.Hear(50));
        // The one who took over meanwhile keeps the addresses.
        Assert.Equal((VrrpState.Backup, 3609.375), (router.State, router.Wait));
    }

    [Fact]
    public void A_backup_that_slept_listens_for_one_advert_before_it_believes_in_silence()
    {
        var router = Router.Backup();
        Assert.Equal("late by 00:00:01", router.Expire(late: 1000));
        Assert.Equal(1609.375, router.Wait);
        router.Hear(150);
        Assert.Equal(3609.375, router.Wait);
    }

    [Fact]
    public void A_backup_that_is_always_late_takes_over_all_the_same()
    {
        var router = Router.Backup();
        router.Expire(late: 1500);
        Assert.Contains("Backup -> Master", router.Expire(late: 1500));
    }

    [Fact]
    public void A_late_advert_does_not_move_the_beat()
    {
        var router = Router.Master(interval: 100);
        router.Expire(late: 30);
        Assert.Equal(70, router.Wait);
        // But what was missed is not caught up with.
        router.Expire(late: 130);
        Assert.Equal(100, router.Wait);
    }

    [Fact]
    public void A_clock_that_goes_back_is_held()
    {
        var router = Router.Master();
        router.Expire();
        router.Now -= 5000;
        Assert.Equal("", router.Do(ElectionInput.DeadlineReached));
        Assert.StartsWith("advert 100", router.Hear(50));
        Assert.Equal(6000, router.Wait);
    }

    // ---- leaving ----

    [Fact]
    public void A_leaving_master_answers_until_its_successor_is_heard()
    {
        var router = Router.Master();
        Assert.Equal("advert 0; Master -> Leaving: Stopped  0", router.Do(ElectionInput.Stop));
        Assert.True(router.Election.HoldsAddresses);
        Assert.Equal("AddAddresses", router.Do(ElectionInput.AddressLost(0)));
        // Another one that leaves is no successor.
        Assert.Equal("", router.Hear(0));
        Assert.Equal("RemoveAddresses; Leaving -> Initialize: SuccessorHeard 192.0.2.1 1", router.Hear(1));
    }

    [Fact]
    public void A_leaving_master_repeats_itself_once_and_then_goes()
    {
        var router = Router.Master();
        router.Do(ElectionInput.Stop);
        Assert.Equal(255 / 256.0 * 1000 + 250 + 100, router.Wait, 3);
        Assert.Equal("advert 0", router.Expire());
        Assert.Equal(255 / 256.0 * 1000 + 250 + 100, router.Wait, 3);
        Assert.Equal("RemoveAddresses; Leaving -> Initialize: NobodyTookOver  0", router.Expire());
    }

    [Fact]
    public void A_farewell_that_is_repeated_does_not_make_a_backup_wait_longer()
    {
        var router = Router.Backup();
        router.Hear(0);
        router.Now += 600;
        router.Hear(0);
        Assert.Equal(9.375, router.Wait);
        // That of another master is another one.
        router.Hear(0, Router.Higher);
        Assert.Equal(609.375, router.Wait);
    }

    [Fact]
    public void A_leaving_master_announces_nothing_any_more()
    {
        var router = Router.Master(with: s => s with { Announce = new() { Refresh = TimeSpan.FromMilliseconds(10), RepeatAfter = TimeSpan.FromMilliseconds(10) } });
        router.Do(ElectionInput.Stop);
        Assert.Equal(255 / 256.0 * 1000 + 250 + 100, router.Wait, 3);
    }

    [Fact]
    public void A_hand_over_makes_it_backup_and_it_does_not_preempt_back()
    {
        var router = Router.Master(200);
        Assert.Equal("advert 0; Master -> Leaving: HandOver  0", router.Do(HandOver()));
        Assert.Equal("RemoveAddresses; Leaving -> Backup: SuccessorHeard 192.0.2.1 100", router.Hear(100));
        for (var i = 0; i < 590; i++, router.Now += 1000) router.Hear(100);
        Assert.Equal(VrrpState.Backup, router.State);
        Assert.NotNull(router.Election.HeldUntil);
        for (; router.Now < 700_000 && router.State == VrrpState.Backup; router.Now += 1000)
        {
            if (router.Wait <= 0) router.Do(ElectionInput.DeadlineReached);
            else router.Hear(100);
        }
        Assert.Equal(VrrpState.Master, router.State);
        Assert.InRange(router.Now, 600_000, 610_000);
    }

    [Fact]
    public void A_hand_over_ends_when_the_operator_says_so()
    {
        var router = Router.Master(200);
        router.Do(ElectionInput.HandOver(TimeSpan.MaxValue));
        router.Hear(100);
        router.Now += 1000;
        router.Hear(100);
        Assert.Equal(3218.75, router.Wait);
        router.Do(ElectionInput.Resume);
        router.Now += 1000;
        router.Hear(100);
        Assert.Equal(2218.75, router.Wait);
    }

    [Fact]
    public void A_held_router_takes_over_when_there_is_no_master()
    {
        var router = Router.Master(200);
        router.Do(HandOver());
        router.Hear(100);
        router.Expire();
        Assert.Equal((VrrpState.Master, null), (router.State, router.Election.HeldUntil));
    }

    [Fact]
    public void A_hand_over_that_nobody_takes_leaves_it_master()
    {
        var router = Router.Master();
        router.Do(HandOver());
        Assert.Equal("advert 0", router.Expire());
        Assert.Equal("advert 100; AddAddresses; Leaving -> Master: NobodyTookOver  0", router.Expire());
        Assert.Null(router.Election.HeldUntil);
    }

    [Fact]
    public void A_hand_over_of_an_owner_lasts_too()
    {
        var router = Router.Master(255);
        router.Do(HandOver());
        router.Hear(100);
        for (var i = 0; i < 20; i++, router.Now += 1000) router.Hear(100);
        Assert.Equal(VrrpState.Backup, router.State);
    }

    [Fact]
    public void A_hand_over_of_a_backup_has_no_effect()
    {
        var router = Router.Backup();
        Assert.Equal("", router.Do(HandOver()));
        Assert.Null(router.Election.HeldUntil);
    }

    [Fact]
    public void A_stop_during_a_hand_over_ends_in_initialize()
    {
        var router = Router.Master();
        router.Do(HandOver());
        router.Do(ElectionInput.Stop);
        Assert.EndsWith("Leaving -> Initialize: SuccessorHeard 192.0.2.1 100", router.Hear(100));
    }

    // ---- faults ----

    [Fact]
    public void A_fault_hands_over_and_a_router_in_fault_hears_nothing()
    {
        var router = Router.Master();
        Assert.Equal("advert 0; Master -> Leaving: FaultBegan  0", router.Do(ElectionInput.Fitness(100, RouterFault.Tracked)));
        Assert.Equal("RemoveAddresses; Leaving -> Fault: SuccessorHeard 192.0.2.1 90", router.Hear(90));
        Assert.Equal("", router.Hear(0));
        Assert.Equal(double.PositiveInfinity, router.Wait);
        Assert.Equal("Fault -> Backup: FaultEnded  0", router.Do(ElectionInput.Fitness(100, RouterFault.None)));
        Assert.Equal(3609.375, router.Wait);
    }

    [Fact]
    public void A_fault_that_ends_while_it_leaves_makes_it_backup()
    {
        var router = Router.Master();
        router.Do(ElectionInput.Fitness(100, RouterFault.Tracked));
        router.Do(ElectionInput.Fitness(100, RouterFault.None));
        Assert.EndsWith("Leaving -> Backup: SuccessorHeard 192.0.2.1 90", router.Hear(90));
    }

    [Fact]
    public void A_dead_link_takes_the_addresses_away_at_once()
    {
        Assert.Equal("advert 0; RemoveAddresses; Master -> Fault: FaultBegan  0", Router.Master().Do(ElectionInput.Fitness(100, RouterFault.Link)));
        var leaving = Router.Master();
        leaving.Do(ElectionInput.Stop);
        Assert.Equal("RemoveAddresses; Leaving -> Initialize: FaultBegan  0", leaving.Do(ElectionInput.Fitness(100, RouterFault.Link)));
    }

    [Fact]
    public void A_fault_of_a_backup_says_nothing_and_one_at_the_start_waits_for_its_end()
    {
        Assert.Equal("Backup -> Fault: FaultBegan  0", Router.Backup().Do(ElectionInput.Fitness(100, RouterFault.Tracked)));
        var router = new Router(255);
        router.Do(ElectionInput.Fitness(255, RouterFault.Link));
        Assert.Equal("RemoveAddresses; Initialize -> Fault: FaultBegan  0", router.Do(ElectionInput.Start));
        Assert.EndsWith("Fault -> Master: Owner  0", router.Do(ElectionInput.Fitness(255, RouterFault.None)));
    }

    // ---- addresses ----

    [Fact]
    public void An_address_that_somebody_removed_is_put_back_and_announced()
    {
        var router = Router.Master(with: s => s with { AddressCount = 2, Announce = new() { Count = 2, RepeatAfter = TimeSpan.Zero } });
        Assert.Equal("AddAddresses; announce 1; announce 1", router.Do(ElectionInput.AddressLost(1)));
    }

    // ---- reload ----

    [Fact]
    public void A_reload_keeps_the_mastership_says_so_and_announces_what_was_added_only()
    {
        var router = Router.Master(with: s => s with { AddressCount = 2, Announce = new() { Count = 1 } });
        router.Now += 700;
        Assert.Equal("advert 100; AddAddresses; announce 2", router.Reload(s => s with { AddressCount = 3, Interval = TimeSpan.FromMilliseconds(200) }, 2));
        Assert.Equal((VrrpState.Master, 200), (router.State, router.Wait));
    }

    [Fact]
    public void A_reload_of_a_backup_is_silent_and_keeps_its_timer()
    {
        var router = Router.Backup();
        router.Hear(150, interval: 300);
        var wait = router.Wait;
        Assert.Equal("", router.Reload(s => s with { Interval = TimeSpan.FromMilliseconds(200) }));
        Assert.Equal((wait, 300), (router.Wait, router.Election.MasterInterval.TotalMilliseconds));
    }

    [Fact]
    public void A_reload_after_a_long_sleep_does_not_speak_as_a_master_of_old()
    {
        var router = Router.Master();
        router.Now += 60_000;
        Assert.Contains("Master -> Backup: Late", router.Reload(s => s));
        Assert.DoesNotContain("advert", string.Join(' ', router.Last));
    }

    [Fact]
    public void A_steady_router_allocates_nothing()
    {
        var (master, backup) = (Router.Master(), Router.Backup());
        var output = new List<ElectionOutput>(16);
        var now = TimeSpan.FromHours(1);
        Assert.Equal(0, Allocations.Of(Beat));

        void Beat()
        {
            now += TimeSpan.FromSeconds(1);
            output.Clear();
            master.Election.Step(ElectionInput.DeadlineReached, now, output);
            backup.Election.Step(ElectionInput.Advert(Router.Lower, 200, TimeSpan.FromSeconds(1)), now, output);
        }
    }
}
