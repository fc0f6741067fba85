using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Tests.Ipvs;

/// <summary>Each field against literal bytes: a fault in byte order must show even where the same code reads and writes.</summary>
public class CodecTests
{
    [Fact]
    public void A_tcp_service_is_written_as_ipvsadm_writes_it() => AssertWritten(
        writer => ChangeCodec.WriteAttributes(writer, new TableChange.AddService(
            new VirtualService(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80)) { Scheduler = "rr" })),
        "54000180",
        "06000100 0200 0000", // AF_INET, host order
        "06000200 0600 0000", // IPPROTO_TCP, host order
        "14000300 0a000001 000000000000000000000000",
        "06000400 0050 0000", // port, network order
        "07000600 727200 00",
        "0c000700 00000000 ffffffff", // flags and their mask
        "08000800 00000000",
        "08000900 ffffffff");

    [Fact]
    public void An_IPv4_netmask_is_a_mask_in_network_order() => AssertContains(
        Service(new VirtualService(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80)) { Netmask = 0xFFFFFF00 }),
        "08000900 ffffff00");

    [Fact]
    public void An_IPv6_netmask_is_a_prefix_length_in_host_order() => AssertContains(
        Service(new VirtualService(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("2001:db8::1"), 80)) { Netmask = 64 }),
        "08000900 40000000");

    [Fact]
    public void A_firewall_mark_takes_the_place_of_protocol_address_and_port() => AssertWritten(
        writer => ServiceCodec.WriteKey(writer, ServiceKey.Marked(0x01020304, IpFamily.IPv6)),
        "14000180", "06000100 0a00 0000", "08000500 04030201");

    [Fact]
    public void Flags_are_sent_with_the_mask_of_those_that_may_change() => AssertContains(
        writer => ChangeCodec.WriteAttributes(writer, new TableChange.SetService(
            new VirtualService(ServiceKey.Marked(1)) { Flags = ServiceFlags.Scheduler1 }, ServiceFlags.SchedulerFlags)),
        "0c000700 08000000 38000000");

    [Fact]
    public void A_persistence_engine_and_a_timeout_are_sent_when_given() => AssertContains(
        Service(new VirtualService(ServiceKey.Marked(1)) { PersistenceEngine = "sip", PersistenceTimeout = 360, Flags = ServiceFlags.Persistent }),
        "08000b00 73697000", "08000800 68010000");

    [Fact]
    public void A_gue_tunnel_sends_type_port_and_checksum() => AssertWritten(
        writer => RealServerCodec.Write(writer, new RealServer(new RealServerKey(IPAddress.Parse("10.1.0.1"), 8080))
        {
            Forward = ForwardingMethod.Tunnel,
            Weight = 3,
            UpperThreshold = 500,
            LowerThreshold = 400,
            Tunnel = new Tunnel(TunnelType.Gue, 6080, TunnelChecksum.RemoteChecksum),
        }),
        "60000280",
        "06000b00 0200 0000",
        "14000100 0a010001 000000000000000000000000",
        "06000200 1f90 0000", // port, network order
        "08000300 02000000",
        "08000400 03000000",
        "08000500 f4010000",
        "08000600 90010000",
        "05000d00 01 000000",
        "06000e00 17c0 0000", // tunnel port, network order
        "06000f00 0200 0000"); // flags, host order

    [Fact]
    public void A_sync_daemon_sends_only_what_was_asked_for_and_its_port_in_host_order() => AssertWritten(
        writer => SyncDaemonCodec.Write(writer, new SyncDaemon(SyncState.Backup, "eth0")
        {
            SyncId = 7, MaxMessageLength = 1400, Group = IPAddress.Parse("224.0.0.99"), Port = 9000, Ttl = 5,
        }),
        "40000380", "08000100 02000000", "09000200 6574683000 000000", "08000300 07000000",
        "06000400 7805 0000", "08000500 e0000063", "06000700 2823 0000", "05000800 05 000000");

    [Fact]
    public void Timeouts_are_three_numbers_in_seconds() => AssertWritten(
        writer => ChangeCodec.WriteAttributes(writer, new TableChange.SetTimeouts(new ConnectionTimeouts(900, 120, 300))),
        "08000400 84030000", "08000500 78000000", "08000600 2c010000");

    [Fact]
    public void Attributes_are_understood_in_any_order_with_unknown_ones_between()
    {
        var service = ServiceCodec.Read(new AttributeReader(Hex(
            "84000100",
            "08000900 ffffff00", "0c000700 03000000 ffffffff", "0700ff3f 000000 00",
            "06000400 01bb 0000", "08000800 2c010000", "14000300 0a090909 000000000000000000000000",
            "08000600 776c6300", "08000b00 73697000", "06000200 0600 0000", "06000100 0200 0000",
            // STATS64: connections 2^32+1, an empty padding attribute, bytes in 2^40
            "20000c00 0c000100 0100000001000000 04000b00 0c000400 0000000000010000")));

        Assert.NotNull(service);
        Assert.Equal(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.9.9.9"), 443), service.Service.Key);
        Assert.Equal(0xFFFFFF00u, service.Service.Netmask);
        Assert.Equal(ServiceFlags.Persistent, service.Service.Flags); // the kernel's HASHED is its own
        Assert.Equal((300u, "wlc", "sip"), (service.Service.PersistenceTimeout, service.Service.Scheduler, service.Service.PersistenceEngine));
        Assert.Equal((1UL << 32) + 1, service.Statistics.Connections);
        Assert.Equal(1UL << 40, service.Statistics.InBytes);
    }

    [Fact]
    public void The_64_bit_counters_win_whichever_comes_first()
    {
        const string Narrow = "0c000a00 08000100 05000000";
        const string Wide = "10000c00 0c000100 0500000001000000";
        const string Rest = "06000100 0200 0000 08000500 07000000 07000600 727200 00";

        foreach (var order in new[] { Narrow + Wide, Wide + Narrow })
        {
            var service = ServiceCodec.Read(new AttributeReader(Hex("38000100", Rest, order)));
            Assert.Equal((1UL << 32) + 5, service!.Statistics.Connections);
        }
        var old = ServiceCodec.Read(new AttributeReader(Hex("28000100", Rest, Narrow)));
        Assert.Equal(5UL, old!.Statistics.Connections);
    }

    [Fact]
    public void A_server_without_a_family_has_its_services()
    {
        var server = RealServerCodec.Read(new AttributeReader(Hex("20000200", "14000100 20010db8000000000000000000000001", "06000200 0050 0000")), IpFamily.IPv6);

        Assert.Equal(new RealServerKey(IPAddress.Parse("2001:db8::1"), 80), server!.Server.Key);
    }

    [Theory]
    [InlineData("10000100 06000100 0200 0000 0600 0600", "an attribute that does not fit")]
    [InlineData("0c000100 06000100 0200 0000", "no address")]
    [InlineData("18000100 06000100 6300 0000 08000500 07000000 04000600", "an unknown family")]
    [InlineData("10000100 06000100 0200 0000 05000900 ff000000", "a netmask of one byte")]
    public void A_garbled_service_is_refused(string hex, string because)
    {
        var thrown = false;
        try
        {
            ServiceCodec.Read(new AttributeReader(Hex(hex)));
        }
        catch (NetlinkException)
        {
            thrown = true;
        }
        Assert.True(thrown, because);
    }

    static Action<MessageWriter> Service(VirtualService service) => writer => ServiceCodec.Write(writer, service, (ServiceFlags)uint.MaxValue);

    static void AssertWritten(Action<MessageWriter> write, params string[] expected) =>
        Assert.Equal(Convert.ToHexString(Hex(expected)), Written(write));

    static void AssertContains(Action<MessageWriter> write, params string[] expected)
    {
        foreach (var part in expected) Assert.Contains(Convert.ToHexString(Hex(part)), Written(write));
    }

    static string Written(Action<MessageWriter> write)
    {
        var writer = new MessageWriter();
        write(writer);
        return Convert.ToHexString(writer.Written);
    }

    static byte[] Hex(params string[] parts) => Convert.FromHexString(string.Concat(parts).Replace(" ", ""));
}
