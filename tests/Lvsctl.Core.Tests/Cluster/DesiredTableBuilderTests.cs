using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Tests.Cluster;

public class DesiredTableBuilderTests
{
    static readonly IPAddress Vip = IPAddress.Parse("192.0.2.1");
    static readonly IPAddress Server = IPAddress.Parse("10.0.0.1");

    static ServiceSpec Service(params ServiceKey[] listen) => new("web") { Listen = [.. listen], Servers = [new("rs1", Server)] };

    [Fact]
    public void A_service_stands_once_for_each_key_it_listens_on_under_one_name()
    {
        var table = DesiredTableBuilder.Build(new() { Services = [Service(ServiceKey.At(TransportProtocol.Tcp, Vip, 80), ServiceKey.At(TransportProtocol.Tcp, Vip, 443))] });

        Assert.Equal(["web tcp 192.0.2.1:80", "web tcp 192.0.2.1:443"], table.Services.Select(s => $"{s.Name} {s.Service.Key}"));
        Assert.Equal(["rs1 10.0.0.1:80", "rs1 10.0.0.1:443"], table.Services.Select(s => $"{s.Servers[0].Name} {s.Servers[0].Server.Key}"));
    }

    [Theory]
    [InlineData(ForwardingMethod.Nat, 8080)]
    [InlineData(ForwardingMethod.DirectRouting, 80)]
    [InlineData(ForwardingMethod.Tunnel, 80)]
    public void Only_NAT_changes_the_port(ForwardingMethod method, int port)
    {
        var server = new ServerSpec("rs1", Server) { Port = 8080, Forward = new(method) };

        Assert.Equal(port, DesiredTableBuilder.Server(server, ServiceKey.At(TransportProtocol.Tcp, Vip, 80)).Key.Port);
    }

    [Fact]
    public void Behind_a_firewall_mark_the_port_is_the_server_s_or_none()
    {
        var mark = ServiceKey.Marked(7);

        Assert.Equal(0, DesiredTableBuilder.Port(new("a", Server), mark));
        Assert.Equal(8080, DesiredTableBuilder.Port(new("a", Server) { Port = 8080 }, mark));
    }

    [Fact]
    public void Persistence_one_packet_and_scheduler_flags_become_the_kernel_s_flags()
    {
        var key = ServiceKey.At(TransportProtocol.Udp, Vip, 53);
        var service = Service(key) with
        {
            Scheduler = new("sh", ServiceFlags.Scheduler2),
            OnePacket = true,
            Persistence = new(TimeSpan.FromMinutes(5)) { Netmask = 0xFFFFFF00, Engine = "sip" },
        };

        Assert.Equal(new VirtualService(key)
        {
            Scheduler = "sh",
            Flags = ServiceFlags.Persistent | ServiceFlags.OnePacket | ServiceFlags.Scheduler2,
            PersistenceTimeout = 300,
            Netmask = 0xFFFFFF00,
            PersistenceEngine = "sip",
        }, DesiredTableBuilder.Service(service, key));
        Assert.Equal(new VirtualService(key), DesiredTableBuilder.Service(Service(key), key));
    }

    [Fact]
    public void A_server_keeps_weight_thresholds_and_tunnel()
    {
        var server = new ServerSpec("rs1", Server)
        {
            Weight = 7, UpperThreshold = 500, LowerThreshold = 400, Forward = new(ForwardingMethod.Tunnel, new(TunnelType.Gue, 5555, TunnelChecksum.Checksum)),
        };

        Assert.Equal(new RealServer(new(Server, 80))
        {
            Weight = 7, UpperThreshold = 500, LowerThreshold = 400, Forward = ForwardingMethod.Tunnel, Tunnel = new(TunnelType.Gue, 5555, TunnelChecksum.Checksum),
        }, DesiredTableBuilder.Server(server, ServiceKey.At(TransportProtocol.Tcp, Vip, 80)));
    }
}
