using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Tests.Health;

public class AvailabilityTests
{
    [Fact]
    public void While_all_is_well_the_table_is_the_manifests_own()
    {
        var cluster = new ClusterSpec { Services = [Rig.Service(2)] };
        var manifest = DesiredTableBuilder.Build(cluster);
        var monitor = new HealthMonitor(ProbePlan.Of(cluster), null, Rig.Kernel(cluster.Services[0], 2), default, Rig.Start);

        Assert.Same(manifest, monitor.Lay(manifest, default, Rig.Start));
    }

    [Fact]
    public void A_sick_server_goes_and_says_why()
    {
        var rig = new Rig(Rig.Service(2)).Probe(Rig.Ok, 1, 2).Probe(Rig.Refused with { Detail = "RST" }, 2);

        Assert.Equal("rs1=1 rs2=out", rig.Table);
        Assert.Equal("down since 2026-11-22T10:00:03Z: connection refused, RST (check web)", rig.Because("rs2"));
        Assert.Equal("rs1=1 rs2=1", rig.Probe(Rig.Ok, 2).Table);
    }

    [Fact]
    public void On_failure_quiesce_leaves_it_at_weight_0() =>
        Assert.Equal("rs1=1 rs2=0", new Rig(Rig.Service(2) with { OnFailure = FailureAction.Quiesce }).Probe(Rig.Refused, 2).Table);

    [Fact]
    public void When_all_are_down_and_nothing_forbids_it_all_go() =>
        Assert.Equal("rs1=out rs2=out", new Rig(Rig.Service(2)).Probe(Rig.Refused, 1, 2).Table);

    [Fact]
    public void What_could_not_be_probed_takes_nobody_out() =>
        Assert.Equal("rs1=1 rs2=1", new Rig(Rig.Service(2)).Probe(new(ProbeReason.NoResources, default), 1, 2, 1, 2, 1, 2).Table);

    public class At_the_start
    {
        [Fact]
        public void A_server_that_the_kernel_has_stays_until_it_is_known_and_others_wait()
        {
            var service = Rig.Service(3);
            var rig = new Rig(service, Rig.Kernel(service, 2));

            Assert.Equal("rs1=1 rs2=1 rs3=out", rig.Table);
            Assert.Equal("not known to be up yet", rig.Because("rs3"));
            Assert.Equal("rs1=1 rs2=out rs3=1", rig.Probe(Rig.Refused, 2).Probe(Rig.Ok, 3).Table);
        }

        [Fact]
        public void A_server_that_the_kernel_has_at_weight_0_stays_so_until_it_is_known()
        {
            var service = Rig.Service(2);
            var rig = new Rig(service, Rig.Kernel(service, 2, weight: 0));

            Assert.Equal("rs1=0 rs2=0", rig.Table);
            Assert.Equal("rs1=1 rs2=out", rig.Probe(Rig.Ok, 1).Probe(Rig.Refused, 2).Table);
        }

        [Fact]
        public void Start_down_is_down_even_for_a_server_that_the_kernel_has()
        {
            var rig = new Rig(Rig.Service(2, Rig.Quick with { Start = StartState.Down }));

            Assert.Equal("rs1=out rs2=out", rig.Table);
            Assert.Equal("down until it is found well (check web)", rig.Because("rs1"));
            Assert.Equal("rs1=1 rs2=out", rig.Probe(Rig.Ok, 1).Table);
        }

        [Fact]
        public void Start_up_is_up_even_for_a_server_that_the_kernel_has_not() =>
            Assert.Equal("rs1=1 rs2=1", new Rig(Rig.Service(2, Rig.Quick with { Start = StartState.Up }), []).Table);
    }

    public class Operators
    {
        static readonly Intent s_maintain = new(IntentKind.Maintain, "rs1", null, Rig.Start);

        [Fact]
        public void Whom_an_operator_took_out_health_never_puts_back()
        {
            var rig = new Rig(Rig.Service(2) with { MinHealthy = Share.Percent(100) }) { Intents = { s_maintain } };

            Assert.Equal("rs1=out rs2=1", rig.Probe(Rig.Ok, 1, 2).Table);
            Assert.Equal("in maintenance since 2026-11-22T10:00:00Z", rig.Because("rs1"));
        }

