using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Core.Tests.Health;

public class HealthTrackerTests
{
    static readonly CheckSpec s_check = new("web", new ProbeSpec.Tcp()) { Rise = 2, Fall = 3 };

    // Outcomes: + good, - bad, . could not be made. States: ? unknown, U up, D down.
    [Theory]
    [InlineData(StartState.Up, "---", "UUD")]
    [InlineData(StartState.Up, "--+---", "UUUUUD")]
    [InlineData(StartState.Up, "---++", "UUDDU")]
    [InlineData(StartState.Down, "++", "DU")]
    [InlineData(StartState.Down, "+-++", "DDDU")]
    [InlineData(StartState.Down, "-----", "DDDDD")]
    [InlineData(StartState.Last, "++", "?U")]
    [InlineData(StartState.Last, "---", "??D")]
    [InlineData(StartState.Last, "+-+-++", "?????U")]
    [InlineData(StartState.Last, "--+---", "?????D")]
    public void A_row_of_outcomes_turns_the_state(StartState start, string outcomes, string states) => Assert.Equal(states, Run(start, outcomes));

    [Theory]
    [InlineData(StartState.Up, "....", "UUUU")]
    [InlineData(StartState.Up, "-.-.-", "UUUUD")]
    [InlineData(StartState.Down, "+.+", "DDU")]
    [InlineData(StartState.Last, "..", "??")]
    public void What_could_not_be_probed_neither_turns_nor_breaks_a_row(StartState start, string outcomes, string states) => Assert.Equal(states, Run(start, outcomes));

    [Fact]
    public void A_probe_that_could_not_be_made_is_remembered_but_teaches_nothing()
    {
        var (next, change) = Tracker(StartState.Up).Observe(Unmade, At(5), s_check);

        Assert.Null(change);
        Assert.Equal(ProbeReason.NoRoute, next.Last?.Reason);
        Assert.Null(next.Seen);
    }

    [Fact]
    public void A_probe_that_broke_counts_as_failed()
    {
        var tracker = Tracker(StartState.Up);
        for (var i = 0; i < 3; i++) (tracker, _) = tracker.Observe(new(ProbeReason.Broken, default), At(i), s_check);

        Assert.Equal(HealthState.Down, tracker.State);
    }

    [Fact]
    public void A_change_says_what_it_took()
    {
        var tracker = Tracker(StartState.Up);
        StateChange? change = null;
        for (var i = 1; i <= 3; i++) (tracker, change) = tracker.Observe(Rig.Refused, At(i), s_check);

        Assert.Equal(new StateChange(HealthState.Up, HealthState.Down, 3, 3, IsHeld: false), change);
        Assert.Equal(At(3), tracker.Changed);
    }

    [Fact]
    public void The_reason_of_going_down_is_kept_while_successes_are_counted()
    {
        var tracker = Tracker(StartState.Up);
        foreach (var outcome in new[] { Rig.Refused, Rig.Refused, new(ProbeReason.TimedOut, default, "no SYN-ACK"), Rig.Ok }) (tracker, _) = tracker.Observe(outcome, At(1), s_check);

        Assert.Equal((ProbeReason.TimedOut, "no SYN-ACK"), tracker.Failure);
        Assert.Equal(1, tracker.Count);
        Assert.False(tracker.IsSettled);
    }

    static readonly CheckSpec s_flapping = s_check with { Rise = 1, Fall = 1, Flap = new(Changes: 4, Within: TimeSpan.FromSeconds(60), Hold: TimeSpan.FromSeconds(30)) };

    [Fact]
    public void A_server_that_changes_too_often_is_held_down_and_then_rises_anew()
    {
        // Down, up, down, and the fourth change would bring it up again at 3 s.
        var (tracker, change) = Observe(Tracker(StartState.Up), s_flapping, "-+-+", from: 0, every: 1);

        Assert.Equal((HealthState.Down, true), (change!.Value.To, change.Value.IsHeld));
        Assert.True(tracker.IsHeld(At(32)));
        (tracker, change) = Observe(tracker, s_flapping, "++++++++", from: 4, every: 3);
        Assert.Equal((HealthState.Down, null), (tracker.State, change));
        (tracker, change) = Observe(tracker, s_flapping, "+", from: 33, every: 1);
        Assert.Equal(HealthState.Up, tracker.State);
        Assert.False(change!.Value.IsHeld);
    }

    [Fact]
    public void Successes_during_the_hold_do_not_count_for_the_rise_after_it()
    {
        var check = s_flapping with { Rise = 2, Flap = s_flapping.Flap! with { Changes = 3 } };
        var (tracker, _) = Observe(Tracker(StartState.Up), check, "-++-", from: 0, every: 1);
        Assert.True(tracker.IsHeld(At(4)));

        (tracker, _) = Observe(tracker, check, "+++", from: 30, every: 1);
        Assert.Equal((HealthState.Down, 0), (tracker.State, tracker.Count));
        (tracker, _) = Observe(tracker, check, "+", from: 33, every: 1);
        Assert.Equal((HealthState.Down, 1), (tracker.State, tracker.Count));
        (tracker, _) = Observe(tracker, check, "+", from: 34, every: 1);
        Assert.Equal(HealthState.Up, tracker.State);
    }

    [Fact]
    public void Changes_that_are_far_apart_are_no_flapping()
    {
        var (tracker, _) = Observe(Tracker(StartState.Up), s_flapping, "-+-+-+-+-+", from: 0, every: 21);

        Assert.Equal(HealthState.Up, tracker.State);
        Assert.Null(tracker.HeldUntil);
    }

    [Fact]
    public void Getting_to_know_a_server_is_no_flapping()
    {
        var (tracker, _) = Observe(Tracker(StartState.Last), s_flapping, "+-+-", from: 0, every: 1);

        Assert.Equal(HealthState.Down, tracker.State);
        Assert.Null(tracker.HeldUntil);
    }

    static ProbeOutcome Unmade => new(ProbeReason.NoRoute, default);

    static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    static HealthTracker Tracker(StartState start) => HealthTracker.Start(s_check with { Start = start }, At(0));

    static ProbeOutcome Outcome(char c) => c switch { '+' => Rig.Ok, '-' => Rig.Refused, _ => Unmade };

    static (HealthTracker, StateChange?) Observe(HealthTracker tracker, CheckSpec check, string outcomes, double from, double every)
    {
        StateChange? change = null;
        for (var i = 0; i < outcomes.Length; i++) (tracker, change) = tracker.Observe(Outcome(outcomes[i]), At(from + i * every), check);
        return (tracker, change);
    }

    static string Run(StartState start, string outcomes)
    {
        var tracker = Tracker(start);
        var states = "";
        foreach (var c in outcomes)
        {
            (tracker, _) = tracker.Observe(Outcome(c), At(states.Length), s_check);
            states += tracker.State switch { HealthState.Up => 'U', HealthState.Down => 'D', _ => '?' };
        }
        return states;
    }
}
