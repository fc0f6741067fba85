using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Manifests.Tests;

public class ReaderTests
{
    static ClusterSpec Read(string yaml)
    {
        var result = ManifestReader.Read(ManifestSource.Of("test.yaml", yaml));
        Assert.Empty(result.Errors);
        return result.Cluster!;
    }

    static ServiceSpec Service(string keys, string servers = "a: 10.0.0.1") => Read($"services: {{ web: {{ listen: tcp 192.0.2.1:80, servers: {{ {servers} }}{(keys.Length > 0 ? ", " + keys : "")} }} }}").Services[0];

    [Fact]
    public void Everything_that_is_left_out_has_its_default()
    {
        var service = Service("");

        Assert.Equal(new ServiceSpec("web")
        {
            Listen = [ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("192.0.2.1"), 80)],
            Scheduler = new("wlc"),
            Forward = new(ForwardingMethod.DirectRouting),
            Servers = [new("a", IPAddress.Parse("10.0.0.1")) { Weight = 1 }],
        }, service);
        Assert.Equal(new ClusterSpec(), Read("services: {}"));
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("2s", 2000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("1s500ms", 1500)]
    public void Durations_have_units(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Read($"checks: {{ a: {{ tcp: {{}}, every: {text} }} }}").Checks[0].Every);

    [Theory]
    [InlineData("tcp 192.0.2.1:80", "tcp 192.0.2.1:80")]
    [InlineData("tcp 192.0.2.1:80,443", "tcp 192.0.2.1:80 tcp 192.0.2.1:443")]
    [InlineData("udp 192.0.2.1:8000-8002", "udp 192.0.2.1:8000 udp 192.0.2.1:8001 udp 192.0.2.1:8002")]
    [InlineData("sctp [2001:db8::1]:80", "sctp [2001:db8::1]:80")]
    [InlineData("fwmark 4294967295", "fwmark 4294967295")]
    [InlineData("fwmark 7 ipv6", "fwmark 7 ipv6")]
    public void A_listen_is_one_or_several_keys(string text, string keys)
    {
        var server = text.Contains("db8", StringComparison.Ordinal) || text.EndsWith("ipv6", StringComparison.Ordinal) ? "2001:db8::9" : "10.0.0.1";
        var service = Read($"services: {{ web: {{ listen: \"{text}\", servers: {{ a: \"{server}\" }} }} }}").Services[0];

        Assert.Equal(keys, string.Join(' ', service.Listen));
    }

    [Theory]
    [InlineData("10.0.0.[11-13]", "mx-11=10.0.0.11 mx-12=10.0.0.12 mx-13=10.0.0.13")]
    [InlineData("10.0.[1-2].[5-6]", "mx-1-5=10.0.1.5 mx-1-6=10.0.1.6 mx-2-5=10.0.2.5 mx-2-6=10.0.2.6")]
    [InlineData("10.0.0.7", "mx-7=10.0.0.7")]
    public void Members_of_a_range_are_named_after_what_stood_in_the_brackets(string range, string servers) =>
        Assert.Equal(servers, string.Join(' ', Service("", $"mx: {{ addresses: \"{range}\" }}").Servers.Select(s => $"{s.Name}={s.Address}")));

    [Fact]
    public void Ranges_of_IPv6_addresses_are_hexadecimal()
    {
        var servers = Read("services: { web: { listen: \"tcp [2001:db8::1]:80\", servers: { r: { addresses: \"2001:db8::[9-b]\" } } } }").Services[0].Servers;

        Assert.Equal(["r-9", "r-a", "r-b"], servers.Select(s => s.Name));
        Assert.Equal(IPAddress.Parse("2001:db8::a"), servers[1].Address);
    }

