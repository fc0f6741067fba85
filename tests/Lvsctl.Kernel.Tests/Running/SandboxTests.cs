using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Running;

/// <summary>The unit of examples/systemd, by systemd itself: its sandbox lets the director do all its work, and nothing else.</summary>
public sealed class SandboxTests
{
    const string Manifest = """
        settings: { expire-nodest-conn: true, ip-forward: true }
        control: { group: games }
        log: { file: /var/log/lvsctl/lvsctl.log }
        checks:
          port: { tcp: {}, every: 300ms, timeout: 200ms }
          page: { http: { path: /README.md }, every: 300ms, timeout: 200ms }
          ping: { icmp: {}, every: 300ms, timeout: 200ms }
          program: { exec: [ /bin/sh, -c, "test $(id -un) = nobody" ], every: 500ms, timeout: 400ms }
          hanging: { exec: [ /bin/sleep, "1000" ], every: 500ms, timeout: 300ms }
        services:
          web:
            listen: tcp 192.0.2.1:80
            scheduler: mh
            forward: nat
            servers:
              tcp: { address: 127.0.0.2, port: 8001, check: port }
              http: { address: 127.0.0.2, port: 8002, check: page }
              icmp: { address: 127.0.0.2, port: 8003, check: ping }
              exec: { address: 127.0.0.2, port: 8004, check: program }
              hang: { address: 127.0.0.2, port: 8005, check: hanging }
        """;

    const string Routers = """
        services:
          web: { listen: "tcp 10.1.8.100:80", forward: nat, servers: { rs1: 10.1.8.2 } }
        vrrp:
          edge: { interface: eth0, id: 51, interval: 100ms, priority: 200, addresses: 10.1.8.100/24 }
        """;

    static readonly string s_examples = Path.Combine(Repository.Root, "examples", "systemd");

    [Fact]
    public void In_it_the_director_probes_with_everything_reloads_is_watched_and_leaves_the_table() => NetworkNamespace.Run(() =>
    {
        // As after the boot, if no other test's service holds it: who needs it is the unit.
        Command.Run("modprobe", "-r", "ip_vs_mh", "ip_vs");
        using var pages = new Pages();
        // Whatever is forbidden kills, so that nothing forbidden is tried and passed over.
        using var machine = new SystemdMachine(["exec", "icmp", "group"], "SystemCallErrorNumber=kill", "WatchdogSec=3s");
        machine.Write(Manifest);
        Good(machine.Systemctl("start", "lvsctl"));

        machine.Wait("StatusText", "1 services, 4 servers healthy, 4 serving");
        machine.Wait("web/hang is down: no answer within 300ms");
        Assert.Equal("1", File.ReadAllText("/proc/sys/net/ipv4/vs/expire_nodest_conn").Trim());
        Assert.Equal("1", File.ReadAllText("/proc/sys/net/ipv4/ip_forward").Trim());
        Assert.Contains("games", machine.InItsPlace("stat", "-c", "%G %a", "/run/lvsctl/control.sock").Output);
        Assert.Contains("web/tcp is up", machine.InItsPlace("cat", "/var/log/lvsctl/lvsctl.log").Output);

        machine.Write(Manifest.Replace("mh", "nonsense and more", StringComparison.Ordinal));
        Assert.NotEqual(0, machine.Systemctl("reload", "lvsctl").ExitCode);
        machine.Wait("lvsctl: the manifest is refused; the old one stays in force");
        machine.Write(Manifest.Replace("mh", "wlc", StringComparison.Ordinal));
        Good(machine.Systemctl("reload", "lvsctl"));
        machine.Wait("manifest reloaded: 5 probes go on, 0 are new, 0 are gone");
        Assert.Equal("0", machine.Show("NRestarts"));

        machine.Signal("STOP");
        machine.Wait("NRestarts", "1");
        machine.Wait("ActiveState", "active");
        machine.Signal("KILL");
        machine.Wait("NRestarts", "2");
        machine.Wait("StatusText", "1 services, 4 servers healthy, 4 serving");

        Good(machine.Systemctl("stop", "lvsctl"));
        Assert.Equal(("success", "0"), (machine.Show("Result"), machine.Show("ExecMainStatus")));
        var table = Command.MustRun("/usr/sbin/ipvsadm", "-Ln");
        Assert.All((int[])[8001, 8002, 8003, 8004], port => Assert.Contains($"127.0.0.2:{port} ", table));

        machine.Write(Manifest.Replace("/var/log/lvsctl/lvsctl.log", "/etc/cron.d/lvsctl", StringComparison.Ordinal));
        Assert.NotEqual(0, machine.Systemctl("start", "lvsctl").ExitCode);
        Assert.Equal(("failed", "3"), (machine.Show("ActiveState"), machine.Show("ExecMainStatus")));
        Assert.Contains("the manifest wants log.file /etc/cron.d/lvsctl: name a path below one of them", machine.Log);
    });

