using System.Net;
using System.Text.Json;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

public sealed class ExportTests : IDisposable
{
    readonly ManifestBench _bench = new();

    public void Dispose() => _bench.Dispose();

    VerbRun Export(string args = "") => VerbRun.Of($"export {args}", _bench.Workplace);

    static ServiceKey Tcp(string address, ushort port) => ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse(address), port);

    void Preload(VirtualService service, params RealServer[] servers) =>
        _bench.Kernel.Preload(service, default, [.. servers.Select(s => new ObservedServer(s, 1, 2, 3, default))]);

    static RealServer Server(string address, ushort port, ForwardingMethod forward = ForwardingMethod.DirectRouting) => new(new(IPAddress.Parse(address), port)) { Forward = forward };

    [Fact]
    public void A_table_is_written_with_names_made_of_its_addresses_in_an_order_that_stays()
    {
        _bench.Kernel.Timeouts = new(60, 120, 300);
        Preload(new VirtualService(ServiceKey.Marked(7, IpFamily.IPv6)) { Scheduler = "mh", Flags = ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2 },
            Server("2001:db8::2", 0), Server("10.1.0.1", 0, ForwardingMethod.Tunnel) with { Tunnel = new(TunnelType.Gue, 5555, TunnelChecksum.RemoteChecksum) });
        Preload(new VirtualService(Tcp("10.0.0.1", 0)) { Flags = ServiceFlags.Persistent, PersistenceTimeout = 300, Netmask = 0xFFFFFF00 });
        Preload(new VirtualService(Tcp("10.0.0.1", 80)) { Scheduler = "rr" },
            Server("10.1.0.2", 8080, ForwardingMethod.Nat) with { Weight = 0, UpperThreshold = 10, LowerThreshold = 5 },
            Server("10.1.0.2", 80, ForwardingMethod.Nat), Server("10.1.0.1", 80, ForwardingMethod.Nat));
        var run = Export();
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal("""
            # lvsctl export of the kernel's table, 1970-01-01T00:00:00Z.
            # The names are made of the addresses: choose better ones, and the kernel's table stays as it is.
            #
            settings:
              timeouts: { tcp: 1m, tcp-fin: 2m, udp: 5m }

            services:
              tcp-10-0-0-1-all:
                listen: "tcp 10.0.0.1:*"
                scheduler: wlc
                forward: dr
                persistence: { timeout: 5m, netmask: 255.255.255.0 }
                servers: {}
              tcp-10-0-0-1-80:
                listen: "tcp 10.0.0.1:80"
                scheduler: rr
                forward: nat
                servers:
                  rs-10-1-0-1: 10.1.0.1
                  rs-10-1-0-2-80: 10.1.0.2
                  rs-10-1-0-2-8080: { address: 10.1.0.2, port: 8080, weight: 0, connections: { upper: 10, lower: 5 } }
              fwmark-7-ipv6:
                listen: "fwmark 7 ipv6"
                scheduler: { mh: { port: true, fallback: true } }
                forward: { tun: { kind: gue, port: 5555, checksum: remote } }
                servers:
                  rs-10-1-0-1: 10.1.0.1
                  rs-2001-db8--2: { address: "2001:db8::2", forward: dr }

            """, run.Output);
    }

    [Fact]
    public void An_empty_table_is_a_manifest_too()
    {
        _bench.Manifest = Export().Output;
        Assert.Equal(0, _bench.Run("plan --detailed-exitcode").Code);
    }

    [Fact]
    public void What_is_exported_plans_to_nothing_against_the_same_kernel()
    {
        const int Seed = 20261122;
        for (var run = 0; run < 500; run++)
        {
            _bench.Kernel.Services.Clear();
            using (var client = new IpvsClient(_bench.Kernel.Connect()))
            {
                var table = new RandomTables(new Random(Seed + run)).Next();
                Assert.Empty(client.Apply([.. Planner.Plan(table, [], Ownership.None, DrainPolicy.AtOnce).Steps.Select(s => s.Change)]));
            }
            var exported = Export();
            _bench.Manifest = exported.Output;
            var plan = _bench.Run("plan --detailed-exitcode --json");
            var where = $"seed {Seed + run}:\n{exported.Output}\n{plan.Output}{plan.Error}";
            Assert.True((exported.Code, exported.Error, plan.Code) == (0, "", 0), where);
            using var document = JsonDocument.Parse(plan.Output);
            Assert.True(document.RootElement.GetProperty("foreign").GetArrayLength() == 0, where);
        }
    }

    [Fact]
    public void What_no_manifest_can_say_is_a_comment_and_a_warning()
    {
        Preload(new VirtualService(Tcp("10.0.0.1", 80)), Server("10.1.0.1", 8080), Server("10.1.0.2", 80), Server("10.1.0.2", 81), Server("10.1.0.3", 9, ForwardingMethod.Bypass));
        Preload(new VirtualService(Tcp("10.0.0.2", 80)) { Flags = ServiceFlags.OnePacket | ServiceFlags.Persistent, PersistenceTimeout = 60, Netmask = 0, PersistenceEngine = "sip" });
        Preload(new VirtualService(Tcp("0.0.0.0", 80)));
        var run = Export();
        Assert.Equal(0, run.Code);
        string[] remarks =
        [
            "tcp 0.0.0.0:80 is left out: 0.0.0.0/8 means this network",
            "the kernel has 10.1.0.1:8080, but sends packets to port 80",
            "server 10.1.0.2:81 is left out: the kernel ignores its port, and there is 10.1.0.2:80 already",
            "server 10.1.0.3:9 is left out: the kernel uses a way to forward that nobody can ask for",
            "persistence engine 'sip' is left out: only sip over UDP works",
            "the kernel's netmask 0.0.0.0, which sends all clients to one server, is left out",
            "one-packet is left out: it breaks whatever is not UDP",
        ];
        Assert.All(remarks, remark =>
        {
            Assert.Contains($"# {remark}\n", run.Output);
            Assert.Contains($"{remark}\n", run.Error);
        });
        Assert.Equal(remarks.Length, run.Error.TrimEnd().Split('\n').Length);
        Assert.All(run.Error.TrimEnd().Split('\n'), line => Assert.StartsWith("lvsctl: warning: ", line));
        _bench.Manifest = run.Output;
        Assert.Equal(0, _bench.Run("plan").Code);
    }

    [Fact]
    public void A_server_on_the_director_itself_plans_to_nothing()
    {
        Preload(new VirtualService(Tcp("10.0.0.1", 80)), Server("10.0.0.1", 8080, ForwardingMethod.Local), Server("10.0.0.1", 80, ForwardingMethod.Local));
        _bench.Manifest = Export().Output;
        Assert.Equal(0, _bench.Run("plan --detailed-exitcode").Code);
    }

    [Fact]
    public void A_saved_table_becomes_the_manifest_that_restoring_it_would_need()
    {
        var saved = _bench.FilePath("ipvsadm.rules");
        File.WriteAllText(saved, """
            # ipvsadm.rules

            -A -t 10.0.0.1:80 -s wrr -p 300
            -a -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 3 -x 10 -y 5
            ipvsadm -A -f 7 -6 -s sh -b sh-port
            -a -f 7 -6 -r [2001:db8::1]:0 -i -w 1 --tun-type gre --tun-csum
            --set 60 0 30
            --start-daemon master --mcast-interface eth0
            """);
        var run = Export($"--from {saved}");
        Assert.Equal((0, "lvsctl: warning: the master sync daemon on eth0 is left out: connection sync belongs to a virtual router (vrrp)\n"), (run.Code, run.Error));
        Assert.Contains("  timeouts: { tcp: 1m, udp: 30s }\n", run.Output);
        Assert.Contains("""
              tcp-10-0-0-1-80:
                listen: "tcp 10.0.0.1:80"
                scheduler: wrr
                forward: nat
                persistence: 5m
                servers:
                  rs-10-1-0-1: { address: 10.1.0.1, port: 8080, weight: 3, connections: { upper: 10, lower: 5 } }
              fwmark-7-ipv6:
                listen: "fwmark 7 ipv6"
                scheduler: { sh: { port: true } }
                forward: { tun: { kind: gre, checksum: csum } }
                servers:
                  rs-2001-db8--1: "2001:db8::1"

            """, run.Output);
        Assert.Empty(_bench.Kernel.Commands);
    }

    [Fact]
    public void Bad_lines_of_a_saved_table_are_all_named_with_code_3()
    {
        var saved = _bench.FilePath("bad.rules");
        File.WriteAllText(saved, """
            -A -t 10.0.0.1:80
            -A -t 10.0.0.1:80
            -a -t 10.0.0.2:80 -r 10.1.0.1
            -a -t 10.0.0.1:80 -r 10.1.0.1 -w many
            nonsense
            -C
            """);
        var run = Export($"--from {saved}");
        Assert.Equal((3, ""), (run.Code, run.Output));
        Assert.Equal(
            [
                $"{saved}:2: error: there is a service tcp 10.0.0.1:80 already",
                $"{saved}:3: error: no line before this one adds the service tcp 10.0.0.2:80",
                $"{saved}:4: error: illegal weight specified",
                $"{saved}:5: error: 'nonsense' is no command of ipvsadm",
                $"{saved}:6: error: a saved table has lines of -A, -a, --set and --start-daemon only",
                $"lvsctl: {saved} has 5 errors; nothing was written",
            ], run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void A_file_is_written_whole_or_not_at_all()
    {
        var path = _bench.FilePath("out.yaml");
        File.WriteAllText(path, "old");
        Preload(new VirtualService(Tcp("10.0.0.1", 80)), Server("10.1.0.1", 80));
        Assert.Equal(7, VerbRun.Of($"export --output {path}", new FakeKernel { HasIpvs = false }).Code);
        Assert.Equal("old", File.ReadAllText(path));
        var run = Export($"--output {path}");
        Assert.Equal((0, "", ""), (run.Code, run.Output, run.Error));
        Assert.Equal(Export().Output, File.ReadAllText(path));
        Assert.Equal(1, Export("--output /nowhere/at/all").Code);
        Assert.Equal(1, Export("--from /nowhere").Code);
    }
}
