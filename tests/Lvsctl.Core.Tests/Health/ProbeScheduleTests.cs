using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Tests.Health;

public class ProbeScheduleTests
{
    static readonly CheckSpec s_check = new("port", new ProbeSpec.Tcp()) { Every = TimeSpan.FromSeconds(3), FastEvery = TimeSpan.FromSeconds(1) };

    [Fact]
    public void Probes_are_spread_over_the_interval_from_the_first_one_on()
    {
        var schedule = new ProbeSchedule(Plan(3000), At(0));
        var perTenth = new int[60];

        for (var t = 0.1; t < 6.05; t += 0.1)
        {
            while (schedule.TryTake(At(t), out var target))
            {
                perTenth[(int)Math.Round(t * 10) - 1]++;
                schedule.Ended(target, At(t), counting: false);
            }
        }

        // 100 are due in each tenth of a second; a hash scatters by about 10.
        Assert.All(perTenth, n => Assert.InRange(n, 50, 150));
        Assert.Equal(6000, perTenth.Sum());
        Assert.Equal(perTenth[..30], perTenth[30..]);
    }

    [Fact]
    public void A_target_has_the_same_place_in_every_process()
    {
        var first = Turns(new ProbeSchedule(Plan(5), At(0)), At(3));
        var second = Turns(new ProbeSchedule(Plan(5), At(0)), At(3));

        Assert.Equal(first, second);
    }

    [Fact]
    public void From_start_to_start_is_the_interval_however_long_the_probe_takes_within_it()
    {
        var schedule = new ProbeSchedule(Plan(1), At(0));
        var due = schedule.NextDue!.Value;
        for (var i = 0; i < 5; i++)
        {
            Assert.False(schedule.TryTake(due - TimeSpan.FromTicks(1), out _));
            Assert.True(schedule.TryTake(due, out _));
            schedule.Ended(0, due + At(i * 0.7), counting: false);
            Assert.Equal(due += At(3), schedule.NextDue);
        }
    }

    [Fact]
    public void A_probe_that_overran_misses_its_turns_and_causes_no_burst()
    {
        var schedule = new ProbeSchedule(Plan(1), At(0));
        var due = schedule.NextDue!.Value;
        schedule.TryTake(due, out _);

        Assert.Null(schedule.NextDue);
        schedule.Ended(0, due + At(10), counting: false);

        Assert.Equal(due + At(12), schedule.NextDue);
    }

    [Fact]
    public void A_target_is_never_given_twice_at_once()
    {
        var schedule = new ProbeSchedule(Plan(1), At(0));

        Assert.True(schedule.TryTake(At(100), out var target));
        Assert.False(schedule.TryTake(At(1000), out _));
        Assert.True(schedule.IsUnderWay(target));
        schedule.Ended(target, At(1000), counting: false);
        Assert.Throws<InvalidOperationException>(() => schedule.Ended(target, At(1000), counting: false));
    }

    [Fact]
    public void While_counting_the_next_turn_is_at_most_a_fast_interval_away()
    {
        var schedule = new ProbeSchedule(Plan(1), At(0));
        var due = schedule.NextDue!.Value;
        schedule.TryTake(due, out _);
        schedule.Ended(0, due, counting: true);

        Assert.InRange(schedule.NextDue!.Value - due, TimeSpan.FromTicks(1), At(1));
    }

    [Fact]
    public void A_rare_check_begins_soon_after_the_start()
    {
        var plan = Plan(100, s_check with { Every = TimeSpan.FromHours(1), FastEvery = null });

        var turns = Turns(new ProbeSchedule(plan, At(1000)), At(1000) + ProbeSchedule.Opening);

        Assert.Equal(100, turns.Count);
        Assert.True(turns.Select(t => t.At).Distinct().Count() > 90);
    }

    [Fact]
    public void A_reload_keeps_the_turns_of_what_stays_and_what_is_under_way_stays_so()
    {
        var before = Plan(10);
        var old = new ProbeSchedule(before, At(0));
        old.TryTake(At(3), out var busy);
        var dues = Turns(new ProbeSchedule(before, At(0)), At(3)).ToDictionary(t => before.KeyOf(t.Target), t => t.At);

        var after = Plan(20);
        var schedule = old.Reloaded(after, At(0.1));

        var index = after.IndexOf(before.KeyOf(busy));
        Assert.True(schedule.IsUnderWay(index));
        Assert.Equal(1, schedule.CountUnderWay);
        var turns = Turns(schedule, At(3.1)).ToDictionary(t => after.KeyOf(t.Target), t => t.At);
        Assert.Equal(19, turns.Count);
        Assert.All(dues.Where(d => d.Key != before.KeyOf(busy)), d => Assert.Equal(d.Value, turns[d.Key]));
        schedule.Ended(index, At(3.1), counting: false);
    }

    [Fact]
    public void A_shorter_interval_takes_effect_at_the_reload()
    {
        var hourly = new ProbeSchedule(Plan(1, s_check with { Every = TimeSpan.FromHours(1) }), At(0));
        hourly.TryTake(At(5), out _);
        hourly.Ended(0, At(5), counting: false);

        Assert.True(hourly.Reloaded(Plan(1), At(10)).NextDue <= At(13));
    }

    [Fact]
    public void Fifty_thousand_targets_cost_little_and_allocate_nothing()
    {
        var schedule = new ProbeSchedule(Plan(51_000), At(0));
        var now = At(0);
        var taken = 0;

        Assert.Equal(0, Allocations.Of(() => taken = Round(now += At(3)), times: 1));
        Assert.Equal(51_000, taken);

        int Round(TimeSpan at)
        {
            var count = 0;
            while (schedule.TryTake(at, out var target))
            {
                schedule.Ended(target, at, counting: false);
                count++;
            }
            return count;
        }
    }

    static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    static List<(int Target, TimeSpan At)> Turns(ProbeSchedule schedule, TimeSpan until)
    {
        var turns = new List<(int, TimeSpan)>();
        while (schedule.NextDue is { } due && due <= until && schedule.TryTake(due, out var target)) turns.Add((target, due));
        return turns;
    }

    static ProbePlan Plan(int servers, CheckSpec? check = null) => ProbePlan.Of(new()
    {
        Services =
        [
            new("web")
            {
                Listen = [Rig.Key],
                Check = check ?? s_check,
                Servers = [.. Enumerable.Range(0, servers).Select(i => new ServerSpec($"rs{i}", new IPAddress([10, 1, (byte)(i >> 8), (byte)i])))],
            },
        ],
    });
}
