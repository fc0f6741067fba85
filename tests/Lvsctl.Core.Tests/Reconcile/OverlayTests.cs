using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Tests.Reconcile;

public class OverlayTests
{
    static readonly ServiceKey s_tcp = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);
    static readonly ServiceKey s_udp = ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("10.0.0.1"), 53);
    static readonly DateTimeOffset s_start = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Without_intents_the_manifest_stands()
    {
        var table = Table(s_tcp);
        Assert.Same(table, Overlay.Lay([], table, [], s_start));
    }

    [Fact]
    public void A_drained_server_has_weight_0_while_connections_are_open()
    {
        var server = Lay(Drain(), s_tcp, There(active: 2, inactive: 5));

        Assert.Equal((0, false), (server.Server.Weight, server.IsOut));
        Assert.Equal("draining since 2026-11-22T10:00:00Z, until 2026-11-22T10:10:00Z at the latest (2 active, 5 inactive)", server.Because);
    }

    [Fact]
    public void A_drained_server_is_out_once_its_connections_have_ended() =>
        Assert.True(Lay(Drain(), s_tcp, There() with { Server = Real with { Weight = 0 } }).IsOut);

    [Fact]
    public void A_server_that_still_gets_connections_is_not_out_even_if_it_has_none()
    {
        var server = Lay(Drain(), s_tcp, There());

        Assert.Equal((0, false), (server.Server.Weight, server.IsOut));
    }

    [Fact]
    public void Persistence_templates_hold_a_drain_because_they_send_new_connections()
    {
        var server = Lay(Drain(), s_tcp, There(persistent: 1));

        Assert.False(server.IsOut);
        Assert.Contains("1 persistence templates", server.Because);
    }

    [Fact]
    public void A_drain_ends_at_its_deadline_whatever_is_open()
    {
        var intent = Drain();

        Assert.False(Lay(intent, s_tcp, There(active: 2), s_start.AddMinutes(10).AddTicks(-1)).IsOut);
        Assert.True(Lay(intent, s_tcp, There(active: 2), s_start.AddMinutes(10)).IsOut);
    }

    [Fact]
    public void A_drain_that_holds_keeps_weight_0_for_ever()
    {
        var server = Lay(Drain() with { Then = DrainEnd.Hold }, s_tcp, There(), s_start.AddDays(1));

        Assert.Equal((0, false), (server.Server.Weight, server.IsOut));
    }

    [Fact]
    public void A_udp_server_goes_at_once_because_waiting_ends_nothing() => Assert.True(Lay(Drain(), s_udp, There(inactive: 7)).IsOut);

    [Fact]
    public void A_server_in_maintenance_is_out_even_when_it_is_drained_or_has_a_weight_too()
    {
        var maintain = new Intent(IntentKind.Maintain, "rs1", null, s_start);
        var weight = new Intent(IntentKind.Weight, "rs1", null, s_start) { Weight = 9 };

        Assert.True(Overlay.Lay([weight, Drain(), maintain], Table(s_tcp), [Pool(s_tcp, There(active: 1))], s_start).Services[0].Servers[0].IsOut);
    }

    [Fact]
    public void A_weight_replaces_the_manifests_and_the_last_one_holds()
    {
        Intent[] intents = [new(IntentKind.Weight, "rs1", null, s_start) { Weight = 9 }, new(IntentKind.Weight, "rs1", "web", s_start) { Weight = 3 }];

        var server = Overlay.Lay(intents, Table(s_tcp), [], s_start).Services[0].Servers[0];

        Assert.Equal((3, "weight set to 3 at 2026-11-22T10:00:00Z"), (server.Server.Weight, server.Because));
    }

    [Theory]
    [InlineData("rs1", "web", true)]
    [InlineData("rs1", null, true)]
    [InlineData("rs1", "mail", false)]
    [InlineData("rs2", null, false)]
    public void An_intent_concerns_the_server_that_it_names(string server, string? service, bool concerns)
    {
        var intent = new Intent(IntentKind.Maintain, server, service, s_start);

        Assert.Equal(concerns, Overlay.Lay([intent], Table(s_tcp), [], s_start).Services[0].Servers[0].IsOut);
    }

    static DesiredServer Lay(Intent intent, ServiceKey key, ObservedServer there, DateTimeOffset? now = null) =>
        Overlay.Lay([intent], Table(key), [Pool(key, there)], now ?? s_start).Services[0].Servers[0];

    static Intent Drain() => new(IntentKind.Drain, "rs1", null, s_start) { Deadline = s_start.AddMinutes(10) };

    static DesiredTable Table(ServiceKey key) => new([new DesiredService("web", new VirtualService(key), [new DesiredServer("rs1", Real)])]);

    static RealServer Real => new(new RealServerKey(IPAddress.Parse("10.1.0.1"), 80));

    static ObservedServer There(uint active = 0, uint inactive = 0, uint persistent = 0) => new(Real, active, inactive, persistent, default);

    static ObservedPool Pool(ServiceKey key, ObservedServer server) => new(new ObservedService(new VirtualService(key), default), [server]);
}
