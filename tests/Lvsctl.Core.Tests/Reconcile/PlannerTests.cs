using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Tests.Reconcile;

public class PlannerTests
{
    static readonly ServiceKey s_key = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);
    static readonly ServiceKey s_dns = ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("10.0.0.1"), 53);

    [Fact]
    public void What_is_as_it_is_wanted_needs_no_step()
    {
        var plan = Plan(Wanted(Web(Server(1), Server(2))), Holds(Pool(s_key, There(2), There(1))));

        Assert.Empty(plan.Steps);
        Assert.Empty(plan.Foreign);
    }

    [Fact]
    public void A_service_is_added_before_its_servers()
    {
        var plan = Plan(Wanted(Web(Server(1), Server(2))), []);

        Assert.Equal(["+ web", "+ web/rs1", "+ web/rs2"], Lines(plan));
    }

    [Fact]
    public void A_change_names_the_fields_that_differ_and_no_others()
    {
        var wanted = Wanted(new DesiredService("web", new VirtualService(s_key) { Scheduler = "sh", Flags = ServiceFlags.Scheduler2 },
            [new DesiredServer("rs1", Real(1) with { Weight = 5, UpperThreshold = 10 })]));

        var plan = Plan(wanted, Holds(Pool(s_key, There(1))));

        Assert.Equal(["~ web scheduler wlc -> sh, scheduler flags none -> port", "~ web/rs1 weight 1 -> 5, connections.upper none -> 10"], Lines(plan));
    }

    [Fact]
    public void A_netmask_that_means_nothing_is_no_difference()
    {
        var pool = new ObservedPool(new ObservedService(new VirtualService(s_key) { PersistenceTimeout = 300, Netmask = 0xFFFFFF00 }, default), []);

        Assert.Empty(Plan(Wanted(Web()), [pool]).Steps);
    }

    [Fact]
    public void Additions_come_first_and_removals_last()
    {
        var plan = Plan(Wanted(Web(Server(3), Server(2, weight: 7))), Holds(Pool(s_key, There(1), There(2)), Pool(s_dns, There(9))), Owns(s_key, 1, 2).With(Owns(s_dns, 9)));

        Assert.Equal(["+ web/rs3", "~ web/rs2 weight 1 -> 7", "- web/10.1.0.1:80", "- udp 10.0.0.1:53/10.1.0.9:80", "- udp 10.0.0.1:53"], Lines(plan));
    }

    [Fact]
    public void What_is_not_ours_is_named_and_left_alone()
    {
        var plan = Plan(Wanted(Web(Server(1))), Holds(Pool(s_key, There(1), There(8)), Pool(s_dns, There(9))));

        Assert.Empty(plan.Steps);
        Assert.Equal([new ForeignEntry(s_key, Real(8).Key), new ForeignEntry(s_dns, null)], plan.Foreign);
    }

    [Fact]
    public void A_service_of_ours_that_still_has_a_server_of_others_stays_for_it()
    {
        var plan = Plan(DesiredTable.Empty, Holds(Pool(s_key, There(1), There(8))), Owns(s_key, 1));

        Assert.Equal(["- tcp 10.0.0.1:80/10.1.0.1:80"], Lines(plan));
        Assert.Equal([new ForeignEntry(s_key, Real(8).Key)], plan.Foreign);
    }

    [Fact]
    public void A_server_that_left_the_manifest_first_loses_its_weight_and_then_its_place()
    {
        var ours = Owns(s_key, 1, 2);
        var busy = There(2) with { ActiveConnections = 3, InactiveConnections = 4 };

        var first = Plan(Wanted(Web(Server(1))), Holds(Pool(s_key, There(1), busy)), ours, DrainPolicy.UntilEmpty);
        Assert.Equal(["0 web/10.1.0.2:80 weight 1 -> 0"], Lines(first));
        Assert.Equal([new DrainingServer(s_key, Real(2).Key, 3, 4, 0)], first.Draining);

        var waiting = Plan(Wanted(Web(Server(1))), Holds(Pool(s_key, There(1), Quiesced(busy))), ours, DrainPolicy.UntilEmpty);
        Assert.Empty(waiting.Steps);
        Assert.Single(waiting.Draining);

        var last = Plan(Wanted(Web(Server(1))), Holds(Pool(s_key, There(1), Quiesced(There(2)))), ours, DrainPolicy.UntilEmpty);
        Assert.Equal(["- web/10.1.0.2:80"], Lines(last));
    }

    [Fact]
    public void A_server_without_connections_loses_its_weight_first_because_one_may_be_on_its_way()
    {
        var ours = Owns(s_key, 1, 2);

        var first = Plan(Wanted(Web(Server(1))), Holds(Pool(s_key, There(1), There(2))), ours, DrainPolicy.UntilEmpty);
        Assert.Equal(["0 web/10.1.0.2:80 weight 1 -> 0"], Lines(first));
        var cut = Plan(Wanted(Web(Server(1))), Holds(Pool(s_key, There(1), There(2))), ours, DrainPolicy.AtOnce);
        Assert.Equal(["- web/10.1.0.2:80"], Lines(cut));
    }

    [Fact]
    public void A_server_whose_time_is_up_goes_with_its_connections()
    {
        var busy = There(2) with { ActiveConnections = 3 };
        var policy = DrainPolicy.UntilEmpty with { ForcedOut = new HashSet<(ServiceKey, RealServerKey)> { (s_key, Real(2).Key) } };

        var step = Assert.Single(Plan(Wanted(Web(Server(1))), Holds(Pool(s_key, There(1), busy)), Owns(s_key, 2), policy).Steps);

        Assert.Equal((PlanAction.Remove, 3), (step.Action, step.ConnectionsCut));
    }

    [Fact]
    public void A_udp_server_is_not_waited_for_because_its_flows_never_leave_by_weight()
    {
        var busy = There(2) with { InactiveConnections = 9 };

        var plan = Plan(DesiredTable.Empty, Holds(Pool(s_dns, busy)), Owns(s_dns, 2), DrainPolicy.UntilEmpty);

        Assert.Equal(["- udp 10.0.0.1:53/10.1.0.2:80", "- udp 10.0.0.1:53"], Lines(plan));
    }

    [Fact]
    public void A_server_that_is_wanted_out_is_taken_out_and_not_put_in()
    {
        var table = Wanted(Web(Server(1), Server(2) with { IsOut = true, Because = "in maintenance" }));

        Assert.Equal(["- web/rs2"], Lines(Plan(table, Holds(Pool(s_key, There(1), There(2))))));
        Assert.Empty(Plan(table, Holds(Pool(s_key, There(1)))).Steps);
        Assert.Equal(["+ web", "+ web/rs1"], Lines(Plan(table, [])));
    }

    [Fact]
    public void A_server_on_the_directors_own_address_is_not_changed_for_ever()
    {
        var local = There(1) with { Server = Real(1) with { Forward = ForwardingMethod.Local } };

        Assert.Empty(Plan(Wanted(Web(Server(1))), Holds(Pool(s_key, local))).Steps);
    }

    [Fact]
    public void The_plan_counts_how_many_servers_each_service_can_lose()
    {
        var table = Wanted(Web(Server(1), Server(2), Server(3, weight: 0), Server(4) with { IsOut = true }) with { MinHealthy = 1 });

        var capacity = Assert.Single(Plan(table, []).Capacity);

        Assert.Equal((2, 1), (capacity.Serving, capacity.CanLose));
    }

    [Fact]
    public void What_no_manifest_orders_is_ordered_by_address_and_port_whatever_the_kernels_order()
    {
        ServiceKey At(string address, ushort port) => ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse(address), port);
        var keys = (ServiceKey[])[At("10.0.0.2", 80), At("10.0.0.10", 9), At("10.0.0.10", 80), At("2001:db8::1", 1), ServiceKey.Marked(7)];
        var order = Enumerable.Range(1, 12).ToArray();
        var random = new Random(7);
        for (var run = 0; run < 20; run++)
        {
            random.Shuffle(order);
            var shuffled = keys.ToArray();
            random.Shuffle(shuffled);
            var pools = shuffled.Select(k => Pool(k, [.. order.Select(There)])).ToArray();
            var strange = Plan(DesiredTable.Empty, pools);
            Assert.Equal(keys, strange.Foreign.Select(f => f.Service));
            var ours = Plan(DesiredTable.Empty, pools, Ownership.Everything(pools));
            Assert.Equal(keys.SelectMany(k => Enumerable.Range(1, 12).Select(n => (k, (RealServerKey?)Real(n).Key))), ours.Steps.Where(s => s.ServerKey is not null).Select(s => (s.ServiceKey, s.ServerKey)));
            Assert.Equal(keys, ours.Steps.Where(s => s.ServerKey is null).Select(s => s.ServiceKey));
            var servers = Plan(new([new("web", new VirtualService(keys[0]), [])]), [.. pools.Where(p => p.Service.Service.Key == keys[0])]);
            Assert.Equal(Enumerable.Range(1, 12).Select(n => (RealServerKey?)Real(n).Key), servers.Foreign.Select(f => f.Server));
        }
    }

    static Plan Plan(DesiredTable desired, IReadOnlyList<ObservedPool> observed, Ownership? ownership = null, DrainPolicy? drain = null) =>
        Planner.Plan(desired, observed, ownership ?? Ownership.None, drain ?? DrainPolicy.AtOnce);

    static DesiredTable Wanted(params DesiredService[] services) => new(services);

    static DesiredService Web(params DesiredServer[] servers) => new("web", new VirtualService(s_key), servers);

    static DesiredServer Server(int n, int weight = 1) => new($"rs{n}", Real(n) with { Weight = weight });

    static RealServer Real(int n) => new(new RealServerKey(IPAddress.Parse($"10.1.0.{n}"), 80));

    static ObservedServer There(int n) => new(Real(n), 0, 0, 0, default);

    static ObservedServer Quiesced(ObservedServer server) => server with { Server = server.Server with { Weight = 0 } };

    static ObservedPool Pool(ServiceKey key, params ObservedServer[] servers) => new(new ObservedService(new VirtualService(key), default), servers);

    static ObservedPool[] Holds(params ObservedPool[] pools) => pools;

    static Ownership Owns(ServiceKey key, params int[] servers) => new([key], servers.Select(n => (key, Real(n).Key)));

    static IEnumerable<string> Lines(Plan plan) => plan.Steps.Select(s =>
    {
        var sign = s.Action switch { PlanAction.Add => '+', PlanAction.Change => '~', PlanAction.Drain => '0', _ => '-' };
        var fields = s.Action is PlanAction.Change or PlanAction.Drain ? " " + string.Join(", ", s.Fields.Select(f => $"{f.Field} {f.Before} -> {f.After}")) : "";
        return $"{sign} {s.Service}{(s.Server is null ? "" : "/" + s.Server)}{fields}";
    });
}
