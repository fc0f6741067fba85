using System.Net;
using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Tests.Ipvsadm;

/// <summary>What a scenario may begin with that no command line can make: counters and connections.</summary>
static class ScenarioTables
{
    public static void Apply(string setting, IpvsadmBench bench)
    {
        switch (setting)
        {
            case "table busy": FillBusyTable(bench); break;
            case "connections busy": bench.Connections = BusyConnections; break;
            case "connections missing": bench.Connections = null; break;
            case "connections empty": bench.Connections = ""; break;
            case "only lvsctl": break;
            default: throw new ArgumentException($"no such setting: {setting}");
        }
    }

    // In the kernel's order: services by hash, servers newest first.
    static void FillBusyTable(IpvsadmBench bench)
    {
        Service("udp", "10.9.0.9", 53, new() { Scheduler = "rr" }, new(1, 4, 8, 272, 544, 0, 0, 0, 11, 21),
            Server("10.1.0.2", 5353, ForwardingMethod.Nat, 1, 0, 1, 0, new(1, 4, 8, 272, 544, 0, 0, 0, 11, 21)));
        Service("udp", "10.9.0.9", 54, new() { Scheduler = "rr", Flags = ServiceFlags.OnePacket }, new(4, 4, 0, 272, 0, 0, 0, 0, 11, 0),
            Server("10.1.0.2", 5353, ForwardingMethod.Nat, 1, 0, 0, 0, new(4, 4, 0, 272, 0, 0, 0, 0, 11, 0)));
        Service("tcp", "2001:db8:1111:2222:3333:4444:5555:6666", 60000, new() { Scheduler = "rr", Flags = ServiceFlags.Persistent, PersistenceTimeout = 7200, Netmask = 64 }, default,
            Server("2001:db8:1111:2222:3333:4444:5555:7", 60000, ForwardingMethod.Nat, 100000, 0, 0, 0, default));
        Service("tcp", "fd00:9::9", 80, new() { Scheduler = "rr" }, new(3, 12, 9, 894, 702, 0, 0, 0, 35, 28),
            Server("fd00:1:2::2", 8080, ForwardingMethod.Nat, 1, 2, 0, 0, new(2, 8, 6, 596, 468, 0, 0, 0, 24, 18)),
            Server("fd00:1:1::2", 8080, ForwardingMethod.Nat, 1, 1, 0, 0, new(1, 4, 3, 298, 234, 0, 0, 0, 12, 9)));
        Service("tcp", "10.9.0.9", 80, new() { Scheduler = "rr" },
            new(100_000_000, 99_999_999, 999_999_999, 1_000_000_000, 99_999_999_999, 1, 179, 20, 123_456_789, 1047),
            Server("10.1.0.3", 8080, ForwardingMethod.Nat, 1, 11, 0, 0, new(11, 4471, 462, 100_000_000_000, 99_999_999_999_999, 100_000_000, 177, 18, 123_456_789_012, 958)),
            Server("10.1.0.2", 8080, ForwardingMethod.Nat, 3, 0, 10, 0, new(10, 60, 40, 100_000_000_000_000, ulong.MaxValue, 0, 2, 2, 127, 89), upper: 1000, lower: 500));
        Service("tcp", "10.9.0.9", 443, new() { Flags = ServiceFlags.Persistent, PersistenceTimeout = 300 }, new(5, 20, 15, 1090, 870, 0, 1, 1, 43, 34),
            Server("10.1.0.3", 8080, ForwardingMethod.Nat, 1, 5, 0, 1, new(5, 20, 15, 1090, 870, 0, 1, 1, 43, 34)),
            Server("10.1.0.2", 8080, ForwardingMethod.Nat, 1, 0, 0, 0, default));
        Service("tcp", "192.168.9.200", 60000, new() { Scheduler = "sh", Flags = ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2 }, default,
            Server("192.168.9.201", 60000, ForwardingMethod.Tunnel, 1, 0, 0, 0, default));
        var marked = new VirtualService(ServiceKey.Marked(12345)) { Scheduler = "lc" };
        bench.Kernel.Preload(marked, default, Server("10.1.0.2", 0, ForwardingMethod.DirectRouting, 1, 0, 0, 0, default));

        void Service(string protocol, string address, ushort port, Settings settings, TrafficStatistics traffic, params ObservedServer[] servers)
        {
            var key = ServiceKey.At(protocol == "udp" ? TransportProtocol.Udp : TransportProtocol.Tcp, IPAddress.Parse(address), port);
            var service = new VirtualService(key)
            {
                Scheduler = settings.Scheduler,
                Flags = settings.Flags,
                PersistenceTimeout = settings.PersistenceTimeout,
                Netmask = settings.Netmask ?? VirtualService.WholeAddress(key.Family),
            };
            bench.Kernel.Preload(service, traffic, servers);
        }
    }

    static ObservedServer Server(
        string address, ushort port, ForwardingMethod forward, int weight, uint active, uint inactive, uint persistent, TrafficStatistics traffic, uint upper = 0, uint lower = 0) =>
        new(new RealServer(new(IPAddress.Parse(address), port)) { Forward = forward, Weight = weight, UpperThreshold = upper, LowerThreshold = lower }, active, inactive, persistent, traffic);

    sealed record Settings
    {
        public string Scheduler { get; init; } = "wlc";

        public ServiceFlags Flags { get; init; }

        public uint PersistenceTimeout { get; init; }

        public uint? Netmask { get; init; }
    }

    const string BusyConnections = """
        Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
        TCP 0A020002 A844 0A090009 0050 0A010003 1F90 ESTABLISHED     886
        TCP 0A020002 A8CC 0A090009 0050 0A010002 1F90 TIME_WAIT       107
        TCP 0A020002 0000 0A090009 01BB 0A010003 1F90 ASSURED         287
        UDP 0A020002 8560 0A090009 0035 0A010002 14E9 UDP             300
        UDP 0A020002 13C4 0A090009 13C4 0A010002 13C4 UDP              59 sip 9lk3@10.2.0.2
        SCTP 0A020002 1628 0A090009 1628 0A010002 1628 ESTABLISHED    7200
        TCP fd00:0002:0000:0000:0000:0000:0000:0002 EB36 fd00:0009:0000:0000:0000:0000:0000:0009 0050 fd00:0001:0002:0000:0000:0000:0000:0002 1F90 ESTABLISHED     886
        TCP 2001:0db8:1111:2222:3333:4444:5555:9999 EB36 2001:0db8:1111:2222:3333:4444:5555:6666 EA60 2001:0db8:1111:2222:3333:4444:5555:0007 EA60 SYN_RECV         3
        IP  00003039 0000 00003039 0000 0A010002 0000 NONE             12

        """;
}