    [Fact]
    public void What_a_service_says_counts_before_the_defaults_key_by_key()
    {
        var cluster = Read("""
            services:
              a: { listen: tcp 192.0.2.1:80, servers: { x: 10.0.0.1, y: { address: 10.0.0.2, weight: 7 } } }
              b: { listen: tcp 192.0.2.1:81, scheduler: rr, check: none, servers: { x: "10.0.0.1:90" } }
            checks: { c: { tcp: {}, fall: 9 } }
            defaults:
              services: { scheduler: wrr, forward: nat, check: c, persistence: 5m }
              servers: { weight: 5, port: 8080 }
              checks: { every: 9s, fall: 8 }
            """);

        var (a, b) = (cluster.Services[0], cluster.Services[1]);
        Assert.Equal(("wrr", "rr"), (a.Scheduler.Name, b.Scheduler.Name));
        Assert.Equal(ForwardingMethod.Nat, b.Servers[0].Forward.Method);
        Assert.Equal([5, 7], a.Servers.Select(s => s.Weight));
        Assert.Equal([(ushort)8080, (ushort)90], new[] { a.Servers[0].Port!.Value, b.Servers[0].Port!.Value });
        Assert.Same(cluster.Checks[0], a.Check);
        Assert.Null(b.Servers[0].Check);
        Assert.Equal((TimeSpan.FromSeconds(9), 9), (cluster.Checks[0].Every, cluster.Checks[0].Fall));
    }

    [Fact]
    public void A_list_of_checks_is_all_of_them_and_a_server_may_have_its_own()
    {
        var service = Read("""
            checks: { a: { tcp: {} }, b: { icmp: {} } }
            services: { web: { listen: tcp 192.0.2.1:80, check: [ a, b ], servers: { x: 10.0.0.1, y: { address: 10.0.0.2, check: { icmp: {} } } } } }
            """).Services[0];

        Assert.Equal(["a", "b"], Assert.IsType<ProbeSpec.All>(service.Check!.Probe).Members.Select(m => m.Name));
        Assert.Equal("web.server.check", service.Servers[1].Check!.Name);
        Assert.IsType<ProbeSpec.Icmp>(service.Servers[1].Check!.Probe);
    }

    [Theory]
    [InlineData("persistence: 5m", 300, null)]
    [InlineData("persistence: { timeout: 1h, prefix: 24 }", 3600, 0xFFFFFF00u)]
    [InlineData("persistence: { netmask: 255.255.0.0 }", 360, 0xFFFF0000u)]
    [InlineData("persistence: { prefix: 32 }", 360, uint.MaxValue)]
    public void Persistence_is_a_duration_or_a_map(string key, int seconds, uint? netmask)
    {
        var persistence = Service(key).Persistence!;

        Assert.Equal((seconds, netmask), ((int)persistence.Timeout.TotalSeconds, persistence.Netmask));
    }

    [Theory]
    [InlineData("forward: nat", ForwardingMethod.Nat, TunnelType.Ipip, 0, TunnelChecksum.None)]
    [InlineData("forward: { tun: { kind: gue, port: 5555, checksum: remote } }", ForwardingMethod.Tunnel, TunnelType.Gue, 5555, TunnelChecksum.RemoteChecksum)]
    [InlineData("forward: { tun: { kind: gre, checksum: csum } }", ForwardingMethod.Tunnel, TunnelType.Gre, 0, TunnelChecksum.Checksum)]
    public void Forwarding_reaches_the_servers(string key, ForwardingMethod method, TunnelType type, int port, TunnelChecksum checksum) =>
        Assert.Equal(new ForwardSpec(method, new Tunnel(type, (ushort)port, checksum)), Service(key).Servers[0].Forward);

    [Theory]
    [InlineData("scheduler: { mh: { port: true, fallback: true } }", "mh", ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2)]
    [InlineData("scheduler: { lc: {} }", "lc", ServiceFlags.None)]
    [InlineData("scheduler: { lc: }", "lc", ServiceFlags.None)]
    [InlineData("scheduler: { own: { flags: [ 1, 3 ] } }", "own", ServiceFlags.Scheduler1 | ServiceFlags.Scheduler3)]
    public void A_scheduler_is_a_name_or_a_map(string key, string name, ServiceFlags flags) => Assert.Equal(new SchedulerSpec(name, flags), Service(key).Scheduler);

