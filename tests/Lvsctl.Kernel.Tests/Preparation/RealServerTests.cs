using Lvsctl.Cli.Commands;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Preparation;

/// <summary><c>lvsctl realserver</c> on a real kernel, each test in a network namespace of its own.</summary>
[Collection(TunnelDevices.Name)]
public sealed class RealServerTests : IDisposable
{
    readonly string _stateDirectory = Directory.CreateTempSubdirectory("lvsctl-realserver-").FullName;

    public void Dispose() => Directory.Delete(_stateDirectory, recursive: true);

    Command.Result Lvsctl(params string[] args) => LvsctlHere([.. args, "--state-dir", _stateDirectory]);

    static Command.Result LvsctlHere(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = LvsctlCommand.Run(["realserver", .. args], output, error, Workplace.ThisHost with { OpenKernel = () => throw new InvalidOperationException("no verb for IPVS") });
        return new(code, output.ToString(), error.ToString());
    }

    string Must(params string[] args)
    {
        var result = Lvsctl(args);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    static string Sh(string script) => Command.MustRun("sh", "-euc", script);

    static string Sysctl(string name) => File.ReadAllText("/proc/sys/" + name.Replace('.', '/')).Trim();

    /// <summary>All that a preparation may change. A device that is down and has no address is not in it: tunl0 comes with its module.</summary>
    static string State()
    {
        var scopes = new[] { "all", "lo", "tunl0" }.Where(s => Directory.Exists($"/proc/sys/net/ipv4/conf/{s}"));
        var settings = scopes.SelectMany(s => new[] { "arp_ignore", "arp_announce", "rp_filter" }.Select(n => $"net.ipv4.conf.{s}.{n}"));
        return Sh("ip -o addr | sed 's/fe80[^ ]*/fe80/'; ip -o link show up | cut -d: -f2,3") + string.Join('\n', settings.Select(n => $"{n}={Sysctl(n)}"));
    }

    [Theory]
    [InlineData("dr", "192.168.1.200", "lo", "inet 192.168.1.200/32")]
    [InlineData("tun", "192.168.1.200", "tunl0", "inet 192.168.1.200/32")]
    [InlineData("dr", "2001:db8::1", "lo", "inet6 2001:db8::1/128 scope global nodad")]
    [InlineData("tun", "2001:db8::1", "ip6tnl0", "inet6 2001:db8::1/128 scope global nodad")]
    public void Prepare_takes_the_address_on_twice_is_once_and_undo_restores(string forward, string vip, string device, string shown) => NetworkNamespace.Run(() =>
    {
        BringModuleFor(device);
        var before = State();
        Assert.Contains($"prepared for {vip} {forward}: ", Must("prepare", "--vip", vip, "--forward", forward));
        Assert.Contains(shown, Sh($"ip -o addr show dev {device}"));
        Assert.Contains("UP", Sh($"ip -o link show dev {device}"));
        var prepared = State();

        Assert.Equal($"nothing to do: {vip} {forward} is prepared already\n", Must("prepare", "--vip", vip, "--forward", forward));
        Assert.Equal(prepared, State());
        Assert.StartsWith($"{vip} {forward}\n", Must("show"));

        Assert.Contains($"undone for {vip} {forward}: ", Must("undo", "--vip", vip, "--forward", forward));
        Assert.Equal(before, State());
        Assert.Equal("nothing to undo\n", Must("undo", "--vip", vip, "--forward", forward));
        Assert.Equal("nothing was prepared\n", Must("show"));
        Assert.Empty(Directory.GetFiles(_stateDirectory, "*.json"));
    });

    /// <summary>As a fresh kernel has neither; what is tested is our part.</summary>
    static void BringModuleFor(string device)
    {
        if (device == "tunl0") Sh("modprobe ipip");
        if (device == "ip6tnl0") Sh("modprobe ip6_tunnel");
    }

    [Fact]
    public void The_tunnel_device_appears_by_itself_and_a_created_one_goes_with_the_undo() => NetworkNamespace.Run(() =>
    {
        // Without fallback devices a namespace has no tunl0 although the module is there; then prepare makes it, and undo deletes it.
        Sh("modprobe ipip; nsenter --net=/proc/1/ns/net sysctl -qw net.core.fb_tunnels_only_for_init_net=2");
        try
        {
            NetworkNamespace.Run(() =>
            {
                Assert.False(Directory.Exists("/proc/sys/net/ipv4/conf/tunl0"));
                Must("prepare", "--vip", "10.0.0.1", "--forward", "tun");
                Assert.Contains("inet 10.0.0.1/32", Sh("ip -o addr show dev tunl0"));
                Assert.Equal("0", Sysctl("net.ipv4.conf.tunl0.rp_filter"));
                Must("undo", "--vip", "10.0.0.1");
                Assert.False(Directory.Exists("/proc/sys/net/ipv4/conf/tunl0"));
            });
        }
        finally
        {
            Sh("nsenter --net=/proc/1/ns/net sysctl -qw net.core.fb_tunnels_only_for_init_net=0");
        }
    });

    [Fact]
    public void Several_addresses_can_be_undone_in_any_order() => NetworkNamespace.Run(() =>
    {
        Sh("modprobe ipip");
        Sh("sysctl -qw net.ipv4.conf.all.rp_filter=1");
        var before = State();
        Must("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        Must("prepare", "--vip", "10.0.0.2", "--vip", "10.0.0.3", "--forward", "tun");
        Assert.EndsWith("still prepared for 10.0.0.2 tun, 10.0.0.3 tun\n", Must("undo", "--vip", "10.0.0.1"));
        Assert.Equal("1", Sysctl("net.ipv4.conf.all.arp_ignore"));
        Assert.Equal("0", Sysctl("net.ipv4.conf.lo.arp_ignore"));
        Must("undo", "--vip", "10.0.0.3");
        Assert.Equal("0", Sysctl("net.ipv4.conf.all.rp_filter"));
        Must("prepare", "--vip", "2001:db8::1", "--forward", "dr");
        Must("undo", "--vip", "10.0.0.2");
        Assert.Equal("1", Sysctl("net.ipv4.conf.all.rp_filter"));
        Must("undo", "--all");
        Assert.Equal(before, State());
    });

    [Fact]
    public void What_was_there_before_stays_and_what_others_changed_is_left_alone_and_reported() => NetworkNamespace.Run(() =>
    {
        Sh("ip addr add 10.0.0.1/32 dev lo; sysctl -qw net.ipv4.conf.all.arp_announce=2");
        Must("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        Sh("sysctl -qw net.ipv4.conf.all.arp_ignore=8");
        var undone = Lvsctl("undo", "--vip", "10.0.0.1");
        Assert.Equal(0, undone.ExitCode);
        Assert.StartsWith("lvsctl: net.ipv4.conf.all.arp_ignore is 8, not the 1 that prepare set", undone.Error);
        Assert.Contains("10.0.0.1/32", Sh("ip -o addr show dev lo"));
        Assert.Equal(("8", "2", "0"), (Sysctl("net.ipv4.conf.all.arp_ignore"), Sysctl("net.ipv4.conf.all.arp_announce"), Sysctl("net.ipv4.conf.lo.arp_ignore")));
    });

    [Fact]
    public void The_printed_commands_have_the_same_effect_and_printing_has_none()
    {
        string[][] roles = [["--vip", "10.0.0.1", "--vip", "2001:db8::1", "--forward", "dr"], ["--vip", "10.0.0.2", "--vip", "2001:db8::2", "--forward", "tun"]];
        string before = "", prepared = "";
        NetworkNamespace.Run(() =>
        {
            before = State();
            foreach (var role in roles) Must(["prepare", .. role]);
            prepared = State();
            var script = Must("undo", "--all", "--print");
            Assert.Equal(prepared, State());
            Sh(script);
            Assert.Equal(before, WithoutIdleTunnel(State()));
            // The record is still there; an undo by lvsctl finds all as it should be.
            Assert.Contains(": 0 changes", Must("undo", "--all"));
        });
        NetworkNamespace.Run(() =>
        {
            foreach (var role in roles)
            {
                var now = State();
                var script = Must(["prepare", .. role, "--print"]);
                Assert.Equal(now, State());
                Sh(script);
            }
            Assert.Equal(prepared, State());
            Assert.Equal("# nothing to do: 10.0.0.2 tun, 2001:db8::2 tun is prepared already\n", Must(["prepare", .. roles[1], "--print"]));
            Assert.Equal("# nothing to undo\n", Must("undo", "--all", "--print"));
        });

        string WithoutIdleTunnel(string state) => before.Contains("conf.tunl0") ? state : string.Join('\n', state.Split('\n').Where(l => !l.Contains("conf.tunl0")));
    }

    [Fact]
    public void A_namespace_does_not_see_the_record_of_another() => NetworkNamespace.Run(() =>
    {
        Must("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        NetworkNamespace.Run(() =>
        {
            Assert.Equal("nothing to undo\n", Must("undo", "--all"));
            Must("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        });
        Assert.StartsWith("10.0.0.1 dr\n", Must("show"));
        Assert.Equal(2, Directory.GetFiles(_stateDirectory, "*.json").Length);
    });

    [Fact]
    public void A_damaged_record_is_an_error_that_names_the_file() => NetworkNamespace.Run(() =>
    {
        Must("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        var file = Assert.Single(Directory.GetFiles(_stateDirectory, "*.json"));
        var whole = File.ReadAllText(file);
        foreach (var damaged in new[] { "", "{", whole[..^30], whole.Replace("\"sysctl\"", "\"rm\""), whole.Replace("\"version\": 1", "\"version\": 2"), whole.Replace("10.0.0.1", "10.0.0.x") })
        {
            File.WriteAllText(file, damaged);
            foreach (var verb in new[] { new[] { "undo", "--all" }, ["prepare", "--vip", "10.0.0.1", "--forward", "dr"], ["show"] })
            {
                var result = Lvsctl(verb);
                Assert.True(result.ExitCode == 1, $"{verb[0]} with {damaged}: {result}");
                Assert.StartsWith($"lvsctl: {file} is damaged (", result.Error);
            }
        }
        File.WriteAllText(file, whole);
        Must("undo", "--all");
    });

    [Fact]
    public void A_record_of_another_boot_says_nothing_about_this_one() => NetworkNamespace.Run(() =>
    {
        Must("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        var file = Assert.Single(Directory.GetFiles(_stateDirectory, "*.json"));
        File.WriteAllText(file, File.ReadAllText(file).Replace(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), "another"));
        Assert.Equal("nothing to undo\n", Must("undo", "--all"));
    });

    [Fact]
    public void The_record_is_there_for_all_to_read_and_for_root_to_write() => NetworkNamespace.Run(() =>
    {
        Must("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        var file = Assert.Single(Directory.GetFiles(_stateDirectory, "*.json"));
        Assert.Equal("644\n", Command.MustRun("stat", "-c", "%a", file));
    });

    [Fact]
    public void A_second_run_at_the_same_time_is_turned_away() => NetworkNamespace.Run(() =>
    {
        Must("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        using (new FileStream(Assert.Single(Directory.GetFiles(_stateDirectory, "*.lock")), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Equal(8, Lvsctl("prepare", "--vip", "10.0.0.2", "--forward", "dr").ExitCode);
        }
        Must("prepare", "--vip", "10.0.0.2", "--forward", "dr");
    });

    [Fact]
    public void An_address_that_the_host_tells_the_network_about_is_refused() => NetworkNamespace.Run(() =>
    {
        Sh("ip link add wire0 type veth peer name wire1; ip addr add 10.0.0.1/24 dev wire0");
        var before = State();
        var refused = Lvsctl("prepare", "--vip", "10.0.0.1", "--forward", "dr");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("10.0.0.1 is on wire0, which answers for it on the network", refused.Error);
        Assert.Equal(before, State());
    });

    [Fact]
    public void A_failure_in_the_middle_leaves_a_record_that_can_be_undone() => NetworkNamespace.Run(() =>
    {
        var before = State();
        // The address is the last step, and the kernel refuses it while IPv6 is off.
        Sh("sysctl -qw net.ipv6.conf.lo.disable_ipv6=1");
        var failed = Lvsctl("prepare", "--vip", "10.0.0.1", "--vip", "2001:db8::1", "--forward", "dr");
        Assert.Equal(7, failed.ExitCode);
        Assert.Contains("IPv6 is off on lo", failed.Error);
        Assert.Contains("lvsctl: prepared in part; 'lvsctl realserver undo --vip 10.0.0.1 --vip 2001:db8::1' takes that back\n", failed.Error);
        Assert.Contains("10.0.0.1/32", Sh("ip -o addr show dev lo"));
        Must("undo", "--all");
        Sh("sysctl -qw net.ipv6.conf.lo.disable_ipv6=0");
        Assert.Equal(before, State());
    });

    [Fact]
    public void Without_the_right_to_change_the_network_it_ends_with_code_7_and_one_line() => NetworkNamespace.Run(() =>
    {
        var result = Command.Run("setpriv", "--reuid", "65534", "--clear-groups", Lab.Program.Path, "realserver", "prepare",
            "--vip", "10.0.0.1", "--forward", "dr");
        Assert.Equal(7, result.ExitCode);
        Assert.Matches("^lvsctl: cannot .*run as root.*\n$", result.Error);
        // Printing needs no right.
        result = Command.Run("setpriv", "--reuid", "65534", "--clear-groups", Lab.Program.Path, "realserver", "prepare",
            "--vip", "10.0.0.1", "--forward", "dr", "--print");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.EndsWith("ip addr add 10.0.0.1/32 dev lo\n", result.Output);
    });
}
