using System.Net;
using System.Net.Sockets;
using Lvsctl.Cli.Commands;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Running;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Manifests;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>A director at work in this process, with a fake kernel, two real servers on loopback and a control socket, and the verbs beside it.</summary>
sealed class DaemonBench : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-daemon-").FullName;
    readonly Socket?[] _listeners = new Socket?[3];
    readonly ushort _port;
    readonly StringWriter _log = new();
    DirectorLog? _logs;
    ServiceManager? _manager;
    DirectorService? _service;
    IDisposable? _only;
    CancellationTokenSource? _stop;
    Thread? _thread;

    public DaemonBench(bool starts = true)
    {
        Up(1);
        _port = (ushort)((IPEndPoint)_listeners[1]!.LocalEndPoint!).Port;
        Up(2);
        Manifest = Text();
        if (starts) Start();
    }

    public FakeKernel Kernel { get; } = new();

    /// <summary>What the director has against the next manifest.</summary>
    public string? Objection { get; set; }

    public string Socket => FilePath("control.sock");

    public string ManifestPath => FilePath("cluster.yaml");

    public StateStore Store => new(FilePath("state"), TimeProvider.System);

    public string Manifest
    {
        set => File.WriteAllText(ManifestPath, value);
    }

    public string Text(string scheduler = "rr", string services = "") => $$"""
        daemon: { reconcile-every: 1s }
        control: { socket: {{Socket}} }
        checks: { port: { tcp: {}, port: {{_port}}, every: 200ms, timeout: 200ms, rise: 1, fall: 2 } }
        services:
          web: { listen: tcp 10.0.0.1:80, scheduler: {{scheduler}}, check: port, servers: { rs1: 127.0.8.1, rs2: 127.0.8.2 } }
        {{services}}
        """;

    public string FilePath(string name) => Path.Combine(_directory, name);

    public Workplace Workplace => new(() => new IpvsClient(Kernel.Connect()), new KernelSettings(FilePath("sysctl")), TimeProvider.System, Colour: false);

    public VerbRun Run(string args) => VerbRun.Of($"{args} --manifest {ManifestPath} --state-dir {FilePath("state")}", Workplace);

    /// <summary>Of somebody who has neither the manifest nor the state.</summary>
    public VerbRun Ask(string args) => VerbRun.Of($"{args} --socket {Socket}", Workplace);

    public void Start()
    {
        var cluster = ManifestReader.Read([ManifestPath]).Cluster!;
        _stop = new();
        _only = Store.TryBeDaemon();
        _logs = DirectorLog.Open(cluster.Log, TextWriter.Synchronized(_log));
        _manager = new ServiceManager(null, null);
        _service = new DirectorService(cluster, new DirectorHost([ManifestPath], Read, Workplace.OpenKernel, Workplace.Settings, TimeProvider.System), Store, _logs, _manager);
        _thread = new Thread(() => _service.Run(_stop.Token));
        _thread.Start();
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Socket) && ControlClient.TryConnect(Socket) is { } client && Closed(client), s_patience), $"no control socket\n{_log}");
        Wait("add web/rs1");
        Wait("add web/rs2");

        static bool Closed(ControlClient client)
        {
            client.Dispose();
            return true;
        }

        ManifestReading Read()
        {
            var result = ManifestReader.Read([ManifestPath]);
            return Objection is null ? new(result.Cluster, string.Join("; ", result.Errors)) : new(null, Objection);
        }
    }

    public void Stop()
    {
        _stop?.Cancel();
        _thread?.Join();
        _service?.Dispose();
        _manager?.Dispose();
        _logs?.Dispose();
        _only?.Dispose();
        _stop?.Dispose();
        (_stop, _thread, _service, _only) = (null, null, null, null);
    }

    /// <summary>Until the journal has these words.</summary>
    public void Wait(string words) => WaitAsync(words).GetAwaiter().GetResult();

    async Task WaitAsync(string words)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var client = ControlClient.TryConnect(Socket) ?? throw new InvalidOperationException("nobody listens");
        try
        {
            await foreach (var line in client.StreamLinesAsync($"{DirectorRoutes.Events}?follow=1", patience.Token))
            {
                if (line.Contains(words, StringComparison.Ordinal)) return;
            }
        }
        catch (OperationCanceledException)
        {
        }
        throw new InvalidOperationException($"waited for '{words}'\n{_log}");
    }

    public void Up(int server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.8.{server}"), _port));
        socket.Listen();
        _listeners[server] = socket;
    }

    public void Down(int server) => _listeners[server]!.Dispose();

    /// <summary>As if clients had come.</summary>
    public void Connect(int server, uint active)
    {
        lock (Kernel)
        {
            var servers = Kernel.Services[0].Servers;
            var place = servers.FindIndex(s => s.Server.Key.Address.GetAddressBytes()[3] == server);
            servers[place] = servers[place] with { ActiveConnections = active };
        }
    }

    /// <summary><c>rs1=1 rs2=0</c>: who is in the table, with which weight.</summary>
    public string Table
    {
        get
        {
            lock (Kernel) return string.Join(' ', Kernel.Services.SelectMany(s => s.Servers).Select(s => $"rs{s.Server.Key.Address.GetAddressBytes()[3]}={s.Server.Weight}").Order(StringComparer.Ordinal));
        }
    }

    public void Dispose()
    {
        Stop();
        foreach (var listener in _listeners) listener?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