        [Fact]
        public void Whom_an_operator_took_out_does_not_count_as_healthy()
        {
            var rig = new Rig(Rig.Service(2) with { Fallback = Rig.Sorry }) { Intents = { s_maintain } };

            Assert.Equal("rs1=out rs2=out fallback=1", rig.Probe(Rig.Ok, 1).Probe(Rig.Refused, 2).Table);
        }

        [Fact]
        public void The_floor_is_filled_from_those_that_no_operator_took_out()
        {
            var rig = new Rig(Rig.Service(3) with { MinHealthy = Share.Count(2) }) { Intents = { s_maintain } };

            Assert.Equal("rs1=out rs2=1 rs3=1", rig.Probe(Rig.Refused, 1, 2, 3).Table);
        }

        [Fact]
        public void An_operators_weight_is_stronger_than_the_servers_own_word_and_weaker_than_its_death()
        {
            var rig = new Rig(Rig.Service(1, s_agent, weight: 10)) { Intents = { new(IntentKind.Weight, "rs1", null, Rig.Start) { Weight = 7 } } };

            Assert.Equal("rs1=7", rig.Probe(Rig.Says("3"), 1).Table);
            Assert.Equal("weight set to 7 at 2026-11-22T10:00:00Z", rig.Because("rs1"));
            Assert.Equal("rs1=out", rig.Probe(Rig.Refused, 1).Table);
        }

        [Fact]
        public void A_drained_server_that_dies_is_left_to_its_drain()
        {
            var rig = new Rig(Rig.Service(1)) { Intents = { new(IntentKind.Drain, "rs1", null, Rig.Start) { Then = DrainEnd.Hold } } };

            Assert.Equal("rs1=0", rig.Probe(Rig.Refused, 1).Table);
        }
    }

    public class Floor
    {
        static readonly ServiceSpec s_half = Rig.Service(4) with { MinHealthy = Share.Percent(50) };

        [Fact]
        public void Never_fewer_than_the_floor_stay()
        {
            var rig = new Rig(s_half).Probe(Rig.Ok, 1, 2, 3, 4);

            Assert.Equal("rs1=1 rs2=out rs3=1 rs4=1", rig.Probe(Rig.Refused, 2).Table);
            Assert.Equal("rs1=out rs2=out rs3=1 rs4=1", rig.Probe(Rig.Refused, 1).Table);
            Assert.Equal("rs1=out rs2=out rs3=1 rs4=1", rig.Probe(Rig.Refused, 3, 4).Table);
            Assert.Equal("kept in by min-healthy 50%: down since 2026-11-22T10:00:07Z: connection refused (check web)", rig.Because("rs3"));
        }

        [Fact]
        public void Of_those_that_die_together_the_last_ones_that_were_well_stay() =>
            Assert.Equal("rs1=out rs2=1 rs3=out rs4=1", new Rig(s_half).Probe(Rig.Ok, 1, 3, 4, 2).Probe(Rig.Refused, 1, 2, 3, 4).Table);

        [Fact]
        public void A_server_that_comes_back_relieves_a_sick_one()
        {
            var rig = new Rig(s_half).Probe(Rig.Ok, 1, 2, 3, 4).Probe(Rig.Refused, 1, 2, 3, 4);
            Assert.Equal("rs1=out rs2=out rs3=1 rs4=1", rig.Table);

            Assert.Equal("rs1=1 rs2=out rs3=out rs4=1", rig.Probe(Rig.Ok, 1).Table);
            Assert.Equal("rs1=1 rs2=1 rs3=out rs4=out", rig.Probe(Rig.Ok, 2).Table);
        }

        [Fact]
        public void The_choice_does_not_move_while_nothing_changes()
        {
            var rig = new Rig(s_half).Probe(Rig.Refused, 3, 1, 2, 4);
            var first = rig.Table;

            Assert.Equal(first, rig.Probe(Rig.Refused, 4, 2, 1, 3).Table);
        }

