using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Manifests;

/// <summary>A client, a director and web servers on one network, balanced by direct routing; the servers are prepared for the virtual address.</summary>
sealed class WebFarm : IDisposable
{
    public const string VirtualAddress = "192.168.1.200";

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-farm-").FullName;
    readonly LabHost _network = new();
    readonly List<LabHost> _servers = [];
    readonly List<Process> _programs = [];
    readonly LabHost _director = new();

    public WebFarm(int servers)
    {
        _network.Run("ip", "link", "add", "bridge", "type", "bridge");
        _network.Run("ip", "link", "set", "bridge", "up");
        Client.Wire(_network, "bridge", "192.168.1.12/24");
        _director.Wire(_network, "bridge", "192.168.1.13/24");
        _director.Run("ip", "addr", "add", $"{VirtualAddress}/32", "dev", "eth0");
        for (var n = 1; n <= servers; n++) _servers.Add(AddServer(n));
    }

    public LabHost Client { get; } = new();

    public string StateDirectory => Path.Combine(_folder, "state");

    public static string AddressOf(int server) => $"192.168.1.{100 + server}";

    public void Dispose()
    {
        foreach (var program in _programs)
        {
            program.Kill();
            program.Dispose();
        }
        foreach (var host in _servers) host.Dispose();
        _director.Dispose();
        Client.Dispose();
        _network.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>lvsctl on the director, with the manifest that is given as text.</summary>
    public Command.Result Lvsctl(string manifest, params IEnumerable<string> words)
    {
        var file = Path.Combine(_folder, "cluster.yaml");
        File.WriteAllText(file, manifest);
        return _director.Try(Lab.Program.Path, [.. words, "--manifest", file, "--state-dir", StateDirectory]);
    }

    /// <summary>What work does on the director's host.</summary>
    public void OnDirector(Action work)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        _director.Start(() =>
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
            }
        }).Join();
        failure?.Throw();
    }

    LabHost AddServer(int n)
    {
        var host = new LabHost();
        foreach (var name in (string[])["all", "lo"]) host.Run("busybox", "sysctl", "-qw", $"net.ipv4.conf.{name}.arp_ignore=1", $"net.ipv4.conf.{name}.arp_announce=2");
        host.Run("ip", "addr", "add", $"{VirtualAddress}/32", "dev", "lo");
        host.Wire(_network, "bridge", $"{AddressOf(n)}/24");

        var pages = Directory.CreateDirectory(Path.Combine(_folder, $"rs{n}"));
        File.WriteAllText(Path.Combine(pages.FullName, "index.html"), $"rs{n} end\n");
        // Bit by bit, so that the client has to acknowledge, through the director, what it got: a connection that is cut shows.
        var slow = Path.Combine(pages.CreateSubdirectory("cgi-bin").FullName, "slow");
        File.WriteAllText(slow, $"#!/bin/busybox sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\nrs{n} '\nfor part in 1 2 3 4 5; do busybox sleep 0.2; echo $part; done\necho end\n");
        Command.MustRun("chmod", "755", slow);
        var program = Array.Empty<Process>();
        host.Start(() => program = [Process.Start("busybox", ["httpd", "-f", "-p", "80", "-h", pages.FullName])]).Join();
        _programs.AddRange(program);
        return host;
    }
}
