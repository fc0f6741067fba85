using System.Net;
using System.Net.Sockets;
using Lvsctl.Cli.Commands;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>A director of one's own with three real servers on loopback, and a wall clock that can be set.</summary>
sealed class CheckBench : IDisposable
{
    public const string Web = "tcp 10.0.0.1:80";

    /// <summary>Once a director has begun, a server goes and comes by two outcomes.</summary>
    public const string Usual = "rise: 2, fall: 2, every: 1m, fast-every: 10ms, timeout: 30s";

    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-check-").FullName;
    readonly Socket?[] _listeners = new Socket?[4];

    public CheckBench(string policy = Usual, string service = "", string probe = "tcp: {}", string rest = "")
    {
        // All on one port, which is free on the first and so most likely on the others.
        _listeners[0] = Listen(0, 0);
        Port = (ushort)((IPEndPoint)_listeners[0]!.LocalEndPoint!).Port;
        for (var i = 1; i <= 3; i++) Up(i);
        Manifest = Text(policy, service, probe, rest: rest);
    }

    public ushort Port { get; }

    public FakeKernel Kernel { get; } = new();

    public WallClock Clock { get; } = new();

    public string Manifest
    {
        set => File.WriteAllText(FilePath("cluster.yaml"), value);
    }

    public string Text(string policy = Usual, string service = "", string probe = "tcp: {}", string servers = "rs1: 127.0.7.1, rs2: 127.0.7.2, rs3: 127.0.7.3", string rest = "") => $$"""
        checks: { web: { {{probe}}, port: {{Port}}, {{policy}} } }
        services:
          web: { listen: tcp 10.0.0.1:80, scheduler: rr, check: web, {{(service.Length > 0 ? service + ", " : "")}}servers: { {{servers}} } }
        {{rest}}
        """;

    public string StateDirectory => FilePath("state");

    public StateStore Store => new(StateDirectory, Clock);

    public string FilePath(string name) => Path.Combine(_directory, name);

    static Socket Listen(int server, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.7.{(server == 0 ? 99 : server)}"), port));
        socket.Listen();
        return socket;
    }

    public void Up(params ReadOnlySpan<int> servers)
    {
        foreach (var server in servers) _listeners[server] ??= Listen(server, Port);
    }

    public void Down(params ReadOnlySpan<int> servers)
    {
        foreach (var server in servers)
        {
            _listeners[server]?.Dispose();
            _listeners[server] = null;
        }
    }

    public VerbRun Run(string args) =>
        VerbRun.Of($"{args} --manifest {FilePath("cluster.yaml")} --state-dir {StateDirectory}",
            new Workplace(() => new IpvsClient(Kernel.Connect()), new KernelSettings(FilePath("sysctl")), Clock, Colour: false));

    public void Apply() => Assert.Equal(0, Run("apply").Code);

    /// <summary>Nothing to say, and code 0.</summary>
    public void Check(string args = "") => Assert.Equal(new VerbRun(0, "", ""), Run($"check {args}"));

    /// <summary><c>rs1=1 rs3=0</c>: who is in the table, with which weight.</summary>
    public string Table => string.Join(' ', Kernel.Services.SelectMany(s => s.Servers)
        .Select(s => $"rs{s.Server.Key.Address.GetAddressBytes()[3]}={s.Server.Weight}").Order(StringComparer.Ordinal));

    public void Dispose()
    {
        foreach (var listener in _listeners) listener?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>Time passes as it does; what day it is can be set.</summary>
sealed class WallClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
