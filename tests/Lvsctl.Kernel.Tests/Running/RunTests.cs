using System.Diagnostics;
using Lvsctl.Core.Model;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Kernel.Tests.Running;

/// <summary><c>lvsctl run</c> from outside: its log, and the kernel's table.</summary>
public sealed class RunTests : IDisposable
{
    const string Manifest = """
        daemon: { reconcile-every: 1s }
        checks: { port: { tcp: {}, every: 200ms, timeout: 100ms, rise: 2, fall: 2 } }
        services:
          web:
            listen: tcp 192.0.2.1:80
            scheduler: rr
            forward: nat
            check: port
            servers: { rs1: "127.0.0.2:8001", rs2: "127.0.0.3:8002" }
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-run-").FullName;

    string ManifestPath => Path.Combine(_folder, "cluster.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_follows_the_servers_mends_what_others_change_and_reloads() => NetworkNamespace.Run(() =>
    {
        File.WriteAllText(ManifestPath, Manifest);
        using var kernel = IpvsClient.Open();
        using var rs1 = Server("127.0.0.2", 8001);
        var rs2 = Server("127.0.0.3", 8002);
        using var director = Start();

        Eventually(() => Servers(kernel).Count == 2);
        Stop(rs2);
        director.Wait("remove web/rs2");
        Assert.Equal(["127.0.0.2:8001"], Servers(kernel));

        kernel.Apply([new TableChange.Flush()]);
        director.Wait("somebody changed the kernel's table");
        Eventually(() => Servers(kernel).Count == 1);

        File.WriteAllText(ManifestPath, "services: {");
        director.Signal("HUP");
        director.Wait("manifest refused");
        File.WriteAllText(ManifestPath, Manifest.Replace("scheduler: rr", "scheduler: wlc", StringComparison.Ordinal));
        director.Signal("HUP");
        director.Wait("2 probes go on, 0 are new, 0 are gone");
        director.Wait("change web");
        Assert.Equal("wlc", kernel.ReadTableOnce()[0].Service.Service.Scheduler);

        rs2 = Server("127.0.0.3", 8002);
        director.Wait("add web/rs2");
        Stop(rs2);
        Assert.Equal(0, director.Stop());
        Assert.Contains("127.0.0.2:8001", Servers(kernel));
    });

    [Fact]
    public void Killed_and_started_again_it_goes_on_where_it_was() => NetworkNamespace.Run(() =>
    {
        File.WriteAllText(ManifestPath, Manifest);
        using var kernel = IpvsClient.Open();
        using var rs1 = Server("127.0.0.2", 8001);
        var rs2 = Server("127.0.0.3", 8002);
        using (var director = Start())
        {
            Eventually(() => Servers(kernel).Count == 2);
            Stop(rs2);
            director.Wait("remove web/rs2");
            // As soon as the disk takes it.
            var health = Path.Combine(_folder, "state", "health.json");
            Eventually(() => File.Exists(health) && File.ReadAllText(health).Contains("\"Down\"", StringComparison.Ordinal));
            var second = Lvsctl("run");
            Assert.True(second.ExitCode == 8, second.ToString());
            Assert.Equal(8, Lvsctl("check").ExitCode);
            director.Kill();
        }
        var before = kernel.ReadTableOnce();
        // What it had learnt is not forgotten by a verb that probes nothing.
        Assert.Equal(0, Lvsctl("apply").ExitCode);
        Assert.Equal(["127.0.0.2:8001"], Servers(kernel));
        Assert.Single(before);

        using var again = Start();
        rs2 = Server("127.0.0.3", 8002);
        again.Wait("add web/rs2");
        Assert.Equal(["127.0.0.2:8001", "127.0.0.3:8002"], Servers(kernel));
        Stop(rs2);
        again.Kill();
    });

    static void Eventually(Func<bool> condition)
    {
        for (var i = 0; i < 100 && !condition(); i++) Thread.Sleep(50);
        Assert.True(condition());
    }

    static List<string> Servers(IpvsClient kernel) => [.. kernel.ReadTableOnce().SelectMany(p => p.Servers).Select(s => s.Server.Key.ToString()).Order()];

    Command.Result Lvsctl(string verb) => Command.Run(Lab.Program.Path, [verb, .. Where()]);

    string[] Where() => ["--manifest", ManifestPath, "--state-dir", Path.Combine(_folder, "state")];

    RunningProgram Start() => new(ManifestPath, Path.Combine(_folder, "state"));

    static Process Server(string address, int port)
    {
        var server = Process.Start("busybox", ["httpd", "-f", "-p", $"{address}:{port}", "-h", "/tmp"]);
        // The table follows as soon as it listens; nobody has to wait for that here.
        return server;
    }

    static void Stop(Process server)
    {
        server.Kill();
        server.WaitForExit();
        server.Dispose();
    }
}