    [Fact]
    public void Anchors_aliases_and_merges_are_resolved_and_own_keys_count_first()
    {
        var services = Read("""
            x-pool: &pool { forward: nat, scheduler: rr, servers: { a: 10.0.0.1 } }
            services:
              one: { <<: *pool, listen: tcp 192.0.2.1:80, scheduler: lc }
              two: { <<: [ { forward: tun }, *pool ], listen: tcp 192.0.2.1:81 }
            """).Services;

        Assert.Equal(("lc", ForwardingMethod.Nat), (services[0].Scheduler.Name, services[0].Forward.Method));
        Assert.Equal(("rr", ForwardingMethod.Tunnel), (services[1].Scheduler.Name, services[1].Forward.Method));
        Assert.Equal(services[0].Servers[0] with { Forward = new(ForwardingMethod.Tunnel) }, services[1].Servers[0]);
    }

    [Fact]
    public void Drop_ins_are_read_in_the_order_of_their_names_as_one_manifest()
    {
        var directory = Directory.CreateTempSubdirectory("lvsctl").FullName;
        File.WriteAllText(Path.Combine(directory, "20.yml"), "services: { b: { listen: tcp 192.0.2.1:81, check: c, servers: { x: 10.0.0.1 } } }");
        File.WriteAllText(Path.Combine(directory, "10.yaml"), "\uFEFFservices: { a: { listen: tcp 192.0.2.1:80, check: c, servers: { x: 10.0.0.1 } } }\r\n");
        File.WriteAllText(Path.Combine(directory, "30.yaml"), "checks: { c: { tcp: {} } }");
        File.WriteAllText(Path.Combine(directory, ".hidden.yaml"), "nonsense");
        File.WriteAllText(Path.Combine(directory, "README.md"), "nonsense");

        var result = ManifestReader.Read([directory, Path.Combine(directory, "10.yaml")]);
        Directory.Delete(directory, recursive: true);

        Assert.Empty(result.Diagnostics);
        Assert.Equal(["a", "b"], result.Cluster!.Services.Select(s => s.Name));
    }

    [Fact]
    public void Two_readings_of_one_text_are_equal()
    {
        var source = new ManifestSource("probes.yaml", File.ReadAllBytes(Path.Combine(Repository.Root, "examples", "manifests", "probes.yaml")));

        Assert.Equal(ManifestReader.Read(source).Cluster, ManifestReader.Read(source).Cluster);
    }

    [Fact]
    public void One_file_that_cannot_be_read_hides_no_mistakes_of_the_others_and_invents_none()
    {
        var result = ManifestReader.Read(
            ManifestSource.Of("a.yaml", "services: { web: { listen: tcp 192.0.2.1:80, check: elsewhere, servers: { a: nowhere } } }"),
            ManifestSource.Of("b.yaml", "checks: { elsewhere: { tcp: {"));

        Assert.Equal(["a.yaml LVS027", "b.yaml LVS003"], result.Diagnostics.Select(d => $"{d.File} {d.Code}"));
    }

    [Fact]
    public void Directors_and_routers_refer_to_each_other()
    {
        var router = Read("""
            directors: { lb-a: { address: 10.0.0.8 }, lb-b: { address: 10.0.0.9 } }
            vrrp: { edge: { interface: eth0, id: 51, priority: { lb-a: 100, lb-b: 90 }, addresses: 192.0.2.1/24, preempt: { delay: 10s }, peers: unicast, sync-connections: true } }
            """).VrrpRouters[0];

        Assert.Equal([new("lb-a", 100), new("lb-b", 90)], router.Priorities);
        Assert.Equal([new(IPAddress.Parse("192.0.2.1"), 24)], router.Addresses);
        Assert.True(router.Preempt);
        Assert.Equal(TimeSpan.FromSeconds(10), router.PreemptDelay);
        Assert.Equal(new UnicastSpec([]), router.Unicast);
        Assert.NotNull(router.SyncConnections);
    }

    [Fact]
    public void Settings_become_what_the_kernel_is_told()
    {
        var settings = Read("settings: { ip-forward: true, conn-reuse-mode: 1, sync-threshold: [ 3, 50 ], timeouts: { udp: 5m } }").Settings;

        Assert.Equal(["net.ipv4.ip_forward=1", "net.ipv4.vs.conn_reuse_mode=1", "net.ipv4.vs.sync_threshold=3 50"], settings.Sysctls.Select(s => $"{s.Setting.Sysctl}={s.Value}"));
        Assert.Equal(new TimeoutsSpec(null, null, TimeSpan.FromMinutes(5)), settings.Timeouts);
    }
}