        [Fact]
        public void Another_process_keeps_in_whom_the_kernel_has()
        {
            var service = Rig.Service(3) with { MinHealthy = Share.Count(1), Fallback = Rig.Sorry };
            var kernel = Rig.Kernel(service with { Servers = [service.Servers[1] with { Weight = 0 }, Rig.Sorry] }, 2);

            Assert.Equal("rs1=out rs2=0 rs3=out fallback=1", new Rig(service, kernel).Probe(Rig.Refused, 1, 2, 3).Table);
        }

        [Fact]
        public void It_holds_against_servers_that_all_want_to_be_drained() =>
            Assert.Equal("rs1=0 rs2=10", new Rig(Rig.Service(2, s_agent, weight: 10) with { MinHealthy = Share.Count(1) }).Probe(Rig.Says("drain"), 1, 2).Table);

        [Fact]
        public void A_service_says_when_its_floor_is_needed()
        {
            var rig = new Rig(s_half);
            _ = rig.Table;
            _ = rig.Probe(Rig.Refused, 1, 2, 3).Table;

            var change = Assert.Single(rig.Changes);
            Assert.Equal((0, 1, 2), (change.Before.KeptIn, change.After.KeptIn, change.After.Serving));
        }
    }

    public class Fallback
    {
        static readonly ServiceSpec s_service = Rig.Service(2) with { Fallback = Rig.Sorry };

        [Fact]
        public void Stands_in_when_nobody_is_left_and_goes_when_one_is_back()
        {
            var rig = new Rig(s_service);
            Assert.Equal("rs1=1 rs2=out fallback=out", rig.Probe(Rig.Refused, 2).Table);
            Assert.Equal("the fallback is not needed", rig.Because("fallback"));

            Assert.Equal("rs1=out rs2=out fallback=1", rig.Probe(Rig.Refused, 1).Table);
            Assert.Equal("the fallback stands in: no server is left", rig.Because("fallback"));
            Assert.Equal("rs1=out rs2=1 fallback=out", rig.Probe(Rig.Ok, 2).Table);
            Assert.Equal([true, false], rig.Changes.Select(c => c.After.FallbackStandsIn));
        }

        [Theory]
        [InlineData("+--", "add fallback, remove rs1, remove rs2")]
        [InlineData("-++", "add rs1, add rs2, remove fallback")]
        public void Comes_before_the_last_one_goes_and_goes_after_the_first_one_came(string way, string steps)
        {
            var isDying = way[0] == '+';
            var kernel = Rig.Kernel(isDying ? s_service : s_service with { Servers = [Rig.Sorry] }, 2);
            var rig = new Rig(s_service, kernel).Probe(isDying ? Rig.Refused : Rig.Ok, 1, 2);

            var plan = Planner.Plan(new([rig.Lay()]), kernel, Ownership.Everything(kernel), DrainPolicy.AtOnce);

            Assert.Equal(steps, string.Join(", ", plan.Steps.Select(s => $"{s.Action.ToString().ToLowerInvariant()} {s.Server}")));
        }

        [Fact]
        public void A_dead_fallback_helps_nobody()
        {
            var rig = new Rig(s_service with { Fallback = Rig.Sorry with { Check = Rig.Quick }, MinHealthy = Share.Count(1) });

            Assert.Equal("rs1=1 rs2=out fallback=out", rig.Probe(Rig.Refused, 99, 1, 2).Table);
            Assert.Equal("rs1=0 rs2=out fallback=1", rig.Probe(Rig.Ok, 99).Table);
        }

        [Fact]
        public void Servers_that_the_floor_keeps_have_no_weight_beside_the_fallback()
        {
            var rig = new Rig(s_service with { MinHealthy = Share.Percent(50) }).Probe(Rig.Ok, 1, 2);

            Assert.Equal("rs1=1 rs2=out fallback=out", rig.Probe(Rig.Refused, 2).Table);
            Assert.Equal("rs1=0 rs2=out fallback=1", rig.Probe(Rig.Refused, 1).Table);
        }
    }

