using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Tests.Health;

public class ProbePlanTests
{
    static readonly CheckSpec s_web = new("web", new ProbeSpec.Http());
    static readonly CheckSpec s_port = new("port", new ProbeSpec.Tcp());
    static readonly CheckSpec s_ping = new("ping", new ProbeSpec.Icmp());

    [Fact]
    public void Services_that_share_a_check_and_a_server_share_the_probe()
    {
        var check = s_web with { Port = 8080 };
        var plan = Plan(Service("a", check, "tcp 10.0.0.1:80", "tcp 10.0.0.1:443"), Service("b", check with { }, "tcp 10.0.0.2:80"));

        Assert.Equal(["web (http) at 10.1.0.1:8080", "web (http) at 10.1.0.2:8080"], Texts(plan));
        Assert.Equal([new(0, 0), new(1, 0), new(2, 0)], plan.UsesOf(0).ToArray());
        Assert.Equal([new(0, 1), new(1, 1), new(2, 1)], plan.UsesOf(1).ToArray());
    }

    [Fact]
    public void Each_key_of_a_service_asks_its_own_port() =>
        Assert.Equal(
            ["web (http) at 10.1.0.1:80", "web (http) at 10.1.0.2:80", "web (http) at 10.1.0.1:8443", "web (http) at 10.1.0.2:8443"],
            Texts(Plan(Service("a", s_web, "tcp 10.0.0.1:80", "tcp 10.0.0.1:8443"))));

    [Theory]
    [InlineData("tcp 10.0.0.1:80", ForwardingMethod.DirectRouting, null, null, 80)]
    [InlineData("tcp 10.0.0.1:80", ForwardingMethod.Nat, (ushort)8080, null, 8080)]
    [InlineData("tcp 10.0.0.1:80", ForwardingMethod.Nat, (ushort)8080, (ushort)9000, 9000)]
    [InlineData("tcp 10.0.0.1:0", ForwardingMethod.DirectRouting, null, null, 3306)]
    [InlineData("fwmark 7", ForwardingMethod.DirectRouting, null, null, 3306)]
    [InlineData("fwmark 7", ForwardingMethod.Tunnel, (ushort)99, null, 99)]
    [InlineData("fwmark 7", ForwardingMethod.Tunnel, (ushort)99, (ushort)100, 100)]
    public void The_checks_port_comes_first_then_the_servers_then_the_usual_one(string service, ForwardingMethod forward, ushort? serverPort, ushort? checkPort, int asked)
    {
        var check = new CheckSpec("db", new ProbeSpec.MySql()) { Port = checkPort };
        var server = new ServerSpec("rs1", IPAddress.Parse("10.1.0.1")) { Forward = new(forward), Port = serverPort };

        var plan = Plan(Service("a", check, service) with { Servers = [server] });

        Assert.Equal(asked, Assert.Single(plan.Targets).Port);
    }

    [Fact]
    public void A_probe_that_needs_no_port_has_none_and_the_checks_address_replaces_the_servers() =>
        Assert.Equal(["ping (icmp) at 10.9.9.9"], Texts(Plan(Service("a", s_ping with { Address = IPAddress.Parse("10.9.9.9"), Port = 7 }, "tcp 10.0.0.1:80"))));

    [Fact]
    public void Through_the_virtual_address_each_server_has_a_way_of_its_own_whatever_its_weight()
    {
        var service = Service("a", s_web with { ThroughVip = true }, "tcp 10.0.0.1:80");
        service = service with { Servers = [.. service.Servers.Select(s => s with { Weight = 0, UpperThreshold = 5 })] };

        var plan = Plan(service);

        Assert.Equal(["web (http) at 10.0.0.1:80 through 10.1.0.1", "web (http) at 10.0.0.1:80 through 10.1.0.2"], Texts(plan));
        Assert.Equal(["10.1.0.1:80", "10.1.0.2:80"], plan.Targets.Select(t => t.Path!.Server.Key.ToString()));
        Assert.All(plan.Targets, t => Assert.Equal((1, 0u), (t.Path!.Server.Weight, t.Path.Server.UpperThreshold)));
        Assert.NotEqual(plan.KeyOf(0), plan.KeyOf(1));
    }

    [Fact]
    public void A_firewall_mark_has_no_virtual_address_to_go_through() =>
        Assert.Contains("check 'web' goes through the virtual address, and fwmark 7 has none",
            Assert.Throws<ArgumentException>(() => Plan(Service("a", s_web with { ThroughVip = true }, "fwmark 7"))).Message);

    [Fact]
    public void Members_of_combinations_are_probed_once_each()
    {
        var both = new CheckSpec("both", new ProbeSpec.All([s_web, new CheckSpec("either", new ProbeSpec.Any([s_ping, s_web]))]));

        var plan = Plan(Service("a", both, "tcp 10.0.0.1:80") with { Servers = [new("rs1", IPAddress.Parse("10.1.0.1"))] });

        Assert.Equal(["web (http) at 10.1.0.1:80", "ping (icmp) at 10.1.0.1"], Texts(plan));
        Assert.Equal([new(0, 0)], plan.UsesOf(0).ToArray());
    }

