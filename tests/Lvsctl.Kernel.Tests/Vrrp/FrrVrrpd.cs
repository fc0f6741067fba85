using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>FRR's vrrpd on the second host of a segment. It puts the address on a macvlan device with the virtual router's own MAC address.</summary>
sealed class FrrVrrpd : IDisposable
{
    readonly LabHost _host;
    readonly string _directory = Directory.CreateTempSubdirectory("frr-").FullName;
    readonly string[] _settings;

    /// <param name="settings">Lines of an interface, as in <c>vrrp 51 priority 150</c>.</param>
    public FrrVrrpd(Segment segment, params string[] settings)
    {
        (_host, _settings) = (segment.Hosts[1], settings);
        foreach (var (device, kind, address) in new[] { ("vrrp4", "01", $"{Segment.Vip}/24"), ("vrrp6", "02", $"{Segment.Vip6}/64") })
        {
            _host.Run("ip", "link", "add", device, "link", "eth0", "type", "macvlan", "mode", "bridge");
            _host.Run("ip", "link", "set", device, "address", $"00:00:5e:00:{kind}:33");
            _host.Run("ip", "addr", "add", address, "dev", device, "nodad");
            _host.Run("ip", "link", "set", device, "up");
        }
        Command.MustRun("chmod", "777", _directory);
        Start("zebra");
        Start("vrrpd");
        segment.Wait(() => Vtysh("show interface brief").Contains("eth0"), "FRR to see its interfaces");
        Configure(_settings);
    }

    void Start(string daemon) => _host.Run($"/usr/lib/frr/{daemon}", "-d", "-i", $"{_directory}/{daemon}.pid", "-z", $"{_directory}/api", "--vty_socket", _directory, "-f", "/dev/null", "-A", "127.0.0.1");

    string Vtysh(params string[] commands)
    {
        var result = _host.Try("vtysh", ["--vty_socket", _directory, .. commands.SelectMany(c => new[] { "-c", c })]);
        return result.Output + result.Error;
    }

    public void Configure(params string[] lines) => Vtysh(["configure terminal", "interface eth0", .. lines]);

    public string Show() => Vtysh("show vrrp");

    public bool IsMaster(string family) => Show().Split('\n').Any(l => l.StartsWith($" Status ({family})", StringComparison.Ordinal) && l.Contains("Master"));

    public void Kill()
    {
        foreach (var daemon in new[] { "vrrpd", "zebra" })
        {
            if (!File.Exists($"{_directory}/{daemon}.pid")) continue;
            Command.Run("kill", "-KILL", File.ReadAllText($"{_directory}/{daemon}.pid").Trim());
            File.Delete($"{_directory}/{daemon}.pid");
        }
    }

    public void Dispose()
    {
        Kill();
        Directory.Delete(_directory, recursive: true);
    }
}