    public class Quorum
    {
        static readonly ServiceSpec s_service = Rig.Service(4) with { Quorum = new(Share.Count(2), Share.Count(1)) };

        [Fact]
        public void Is_lost_below_the_minimum_and_regained_above_it_by_the_hysteresis()
        {
            var rig = new Rig(s_service);
            bool Has()
            {
                rig.Lay();
                return rig.Monitor.StatusOf(0).HasQuorum;
            }

            Assert.True(Has());
            rig.Probe(Rig.Refused, 1, 2);
            Assert.True(Has());
            rig.Probe(Rig.Refused, 3);
            Assert.False(Has());
            rig.Probe(Rig.Ok, 1);
            Assert.False(Has());
            rig.Probe(Rig.Ok, 2);
            Assert.True(Has());
            rig.Probe(Rig.Refused, 2);
            Assert.True(Has());
            Assert.Equal([false, true], rig.Changes.Select(c => c.After.HasQuorum));
        }

        [Fact]
        public void Without_a_fallback_those_that_are_well_go_on() =>
            Assert.Equal("rs1=out rs2=out rs3=out rs4=1", new Rig(s_service).Probe(Rig.Refused, 1, 2, 3).Table);

        [Fact]
        public void Without_quorum_the_fallback_stands_in_and_those_that_are_well_keep_their_connections()
        {
            var rig = new Rig(s_service with { Fallback = Rig.Sorry });

            Assert.Equal("rs1=out rs2=out rs3=out rs4=0 fallback=1", rig.Probe(Rig.Refused, 1, 2, 3).Table);
            Assert.Equal("set aside while the fallback stands in: the quorum is lost, 1 of 4 are well", rig.Because("rs4"));
            Assert.Equal("rs1=0 rs2=out rs3=out rs4=0 fallback=1", rig.Probe(Rig.Ok, 1).Table);
            Assert.Equal("rs1=1 rs2=1 rs3=out rs4=1 fallback=out", rig.Probe(Rig.Ok, 2).Table);
        }

        [Fact]
        public void A_table_where_the_fallback_stands_in_is_one_without_quorum()
        {
            var service = s_service with { Fallback = Rig.Sorry };
            var kernel = Rig.Kernel(service with { Servers = [service.Servers[0], service.Servers[1], Rig.Sorry] }, 3);

            Assert.Equal("rs1=0 rs2=0 rs3=out rs4=out fallback=1", new Rig(service, kernel).Table);
        }
    }

    public class SlowStart
    {
        static readonly ServiceSpec s_service = Rig.Service(2, weight: 20) with { SlowStart = TimeSpan.FromSeconds(100) };

        [Fact]
        public void A_server_that_came_in_gets_its_weight_by_steps()
        {
            var rig = new Rig(s_service).Probe(Rig.Refused, 2);
            Assert.Equal("rs1=20 rs2=out", rig.Table);
            rig.Probe(Rig.Ok, 2);
            var weights = new List<int>();

            for (var i = 0; i <= 10; i++)
            {
                weights.Add(rig.Lay().Servers[1].Server.Weight);
                if (i < 10)
                {
                    Assert.Equal(TimeSpan.FromSeconds(10), rig.Monitor.NextChange - rig.Now);
                    rig.Pass(9.9);
                    Assert.Equal(weights[^1], rig.Lay().Servers[1].Server.Weight);
                    rig.Pass(0.1);
                }
            }

            Assert.Equal([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 20], weights);
            Assert.Null(rig.Because("rs2"));
            Assert.Equal(TimeSpan.MaxValue, rig.Monitor.NextChange);
        }

        [Fact]
        public void Weight_1_is_never_0_on_the_way() =>
            Assert.Equal("rs1=1 rs2=1", new Rig(s_service with { Servers = [.. s_service.Servers.Select(s => s with { Weight = 1 })] }, []).Probe(Rig.Ok, 1, 2).Table);

        [Fact]
        public void Servers_that_serve_already_have_their_weight() => Assert.Equal("rs1=20 rs2=20", new Rig(s_service).Probe(Rig.Ok, 1, 2).Table);