    [Fact]
    public void A_servers_own_check_replaces_the_services_and_the_fallback_is_probed_only_by_its_own()
    {
        var service = Service("a", s_web, "tcp 10.0.0.1:80") with { Fallback = Rig.Sorry };
        service = service with { Servers = [service.Servers[0] with { Check = s_port }, service.Servers[1]] };

        Assert.Equal(["port (tcp) at 10.1.0.1:80", "web (http) at 10.1.0.2:80"], Texts(Plan(service)));

        var plan = Plan(service with { Fallback = Rig.Sorry with { Check = s_port } });
        Assert.Equal("port (tcp) at 10.1.0.99:80", Texts(plan)[2]);
        Assert.Equal("fallback", plan.NameOf(plan.UsesOf(2)[0]));
    }

    [Fact]
    public void Servers_without_a_check_are_well() => Assert.Empty(Plan(Service("a", null, "tcp 10.0.0.1:80")).Targets);

    [Theory]
    [MemberData(nameof(Combinations))]
    public void A_combination_is_as_well_as_its_members(string kind, string members, HealthState expected)
    {
        var leaves = members.Select((_, i) => (HealthNode)new HealthNode.Leaf(i)).ToArray();
        var trackers = members.Select(c => new HealthTracker(c switch { 'U' => HealthState.Up, 'D' => HealthState.Down, _ => HealthState.Unknown }, default)).ToArray();

        Assert.Equal(expected, (kind == "all" ? (HealthNode)new HealthNode.All(leaves) : new HealthNode.Any(leaves)).Judge(trackers));
    }

    public static TheoryData<string, string, HealthState> Combinations => new()
    {
        { "all", "UU", HealthState.Up },
        { "all", "UD", HealthState.Down },
        { "all", "?D", HealthState.Down },
        { "all", "U?", HealthState.Unknown },
        { "any", "UD", HealthState.Up },
        { "any", "?U", HealthState.Up },
        { "any", "DD", HealthState.Down },
        { "any", "D?", HealthState.Unknown },
    };

    [Fact]
    public void A_targets_key_stays_when_only_times_change_and_not_when_another_question_is_asked()
    {
        string Key(CheckSpec check) => Plan(Service("a", check, "tcp 10.0.0.1:80")).KeyOf(0);

        var key = Key(s_web);
        Assert.StartsWith("web http 10.1.0.1:80 #", key);
        Assert.Equal(key, Key(s_web with { Every = TimeSpan.FromHours(1), Timeout = TimeSpan.FromSeconds(1), Rise = 9, Fall = 9, Start = StartState.Up, Flap = new(2, default, default) }));
        Assert.NotEqual(key, Key(s_web with { Probe = new ProbeSpec.Http { Path = "/health" } }));
        Assert.NotEqual(key, Key(s_web with { Source = new(null, "eth1") }));
        Assert.NotEqual(key, Key(s_web with { Name = "web2" }));
        // Part of the state on disk: another value forgets every server's health once.
        Assert.Equal("port tcp 10.1.0.1:80 #c84da598", Key(s_port));
    }

    [Fact]
    public void A_key_is_found_again() => Assert.Equal(
        [1, -1],
        new[] { Plan(Service("a", s_web, "tcp 10.0.0.1:80")) }.SelectMany(p => new[] { p.IndexOf(p.KeyOf(1)), p.IndexOf("web http 10.1.0.7:80 #0") }));

    [Fact]
    public void Another_manifests_targets_are_found_wherever_they_are_now()
    {
        var before = Plan(Service("a", s_web, "tcp 10.0.0.1:80"), Service("b", s_port, "tcp 10.0.0.2:80"));
        var after = Plan(Service("b", s_port with { Every = TimeSpan.FromHours(1) }, "tcp 10.0.0.2:80"), Service("a", s_web with { Probe = new ProbeSpec.Http { Path = "/health" } }, "tcp 10.0.0.1:80"));

        Assert.All(Enumerable.Range(0, before.Targets.Count), i => Assert.Equal(after.IndexOf(before.KeyOf(i)), after.IndexOf(before, i)));
        Assert.Contains(Enumerable.Range(0, before.Targets.Count), i => after.IndexOf(before, i) < 0);
        Assert.Contains(Enumerable.Range(0, before.Targets.Count), i => after.IndexOf(before, i) is >= 0 and var found && found != i);
    }

    [Fact]
    public void A_hundred_thousand_servers_are_planned_without_quadratic_work()
    {
        var services = Enumerable.Range(0, 10_000).Select(i => new ServiceSpec($"s{i}")
        {
            Listen = [ServiceKey.At(TransportProtocol.Tcp, new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), 80)],
            Check = s_web,
            Servers = [.. Enumerable.Range(0, 10).Select(j => new ServerSpec($"rs{j}", new IPAddress([10, (byte)(1 + j), (byte)(i >> 8), (byte)i])))],
        });

        var plan = ProbePlan.Of(new() { Services = services.ToValueList() });

        Assert.Equal(100_000, plan.Targets.Count);
        Assert.Equal(100_000, Enumerable.Range(0, 100_000).Select(plan.HashOf).Distinct().Count());
    }

    static ProbePlan Plan(params ServiceSpec[] services) => ProbePlan.Of(new() { Services = [.. services] });

    static string[] Texts(ProbePlan plan) => [.. plan.Targets.Select(t => t.ToString())];

    static ServiceSpec Service(string name, CheckSpec? check, params string[] listen) => new(name)
    {
        Listen = [.. listen.Select(l => KeyText.TryReadService(l, out var key) ? key : throw new FormatException(l))],
        Check = check,
        Servers = [new("rs1", IPAddress.Parse("10.1.0.1")), new("rs2", IPAddress.Parse("10.1.0.2"))],
    };
}
