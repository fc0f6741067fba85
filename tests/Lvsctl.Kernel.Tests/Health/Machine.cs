using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Health;

/// <summary>What can befall a machine.</summary>
public enum Fault
{
    /// <summary>Its program is killed.</summary>
    Stop,

    /// <summary>Its program stands still; the kernel still accepts connections for it.</summary>
    Hang,

    /// <summary>Every packet that it sends takes longer than a probe may.</summary>
    Slow,

    /// <summary>Something else is on its ports, and talks nonsense.</summary>
    Corrupt,

    /// <summary>What is sent to it is dropped.</summary>
    Blackhole,

    /// <summary>Its cable is pulled: nobody answers ARP either.</summary>
    Unplug,
}

/// <summary>A real server: a host with one program.</summary>
sealed class Machine : IDisposable
{
    const string Delay = "2000ms";
    const int NonsensePort = 9;

    readonly LabHost _network;
    readonly string _port;
    readonly string _folder;
    readonly Func<Machine, string[]>? _program;
    Process? _process;

    /// <param name="program">The command line; null: whoever asks is answered by nobody.</param>
    public Machine(string name, IPAddress address, LabHost network, string bridge, string gateway, string folder, Func<Machine, string[]>? program)
    {
        (Name, Address, _network, _program) = (name, address, network, program);
        _folder = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        _port = Host.Wire(network, bridge, $"{address}/24");
        Host.Run("ip", "route", "add", "default", "via", gateway);
        // Loaded now: the first use of a kind should not be slower than the others.
        Host.Run("iptables-legacy", "-t", "nat", "-L", "-n");
        Talk();
    }

    public string Name { get; }

    public IPAddress Address { get; }

    public LabHost Host { get; } = new();

    public string FileOf(string name) => Path.Combine(_folder, name);

    public void Start()
    {
        if (_program?.Invoke(this) is [var program, .. var arguments]) _process = Host.Spawn(FileOf("log"), program, arguments);
    }

    public string Log => string.Join('\n', Directory.GetFiles(_folder, "*log").Select(File.ReadAllText));

    public void Dispose()
    {
        Signal("KILL");
        Host.Dispose();
    }

    /// <summary>What a program or a file on the director tells of it: the fault that it suffers from, or nothing.</summary>
    public static string FileOfFault(string address) => $"told-{address}";

    public void Suffer(Fault fault)
    {
        File.WriteAllText(FileOf($"../{FileOfFault($"{Address}")}"), $"{fault}\n");
        switch (fault)
        {
            case Fault.Stop:
                Signal("KILL");
                _process?.WaitForExit();
                break;
            case Fault.Hang:
                Signal("STOP");
                break;
            case Fault.Slow:
                Host.Run("tc", "qdisc", "add", "dev", "eth0", "root", "netem", "delay", Delay);
                break;
            case Fault.Corrupt:
                foreach (var protocol in (string[])["tcp", "udp"])
                    Host.Run("iptables-legacy", "-t", "nat", "-A", "PREROUTING", "-p", protocol, "!", "--dport", $"{NonsensePort}", "-j", "REDIRECT", "--to-ports", $"{NonsensePort}");
                break;
            case Fault.Blackhole:
                Host.Run("iptables-legacy", "-A", "INPUT", "-j", "DROP");
                break;
            case Fault.Unplug:
                _network.Run("ip", "link", "set", _port, "down");
                break;
        }
    }

    public void Recover(Fault fault)
    {
        File.Delete(FileOf($"../{FileOfFault($"{Address}")}"));
        switch (fault)
        {
            case Fault.Stop:
                Start();
                break;
            case Fault.Hang:
                Signal("CONT");
                break;
            case Fault.Slow:
                Host.Run("tc", "qdisc", "del", "dev", "eth0", "root");
                break;
            case Fault.Corrupt:
                Host.Run("iptables-legacy", "-t", "nat", "-F");
                break;
            case Fault.Blackhole:
                Host.Run("iptables-legacy", "-F");
                break;
            case Fault.Unplug:
                _network.Run("ip", "link", "set", _port, "up");
                break;
        }
    }

    // The program with all it started, whatever groups and sessions they have made.
    void Signal(string signal)
    {
        if (_process is not { HasExited: false } process) return;
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                var stat = File.ReadAllText($"{folder}/stat");
                parents[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] = int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ')[2], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        Command.Run("busybox", ["kill", $"-{signal}", .. parents.Keys.Where(IsOurs).Order().Select(p => $"{p}")]);

        bool IsOurs(int pid) => pid == process.Id || parents.TryGetValue(pid, out var parent) && IsOurs(parent);
    }

    // What stands on the port of nonsense for the length of the test.
    void Talk()
    {
        var nonsense = new byte[400];
        new Random(Name.Length).NextBytes(nonsense);
        Host.Start(() =>
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Any, NonsensePort));
            listener.Listen();
            while (true)
            {
                using var client = listener.Accept();
                try
                {
                    client.Send(nonsense);
                    client.Shutdown(SocketShutdown.Send);
                }
                catch (SocketException)
                {
                    // The client has gone.
                }
            }
        });
        Host.Start(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, NonsensePort));
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            while (true)
            {
                socket.ReceiveFrom(new byte[2048], ref from);
                socket.SendTo(nonsense, from);
            }
        });
    }
}