        [Fact]
        public void A_server_that_an_operator_gives_back_starts_slowly_too()
        {
            var rig = new Rig(s_service).Probe(Rig.Ok, 1, 2);
            rig.Intents.Add(new(IntentKind.Maintain, "rs1", null, Rig.Start));
            Assert.Equal("rs1=out rs2=20", rig.Table);
            rig.Intents.Clear();

            Assert.Equal("rs1=1 rs2=20", rig.Table);
            Assert.Equal("slow start since 2026-11-22T10:00:02Z: weight 1 of 20", rig.Because("rs1"));
        }

        [Fact]
        public void Beside_a_sick_server_that_the_floor_keeps_there_is_no_time_for_it() =>
            Assert.Equal("rs1=20 rs2=20", Tables(new Rig(s_service with { MinHealthy = Share.Count(2) })).Last());

        static IEnumerable<string> Tables(Rig rig)
        {
            yield return rig.Probe(Rig.Refused, 1, 2).Table;
            yield return rig.Probe(Rig.Ok, 2).Table;
        }

        [Fact]
        public void It_goes_on_in_the_next_process()
        {
            var rig = new Rig(s_service, []).Probe(Rig.Ok, 1, 2);
            _ = rig.Table;
            var memory = rig.Pass(30).Remember();

            var next = new Rig(s_service, Rig.Kernel(s_service, 2, weight: 1), memory, wallAhead: TimeSpan.FromSeconds(42));

            Assert.Equal("rs1=9 rs2=9", next.Table);
        }
    }

    static readonly CheckSpec s_agent = Rig.Quick with { Weight = new(WeightSource.Body, null, null) };

    public class AgentWeight
    {
        [Theory]
        [InlineData("7", "rs1=7")]
        [InlineData("50%", "rs1=5")]
        [InlineData("1%", "rs1=1")]
        [InlineData("150%", "rs1=15")]
        [InlineData("0", "rs1=0")]
        [InlineData("drain", "rs1=0")]
        [InlineData("nonsense", "rs1=10")]
        public void The_servers_word_is_its_weight(string word, string table) =>
            Assert.Equal(table, new Rig(Rig.Service(1, s_agent, weight: 10)).Probe(Rig.Says(word), 1).Table);

        [Theory]
        [InlineData(3, false, "7 4 1 1")]
        [InlineData(20, true, "8 6 4 2")]
        public void One_answer_moves_it_by_one_step(int step, bool isPercent, string weights)
        {
            var rig = new Rig(Rig.Service(1, s_agent with { Weight = s_agent.Weight! with { Step = new(step, isPercent) } }, weight: 10));

            Assert.Equal(weights, string.Join(' ', Enumerable.Range(0, 4).Select(_ => rig.Probe(Rig.Says("1"), 1).Lay().Servers[0].Server.Weight)));
            // Drain is at once; the way back is by steps, also when nothing is said any more.
            Assert.Equal("rs1=0", rig.Probe(Rig.Says("drain"), 1).Table);
            var size = new Share(step, isPercent).Of(10);
            Assert.Equal($"rs1={size}", rig.Probe(Rig.Ok, 1).Table);
            Assert.Equal("rs1=10", rig.Probe(Rig.Ok, 1, 1, 1, 1).Table);
            Assert.Null(rig.Because("rs1"));
        }

        [Fact]
        public void A_server_that_drains_itself_is_well_but_does_not_serve()
        {
            var rig = new Rig(Rig.Service(2, s_agent) with { Fallback = Rig.Sorry });

            Assert.Equal("rs1=0 rs2=1 fallback=out", rig.Probe(Rig.Says("drain"), 1).Table);
            Assert.Equal("drained at its own word", rig.Because("rs1"));
            Assert.Equal("rs1=0 rs2=0 fallback=1", rig.Probe(Rig.Says("drain"), 2).Table);
        }

        [Fact]
        public void A_word_of_a_check_that_asks_for_none_is_not_heeded() =>
            Assert.Equal("rs1=1", new Rig(Rig.Service(1)).Probe(Rig.Says("drain"), 1).Table);

