using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Core.Tests.Health;

public class HealthMemoryTests
{
    static readonly ServiceSpec s_service = Rig.Service(2, Rig.Quick with { Rise = 2, Fall = 3 });

    [Fact]
    public void Counters_go_on_from_one_process_to_the_next()
    {
        HealthSnapshot? memory = null;
        var tables = new List<string>();
        for (var minute = 0; minute < 6; minute++)
        {
            var rig = new Rig(s_service, null, memory, TimeSpan.FromMinutes(minute)).Probe(minute < 3 ? Rig.Refused : Rig.Ok, 1);
            tables.Add(rig.Table);
            memory = rig.Remember();
        }

        Assert.Equal(["rs1=1 rs2=1", "rs1=1 rs2=1", "rs1=out rs2=1", "rs1=out rs2=1", "rs1=1 rs2=1", "rs1=1 rs2=1"], tables);
    }

    [Theory]
    [InlineData(599, true)]
    [InlineData(601, false)]
    [InlineData(3_000_000, false)]
    [InlineData(-5, false)]
    [InlineData(-3_000_000, false)]
    public void Knowledge_is_believed_only_while_its_age_can_be_true(int secondsLater, bool believed)
    {
        var memory = new Rig(s_service).Probe(Rig.Refused, 1, 1, 1).Remember();

        // The probes took three seconds.
        var rig = new Rig(s_service, null, memory, TimeSpan.FromSeconds(3 + secondsLater));

        Assert.Equal(believed ? HealthState.Down : HealthState.Unknown, rig.Monitor[0].State);
        Assert.Equal(believed ? "rs1=out rs2=1" : "rs1=1 rs2=1", rig.Table);
    }

    [Fact]
    public void A_clock_that_jumps_never_empties_a_table()
    {
        foreach (var start in new[] { StartState.Last, StartState.Up })
        {
            var service = Rig.Service(3, Rig.Quick with { Start = start });
            var memory = new Rig(service).Probe(Rig.Ok, 1, 2, 3).Remember();
            foreach (var days in new[] { -20_000, -1, 1, 20_000 })
            {
                Assert.Equal("rs1=1 rs2=1 rs3=1", new Rig(service, null, memory, TimeSpan.FromDays(days)).Table);
            }
        }
    }

    [Fact]
    public void A_clock_that_is_set_while_we_run_moves_nothing()
    {
        var rig = new Rig(Rig.Service(2, Rig.Quick with { Rise = 2 }, weight: 20) with { SlowStart = TimeSpan.FromSeconds(100) }, []).Probe(Rig.Ok, 1, 1);
        Assert.Equal("rs1=1 rs2=out", rig.Table);

        rig.WallAhead = TimeSpan.FromDays(-30);
        Assert.Equal("rs1=11 rs2=out", rig.Pass(50).Table);
        rig.WallAhead = TimeSpan.FromDays(300);
        Assert.Equal("rs1=15 rs2=out", rig.Pass(20).Table);
    }

    [Fact]
    public void A_hold_goes_on_and_one_that_is_too_long_to_be_true_is_forgotten()
    {
        var service = Rig.Service(1, Rig.Quick with { Flap = new(3, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)) });
        var memory = new Rig(service).Probe(Rig.Ok, 1).Probe(Rig.Refused, 1).Probe(Rig.Ok, 1).Probe(Rig.Refused, 1).Remember();
        Assert.NotNull(Assert.Single(memory.Targets).HeldUntil);

        var next = new Rig(service, null, memory, TimeSpan.FromMinutes(4)).Probe(Rig.Ok, 1);
        Assert.Equal("rs1=out", next.Table);
        Assert.Equal("held down until 2026-11-22T10:05:04Z, it came and went too often (check web)", next.Because("rs1"));
        Assert.Equal("rs1=1", next.Pass(63).Probe(Rig.Ok, 1).Table);