    [Fact]
    public void Without_its_parts_it_may_less_and_says_what_it_lacks() => NetworkNamespace.Run(() =>
    {
        using var pages = new Pages();
        // By the kernel's own default nobody makes ping sockets.
        File.WriteAllText("/proc/sys/net/ipv4/ping_group_range", "1 0");
        using var machine = new SystemdMachine([]);
        machine.Write(Manifest);
        Good(machine.Systemctl("start", "lvsctl"));

        machine.Wait("add web/http");
        machine.Wait("icmp needs CAP_NET_RAW, or lvsctl's group in net.ipv4.ping_group_range");
        machine.Wait("lvsctl may not run programs as nobody: it is not root, or lacks CAP_SETUID and CAP_SETGID");
        machine.Wait("cannot give /run/lvsctl/control.sock to group");

        // One capability, no way to more, and a read-only world but for its own places and the network's settings.
        var status = machine.Status();
        Assert.Superset(new HashSet<string>(["CapEff:\t0000000000001000", "CapBnd:\t0000000000001000", "CapInh:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"]), status.ToHashSet());
        foreach (var place in (string[])["/etc/lvsctl", "/usr/local", "/root", "/var/lib", "/var/log", "/run"])
            Assert.True(machine.InItsPlace("touch", $"{place}/mine").ExitCode != 0, $"{place} can be written to");
        foreach (var place in (string[])["/var/lib/lvsctl", "/var/log/lvsctl", "/run/lvsctl"]) Good(machine.InItsPlace("touch", $"{place}/mine"));
        Assert.NotEqual(0, machine.InItsPlace("sh", "-c", "echo 0 >/proc/sys/kernel/sysrq").ExitCode);
        Assert.Equal("", machine.InItsPlace("sh", "-c", "ls /usr/lib/modules").Output);

        Good(machine.Systemctl("stop", "lvsctl"));
        Assert.Equal("success", machine.Show("Result"));
    });

    [Fact]
    public void Of_its_own_unit_VRRP_outlives_the_director_and_has_all_it_needs() => NetworkNamespace.Run(() =>
    {
        Command.MustRun("ip", "link", "add", "eth0", "type", "dummy");
        Command.MustRun("ip", "addr", "add", "10.1.8.1/24", "dev", "eth0");
        Command.MustRun("ip", "link", "set", "eth0", "up");
        using var machine = new SystemdMachine([], "SystemCallErrorNumber=kill", "WatchdogSec=3s");
        machine.Write(Routers);
        Good(machine.Systemctl("start", "lvsctl-vrrp"));
        WaitForMaster(machine);
        Good(machine.Systemctl("start", "lvsctl"));
        machine.Wait("is at work already, on its own; its start and end are left to whoever started it");

        var report = machine.Lvsctl("vrrp", "status").Output;
        Assert.Contains("real-time scheduling, memory locked", report);
        Assert.Superset(new HashSet<string>(["CapEff:\t0000000000003000", "CapBnd:\t0000000000003000", "NoNewPrivs:\t1", "Seccomp:\t2"]), machine.Status(SystemdMachine.Vrrp).ToHashSet());
        var process = machine.Show("MainPID", SystemdMachine.Vrrp);

        machine.Write(Routers.Replace("10.1.8.100/24", "[ 10.1.8.100/24, 10.1.8.110/24 ]", StringComparison.Ordinal));
        Good(machine.Systemctl("reload", "lvsctl-vrrp"));
        Assert.True(HasAddress("10.1.8.110"));
        Good(machine.Systemctl("restart", "lvsctl"));
        Good(machine.Systemctl("stop", "lvsctl"));
        Good(machine.Lvsctl("vrrp", "status"));
        Assert.Equal((process, true), (machine.Show("MainPID", SystemdMachine.Vrrp), HasAddress("10.1.8.100")));

        machine.Signal("STOP", SystemdMachine.Vrrp);
        machine.Wait("NRestarts", "1", SystemdMachine.Vrrp);
        WaitForMaster(machine);
        machine.Signal("KILL", SystemdMachine.Vrrp);
        machine.Wait("NRestarts", "2", SystemdMachine.Vrrp);
        WaitForMaster(machine);
        Good(machine.Systemctl("stop", "lvsctl-vrrp"));
        Assert.Equal(("success", false), (machine.Show("Result", SystemdMachine.Vrrp), HasAddress("10.1.8.100")));
    });

    // The machine's name is whatever systemd gave it.
    static void WaitForMaster(SystemdMachine machine) => machine.Wait("StatusText", text => text.EndsWith(": edge master", StringComparison.Ordinal), SystemdMachine.Vrrp);

    static bool HasAddress(string address) => Command.MustRun("ip", "-o", "addr", "show", "dev", "eth0").Contains($" {address}/", StringComparison.Ordinal);

    [Theory]
    [InlineData("lvsctl.service", 20)]
    [InlineData("lvsctl-vrrp.service", 26)]
    public void Systemd_finds_little_exposed_and_no_mistake(string unit, int tenths)
    {
        var rating = Command.Run("systemd-analyze", "security", "--offline=true", $"--threshold={tenths}", "--no-pager", Path.Combine(s_examples, unit));
        Assert.True(rating.ExitCode == 0, rating.ToString());
    }

    static void Good(Command.Result result) => Assert.True(result.ExitCode == 0, result.ToString());

    // Two real servers' pages.
    sealed class Pages : IDisposable
    {
        readonly Process[] _servers = [.. ((int[])[8001, 8002]).Select(p => Process.Start("busybox", ["httpd", "-f", "-p", $"127.0.0.2:{p}", "-h", s_examples]))];

        public void Dispose()
        {
            foreach (var server in _servers)
            {
                server.Kill();
                server.WaitForExit();
                server.Dispose();
            }
        }
    }
}
