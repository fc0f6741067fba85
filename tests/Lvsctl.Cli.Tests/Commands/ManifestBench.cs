using System.Net;
using Lvsctl.Cli.Commands;
using Lvsctl.Core.Model;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>A director of one's own: a kernel, its settings, a manifest, a state directory, and time that passes only while somebody waits.</summary>
sealed class ManifestBench : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-verbs-").FullName;

    public FakeKernel Kernel { get; } = new();

    public EagerClock Clock { get; } = new();

    public string ManifestPath => Path.Combine(_directory, "cluster.yaml");

    public StateStore Store => new(Path.Combine(_directory, "state"), Clock);

    public string Manifest
    {
        set => File.WriteAllText(ManifestPath, value);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>With the manifest and the state directory of this bench.</summary>
    public VerbRun Run(string args) => VerbRun.Of($"{args} --manifest {ManifestPath} --state-dir {Path.Combine(_directory, "state")}", Workplace);

    public Workplace Workplace => new(() => new IpvsClient(Kernel.Connect()), new KernelSettings(Path.Combine(_directory, "sysctl")), Clock, Colour: false);

    public string FilePath(string name) => Path.Combine(_directory, name);

    public void Sysctl(string name, string value)
    {
        var path = Path.Combine(_directory, "sysctl", name.Replace('.', '/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, value + "\n");
    }

    public List<ObservedServer> Servers(string service)
    {
        Assert.True(KeyText.TryReadService(service, out var key));
        return Kernel.Services.Single(s => s.Service.Key == key).Servers;
    }

    public ObservedServer Server(string service, string server) => Servers(service).Single(s => s.Server.Key.ToString() == server);

    /// <summary>As if clients had come.</summary>
    public void Connect(string service, string server, uint active, uint persistent = 0)
    {
        var servers = Servers(service);
        var place = servers.FindIndex(s => s.Server.Key.ToString() == server);
        servers[place] = servers[place] with { ActiveConnections = active, PersistentConnections = persistent };
    }

    /// <summary>As if somebody else had added it.</summary>
    public void AddForeign(string service, string server)
    {
        Assert.True(KeyText.TryReadService(service, out var key) && KeyText.TryReadServer(server, out var real));
        var there = Kernel.Services.Find(s => s.Service.Key == key) ?? Kernel.Preload(new VirtualService(key));
        KeyText.TryReadServer(server, out real);
        there.Servers.Add(new ObservedServer(new RealServer(real), 0, 0, 0, default));
    }
}
