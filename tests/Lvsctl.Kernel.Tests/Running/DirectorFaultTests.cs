using System.Diagnostics;
using Lvsctl.Core.Model;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Kernel.Tests.Running;

/// <summary>What may befall a director's machine: the daemon goes on, or says why it does not.</summary>
public sealed class DirectorFaultTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-faults-").FullName;
    readonly List<Process> _servers = [];

    string State => Path.Combine(_folder, "state");

    string ManifestPath => Path.Combine(_folder, "cluster.yaml");

    string Socket => Path.Combine(State, "control.sock");

    public void Dispose()
    {
        foreach (var server in _servers.ToList()) End(server);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Without_the_right_to_the_table_it_ends_with_7_and_says_what_is_missing() => NetworkNamespace.Run(() =>
    {
        Write();
        using var director = new RunningProgram(ManifestPath, State, ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"]);

        Assert.Equal(7, director.WaitForExit());
        Assert.Contains("NET_ADMIN", director.Log);
    });

    [Fact]
    public void A_full_disk_keeps_no_dead_server_in_and_loses_no_event() => NetworkNamespace.Run(() =>
    {
        Write();
        Directory.CreateDirectory(State);
        Command.MustRun("mount", "-t", "tmpfs", "-o", "size=256k", "none", State);
        try
        {
            using var kernel = IpvsClient.Open();
            using var director = Start(out var rs2);
            Eventually(() => Servers(kernel) == 2, director);
            Command.Run("busybox", "dd", "if=/dev/zero", $"of={State}/filler", "bs=1k");
            End(rs2);
            Eventually(() => Servers(kernel) == 1, director);
            director.Wait("No space left");
            Server("127.0.0.3");
            Eventually(() => Servers(kernel) == 2, director);

            File.Delete(Path.Combine(State, "filler"));
            // The next event, or a second, brings those that wait.
            Eventually(() => Events().Contains("server.up", StringComparison.Ordinal), director);
            var told = Events();
            foreach (var what in (string[])["web/rs2 is down", "remove web/rs2", "add web/rs2"]) Assert.Contains(what, told);
            Assert.Equal(0, director.Stop());
        }
        finally
        {
            Command.Run("umount", "-l", State);
        }
    });

    [Fact]
    public void A_control_socket_that_is_taken_stops_nobody_and_is_tried_again() => NetworkNamespace.Run(() =>
    {
        Write();
        Directory.CreateDirectory(State);
        File.WriteAllText(Socket, "no socket");
        using var kernel = IpvsClient.Open();
        using var director = Start(out _);
        director.Wait("something that is no socket is there");
        Eventually(() => Servers(kernel) == 2, director);
        var refused = Lvsctl("drain", "rs1");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(Socket, refused.Error);

        File.Delete(Socket);
        director.Wait("is there now");
        Assert.Equal(0, Lvsctl("status").ExitCode);

        // A second director with a state of its own, at the same socket.
        using var second = new RunningProgram(ManifestPath, State + "2", ["env", $"LOGS_DIRECTORY={State}"]);
        second.Wait("another process does");
        second.Kill();
        Assert.Equal(0, Lvsctl("status").ExitCode);
        // Killed, it leaves its socket's file behind, which is in nobody's way.
        director.Kill();
        using var again = new RunningProgram(ManifestPath, State);
        Eventually(() => Lvsctl("reload").ExitCode == 0, again);
    });

    [Fact]
    public void A_damaged_journal_is_told_and_the_rest_of_it_kept() => NetworkNamespace.Run(() =>
    {
        Write();
        using var kernel = IpvsClient.Open();
        using (var director = Start(out _))
        {
            Eventually(() => Servers(kernel) == 2, director);
            director.Kill();
        }
        var file = Directory.GetFiles(Path.Combine(State, "events")).Single();
        File.AppendAllText(file, "\0\0\0\0 no event at all\n{\"id\":");

        using var again = new RunningProgram(ManifestPath, State);
        again.Wait("are damaged and are passed over");
        Eventually(() => Events().Contains("journal.damaged", StringComparison.Ordinal), again);
        Assert.Contains("add web/rs1", Events());
        Assert.Equal(0, again.Stop());
    });

    [Fact]
    public void A_wall_clock_that_is_set_an_hour_takes_nobody_out_and_death_is_seen_as_before() => NetworkNamespace.Run(() =>
    {
        Write();
        using var kernel = IpvsClient.Open();
        using var director = Start(out var rs2);
        Eventually(() => Servers(kernel) == 2, director);
        var moved = 0;
        try
        {
            foreach (var (hours, words) in ((int, string)[])[(1, "forward"), (-1, "back"), (-1, "back")])
            {
                SetClock(hours);
                moved += hours;
                director.Wait($" {words}; probes and time-outs go on");
                Thread.Sleep(1_000);
                Assert.Equal(2, Servers(kernel));
            }
            End(rs2);
            Eventually(() => Servers(kernel) == 1, director);
            // What was learnt in what is the future now is not believed, and empties nothing.
            director.Kill();
            using var again = new RunningProgram(ManifestPath, State);
            again.Wait("lvsctl runs");
            Server("127.0.0.3");
            Eventually(() => Servers(kernel) == 2, again);
        }
        finally
        {
            SetClock(-moved);
        }
    });

    [Fact]
    public void With_all_of_the_processor_taken_it_takes_nobody_out_and_answers() => NetworkNamespace.Run(() =>
    {
        Write();
        using var kernel = IpvsClient.Open();
        using var director = Start(out var rs2);
        Eventually(() => Servers(kernel) == 2, director);
        var busy = Enumerable.Range(0, 4).Select(_ => Process.Start("sh", ["-c", "while :; do :; done"])).ToList();
        try
        {
            Thread.Sleep(8_000);
            Assert.Equal(2, Servers(kernel));
            Assert.DoesNotContain("is down", director.Log);
            Assert.Equal(0, Lvsctl("status").ExitCode);
            End(rs2);
            Eventually(() => Servers(kernel) == 1, director);
        }
        finally
        {
            foreach (var process in busy)
            {
                process.Kill();
                process.Dispose();
            }
        }
    });

    [Fact]
    public void A_module_that_is_unloaded_and_loaded_again_gets_its_table_back() => NetworkNamespace.Run(() =>
    {
        Write();
        using var director = Start(out _);
        // Not loaded by anybody's question, as on a kernel that has lost it.
        var loader = File.ReadAllText("/proc/sys/kernel/modprobe").Trim();
        try
        {
            director.Wait("add web/rs");
            director.Wait("add web/rs");
            director.Signal("STOP");
            using (var kernel = IpvsClient.Open()) kernel.Apply([new TableChange.Flush()]);
            KernelModules.Unload();
            File.WriteAllText("/proc/sys/kernel/modprobe", "/bin/false");
            director.Signal("CONT");
            director.Wait("the kernel's table cannot be seen to");
            Assert.Contains("cannot be seen to", Lvsctl("events").Output);
        }
        finally
        {
            File.WriteAllText("/proc/sys/kernel/modprobe", loader);
        }
        Command.MustRun("modprobe", "ip_vs");
        director.Wait("can be seen to again");
        using var again = IpvsClient.Open();
        Eventually(() => Servers(again) == 2, director);
        Assert.Equal(0, director.Stop());
    });

    void Write() => File.WriteAllText(ManifestPath, $$"""
        daemon: { reconcile-every: 1s, journal-size: 64k }
        control: { socket: {{Socket}} }
        checks: { port: { tcp: {}, every: 300ms, timeout: 250ms, rise: 2, fall: 2 } }
        services:
          web:
            listen: tcp 192.0.2.1:80
            scheduler: rr
            forward: nat
            check: port
            servers: { rs1: "127.0.0.2:8001", rs2: "127.0.0.3:8001" }
        """);

    RunningProgram Start(out Process rs2)
    {
        Server("127.0.0.2");
        rs2 = Server("127.0.0.3");
        return new RunningProgram(ManifestPath, State);
    }

    Process Server(string address)
    {
        var server = Process.Start("busybox", ["httpd", "-f", "-p", $"{address}:8001", "-h", "/tmp"]);
        _servers.Add(server);
        return server;
    }

    void End(Process server)
    {
        _servers.Remove(server);
        server.Kill();
        server.WaitForExit();
        server.Dispose();
    }

    static void SetClock(int hours) => Command.MustRun("date", "-s", $"@{DateTimeOffset.UtcNow.AddHours(hours).ToUnixTimeSeconds()}");

    string Events() => Lvsctl("events", "--json").Output;

    Command.Result Lvsctl(params IEnumerable<string> words) => Command.Run(Lab.Program.Path, [.. words, "--manifest", ManifestPath, "--state-dir", State]);

    static int Servers(IpvsClient kernel) => kernel.ReadTableOnce().Sum(p => p.Servers.Count(s => s.Server.Weight > 0));

    static void Eventually(Func<bool> condition, RunningProgram director)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), $"waited in vain after\n{director.Log}");
            Thread.Sleep(50);
        }
    }
}
