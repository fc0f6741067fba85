using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Health;

/// <summary>
/// <c>through: vip</c> finds servers that are well by themselves and of no use behind their virtual address. In each service, "good" is
/// prepared for it and "bad" is not; in the service "plain" the same two are asked at their own addresses.
/// </summary>
public sealed class ThroughVipTests(ITestOutputHelper log) : IDisposable
{
    const string AllWell = "dr: good; dr6: good; tun: good; nat: good; plain: good bad";
    const string NoneHeard = "dr: ; dr6: good; tun: ; nat: good; plain: good bad";

    const string Manifest = """
        defaults: { checks: { timeout: 500ms, rise: 1, fall: 1 } }
        checks:
          itself: { http: {}, port: 80 }
          through: { http: {}, through: vip }
        services:
          dr: { listen: "tcp 192.168.1.200:80", forward: dr, check: through, servers: &both { good: 192.168.1.101, bad: 192.168.1.102 } }
          dr6: { listen: "tcp [2001:db8::200]:80", forward: dr, check: through, servers: { good: "2001:db8::101", bad: "2001:db8::102" } }
          tun: { listen: "tcp 192.168.1.201:80", forward: tun, check: through, servers: *both }
          nat: { listen: "tcp 192.168.1.202:80", forward: nat, check: through, servers: { good: 192.168.1.101, bad: 192.168.1.109 } }
          plain: { listen: "tcp 192.168.1.200:81", forward: dr, check: itself, servers: *both }
        """;

    static readonly (string Name, string At)[] s_services =
        [("dr", "192.168.1.200:80"), ("dr6", "[2001:db8::200]:80"), ("tun", "192.168.1.201:80"), ("nat", "192.168.1.202:80"), ("plain", "192.168.1.200:81")];

    static readonly Dictionary<string, string> s_servers = new()
    {
        ["192.168.1.101"] = "good", ["[2001:db8::101]"] = "good", ["192.168.1.102"] = "bad", ["[2001:db8::102]"] = "bad", ["192.168.1.109"] = "bad",
    };

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-vip-").FullName;
    readonly LabHost _network = new();
    readonly LabHost _director = new();
    readonly LabHost[] _servers = [new(), new()];
    readonly List<Process> _programs = [];
    int _lives;

    public void Dispose()
    {
        foreach (var program in _programs)
        {
            program.Kill();
            program.Dispose();
        }
        foreach (var host in (LabHost[])[.. _servers, _director, _network]) host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    void Build()
    {
        _network.Run("ip", "link", "add", "bridge", "type", "bridge");
        _network.Run("ip", "link", "set", "bridge", "up");
        _director.Wire(_network, "bridge", "192.168.1.13/24");
        File.WriteAllText(Path.Combine(_folder, "index.html"), "well\n");
        File.WriteAllText(Path.Combine(_folder, "cluster.yaml"), Manifest);
        for (var n = 0; n < _servers.Length; n++)
        {
            _servers[n].Wire(_network, "bridge", $"192.168.1.{101 + n}/24");
            _servers[n].Run("ip", "addr", "add", $"2001:db8::{101 + n}/64", "dev", "eth0", "nodad");
            _programs.Add(_servers[n].Spawn(Path.Combine(_folder, $"rs{n}.log"), "busybox", "httpd", "-f", "-p", "80", "-h", _folder));
        }
        _director.Run("ip", "addr", "add", "2001:db8::13/64", "dev", "eth0", "nodad");
        Prepare("dr", "192.168.1.200");
        Prepare("dr", "2001:db8::200");
        Prepare("tun", "192.168.1.201");
        Sysctl("rp_filter", ("all", 0), ("eth0", 0));
        Sysctl("accept_local", ("all", 0), ("eth0", 0));
    }

    void Prepare(string forward, string address) =>
        _servers[0].Run(Lab.Program.Path, "realserver", "prepare", "--vip", address, "--forward", forward, "--state-dir", Path.Combine(_folder, "good"));

    void Sysctl(string name, params IEnumerable<(string Scope, int Value)> settings) =>
        _director.Run("busybox", ["sysctl", "-qw", .. settings.Select(s => $"net.ipv4.conf.{s.Scope}.{name}={s.Value}")]);

    void Hold(string verb, string device)
    {
        foreach (var n in (int[])[200, 201, 202]) _director.Run("ip", "addr", verb, $"192.168.1.{n}/32", "dev", device);
        _director.Run("ip", "addr", verb, "2001:db8::200/128", "dev", device);
    }

    (string Servers, string Said) Check()
    {
        var result = _director.Try(Lab.Program.Path, "check", "-v", "--manifest", Path.Combine(_folder, "cluster.yaml"), "--state-dir", Path.Combine(_folder, $"state{_lives}"));
        var table = _director.Run(Lab.Program.Path, "-Sn");
        return (string.Join("; ", s_services.Select(s => $"{s.Name}: {string.Join(' ', s_servers.Where(r => Has(s.At, r.Key)).Select(r => r.Value).Distinct())}")), result.ToString());

        bool Has(string service, string server) => table.Contains($"-a -t {service} -r {server}:", StringComparison.Ordinal);
    }

    void Forget()
    {
        _director.Run(Lab.Program.Path, "-C");
        _lives++;
    }

    void Expect(string servers, string how, params IEnumerable<string> said)
    {
        var found = Check();
        log.WriteLine($"{how}: {found.Servers}");
        Assert.True(servers == found.Servers, $"{how}: {servers} was expected, not {found.Servers}\n{found.Said}");
        foreach (var words in said) Assert.True(found.Said.Contains(words, StringComparison.Ordinal), $"{how}: it does not say '{words}'\n{found.Said}");
        if (!said.Any()) Assert.DoesNotContain("the director", found.Said);
    }

    [Fact]
    public void A_server_without_the_address_or_the_tunnel_is_found_although_its_own_address_answers()
    {
        Build();
        const string NotLocal = "net.ipv4.conf.eth0.accept_local=1", NotStrict = "net.ipv4.conf.eth0.rp_filter=2";

        Expect(AllWell, "The director does not have the addresses");
        Sysctl("rp_filter", ("eth0", 1));
        Expect(AllWell, "and rp_filter=1");
        Hold("add", "eth0");
        Expect(AllWell, "The director takes the addresses on its card: what is not known is left as it was", NotLocal);
        Forget();
        Expect(NoneHeard, "and nothing was known before", NotLocal, "192.168.1.200:80 through 192.168.1.101: not possible");
        Sysctl("accept_local", ("eth0", 1));
        Expect(AllWell, "and accept_local there");
        Forget();
        Sysctl("rp_filter", ("eth0", 0));
        Sysctl("accept_local", ("eth0", 0), ("all", 1));
        Expect(AllWell, "or accept_local anywhere, rp_filter=0");

        Hold("del", "eth0");
        Hold("add", "lo");
        Expect(AllWell, "The director has the addresses on another device");
        Sysctl("rp_filter", ("eth0", 1));
        Forget();
        Expect(NoneHeard, "and rp_filter=1", NotStrict);
        Sysctl("rp_filter", ("eth0", 2));
        Expect(AllWell, "and rp_filter=2");
    }
}