        [Fact]
        public void Without_any_memory_it_is_what_the_kernel_has()
        {
            var service = Rig.Service(1, s_agent with { Weight = s_agent.Weight! with { Step = Share.Count(1) } }, weight: 10);
            var rig = new Rig(service, Rig.Kernel(service, 1, weight: 4));

            Assert.Equal("rs1=4", rig.Table);
            Assert.Equal("rs1=3", rig.Probe(Rig.Says("1"), 1).Table);
        }

        [Fact]
        public void It_is_known_to_the_next_process()
        {
            var service = Rig.Service(1, s_agent with { Weight = s_agent.Weight! with { Step = Share.Count(1) } }, weight: 10);
            var memory = new Rig(service).Probe(Rig.Says("1"), 1, 1).Remember();

            Assert.Equal("rs1=7", new Rig(service, null, memory, TimeSpan.FromSeconds(3)).Probe(Rig.Says("1"), 1).Table);
        }
    }

    [Fact]
    public void A_change_names_the_servers_behind_it()
    {
        var rig = new Rig(Rig.Service(2) with { Listen = [Rig.Key, ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("10.0.0.1"), 80)] }).Probe(Rig.Ok, 2);

        var change = rig.Pass(5).Observe(2, Rig.Refused)!;

        Assert.Equal(TimeSpan.FromSeconds(5), change.SinceOk);
        Assert.Equal([new(new(0, 1), HealthState.Up, HealthState.Down), new(new(1, 1), HealthState.Up, HealthState.Down)], change.Servers);
        Assert.Null(rig.Observe(2, Rig.Refused));
    }

    [Fact]
    public void A_fallback_that_is_probed_changes_like_a_server()
    {
        var rig = new Rig(Rig.Service(1) with { Fallback = Rig.Sorry with { Check = Rig.Quick } });

        Assert.Equal([new(new(0, 1), HealthState.Unknown, HealthState.Up)], rig.Observe(99, Rig.Ok)!.Servers);
    }

    [Fact]
    public void Services_that_did_not_change_are_the_same_objects()
    {
        var cluster = new ClusterSpec
        {
            Services = [.. Enumerable.Range(1, 3).Select(i => Rig.Service(2) with { Name = $"s{i}", Listen = [ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse($"10.0.0.{i}"), (ushort)i)], Fallback = Rig.Sorry })],
        };
        var monitor = new HealthMonitor(ProbePlan.Of(cluster), null, [], default, Rig.Start);
        var manifest = DesiredTableBuilder.Build(cluster);
        var first = monitor.Lay(manifest, default, Rig.Start);
        monitor.Observe(2, Rig.Ok, default);

        var second = monitor.Lay(manifest, default, Rig.Start);

        Assert.Equal([true, false, true], first.Services.Zip(second.Services, ReferenceEquals));
        Assert.Same(second, monitor.Lay(manifest, default, Rig.Start));
    }

    [Fact]
    public void Services_are_found_by_their_key_and_those_without_health_are_left_alone()
    {
        var cluster = new ClusterSpec { Services = [Rig.Service(1), Rig.Service(1) with { Name = "dns", Listen = [ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("10.0.0.1"), 53)] }] };
        var monitor = new HealthMonitor(ProbePlan.Of(cluster), null, [], default, Rig.Start);
        var manifest = DesiredTableBuilder.Build(cluster);
        var path = manifest.Services[0] with { Service = new(ServiceKey.Marked(7)) };

        var laid = monitor.Lay(new([path, manifest.Services[1], manifest.Services[0]]), default, Rig.Start);

        Assert.Equal([false, true, true], laid.Services.Select(s => s.Servers[0].IsOut));
        Assert.Same(path, laid.Services[0]);
    }

    [Fact]
    public void An_outcome_that_changes_nothing_allocates_nothing()
    {
        var rig = new Rig(Rig.Service(1)).Probe(Rig.Ok, 1);
        var outcome = Rig.Ok;

        Assert.Equal(0, Allocations.Of(() => rig.Monitor.Observe(0, outcome, rig.Now)));
    }
}
