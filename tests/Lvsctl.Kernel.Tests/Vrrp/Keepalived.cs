using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Debian's keepalived on a host of a segment.</summary>
sealed class Keepalived : IDisposable
{
    readonly Segment _segment;
    readonly LabHost _host;
    readonly string _name;
    readonly string _config;
    Process? _process;

    public Keepalived(Segment segment, int host, string instance)
    {
        (_segment, _host, _name) = (segment, segment.Hosts[host - 1], $"keepalived{host}");
        _config = instance;
    }

    string At(string file) => Path.Combine(_segment.Work, $"{_name}{file}");

    public void Start()
    {
        File.WriteAllText(At(".conf"), $"global_defs {{\n vrrp_garp_master_delay 1\n}}\nvrrp_instance VI {{\n interface eth0\n virtual_router_id 51\n{_config}\n}}\n");
        _process = _host.Spawn(At(".log"), "/usr/sbin/keepalived", "-P", "-n", "-l", "-D", "-f", At(".conf"), "-p", At(".pid"), "-r", At(".vrrp.pid"));
    }

    public void Stop()
    {
        Command.MustRun("kill", "-TERM", $"{_process!.Id}");
        _process.WaitForExit();
    }

    public void Kill()
    {
        // The child speaks; the parent would start it again.
        _process!.Kill();
        _process.WaitForExit();
        if (File.Exists(At(".vrrp.pid"))) Command.Run("kill", "-KILL", File.ReadAllText(At(".vrrp.pid")).Trim());
        File.Delete(At(".vrrp.pid"));
        File.Delete(At(".pid"));
        // A dead machine has no address; this one's card is cleaned.
        _host.Try("ip", "addr", "del", $"{Segment.Vip}/24", "dev", "eth0");
        _host.Try("ip", "addr", "del", $"{Segment.Vip6}/64", "dev", "eth0");
    }

    public void Dispose()
    {
        if (_process is { HasExited: false }) Kill();
        _process?.Dispose();
    }
}