        var absurd = memory with { Targets = [memory.Targets[0] with { HeldUntil = Rig.Start.AddYears(100) }] };
        Assert.Equal("rs1=1", new Rig(service, null, absurd, TimeSpan.FromMinutes(1)).Probe(Rig.Ok, 1).Table);
    }

    [Fact]
    public void A_snapshot_survives_unchanged_what_is_read_back_from_it()
    {
        var service = s_service with { Check = s_service.Check! with { Flap = new(9, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)) } };
        var rig = new Rig(service).Probe(Rig.Ok, 1, 2, 1, 2).Probe(Rig.Refused with { Detail = "RST" }, 1, 1, 1, 2).Probe(Rig.Ok, 1, 1).Probe(Rig.Refused, 1, 1, 1);
        _ = rig.Table;
        var memory = rig.Remember();

        var again = new HealthMonitor(rig.Monitor.Plan, memory, [], TimeSpan.FromDays(3), rig.Wall).Remember(TimeSpan.FromDays(3), rig.Wall);

        Assert.Equivalent(memory.Targets, again.Targets, strict: true);
        Assert.Equal(2, memory.Targets.Count);
        Assert.Equal(3, memory.Targets[0].Changes.Count);
    }

    [Fact]
    public void Of_another_check_or_a_server_that_has_gone_nothing_is_taken_over()
    {
        var memory = new Rig(s_service).Probe(Rig.Refused, 1, 1, 1).Remember();

        var rig = new Rig(s_service with { Check = s_service.Check! with { Probe = new ProbeSpec.Http() } }, null, memory, TimeSpan.FromSeconds(5));

        Assert.Equal(HealthState.Unknown, rig.Monitor[0].State);
    }

    [Fact]
    public void Counters_out_of_all_bounds_do_no_harm()
    {
        var memory = new Rig(s_service).Probe(Rig.Ok, 1, 1).Remember();
        memory = memory with { Targets = [memory.Targets[0] with { Count = int.MinValue, Changed = DateTimeOffset.MinValue, LastOk = DateTimeOffset.MaxValue, State = (HealthState)77 }, memory.Targets[0] with { Key = "" }] };

        foreach (var state in new[] { HealthState.Up, (HealthState)77 })
        {
            var broken = memory with { Targets = [memory.Targets[0] with { State = state }, memory.Targets[0]], Services = [memory.Services[0], memory.Services[0]] };
            var rig = new Rig(s_service, null, broken, TimeSpan.FromSeconds(5)).Probe(Rig.Refused, 2);

            Assert.Equal("rs1=1 rs2=1", rig.Table);
            rig.WallAhead = TimeSpan.FromDays(-300_000);
            Assert.NotEmpty(rig.Remember().Targets);
        }
    }

    [Fact]
    public void What_is_asked_once_an_hour_is_not_forgotten_after_ten_minutes()
    {
        var service = s_service with { Check = s_service.Check! with { Every = TimeSpan.FromHours(1) } };
        var memory = new Rig(service).Probe(Rig.Refused, 1, 1, 1).Remember();

        Assert.Equal(HealthState.Down, new Rig(service, null, memory, TimeSpan.FromMinutes(90)).Monitor[0].State);
    }

    [Fact]
    public void Lost_quorum_is_remembered()
    {
        var service = Rig.Service(3) with { Quorum = new(Share.Count(2), Share.Count(1)) };
        var rig = new Rig(service).Probe(Rig.Refused, 1, 2).Probe(Rig.Ok, 3);
        _ = rig.Table;
        var next = new Rig(service, null, rig.Remember(), TimeSpan.FromSeconds(10)).Probe(Rig.Ok, 1);

        _ = next.Table;

        Assert.False(next.Monitor.StatusOf(0).HasQuorum);
        Assert.Empty(next.Changes);
        _ = next.Probe(Rig.Ok, 2).Table;
        Assert.True(Assert.Single(next.Changes).After.HasQuorum);
    }

    [Fact]
    public void More_rounds_are_needed_while_a_row_is_unfinished()
    {
        var rig = new Rig(s_service);
        var answers = new List<bool>();
        foreach (var outcome in new[] { Rig.Ok, Rig.Ok, Rig.Refused, Rig.Refused, Rig.Refused, Rig.Refused })
        {
            rig.Probe(outcome, 1);
            answers.Add(rig.Monitor.IsCounting(0, rig.Now));
        }

        Assert.Equal([true, false, true, true, false, false], answers);
    }
}
