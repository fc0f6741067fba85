using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Manifests;

/// <summary><c>lvsctl check</c> as a process, with a real disk that is full and a life that may end at any moment.</summary>
public sealed class CheckTests : IDisposable
{
    const string Manifest = """
        checks: { web: { tcp: {}, port: 8080, rise: 2, fall: 2, every: 1m, fast-every: 10ms, timeout: 10s } }
        services: { web: { listen: tcp 10.0.0.1:80, scheduler: rr, check: web, servers: { rs1: 127.0.7.1, rs2: 127.0.7.2, rs3: 127.0.7.3 } } }
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-check-").FullName;

    string State => Path.Combine(_folder, "state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string[] Arguments(string verb) => [.. verb.Split(' '), "--manifest", Path.Combine(_folder, "cluster.yaml"), "--state-dir", State];

    Command.Result Lvsctl(string verb) => Command.Run(Lab.Program.Path, Arguments(verb));

    // In the namespace of the calling thread.
    static Socket Listen(int server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.7.{server}"), 8080));
        socket.Listen();
        return socket;
    }

    static string Table() => string.Join(' ', Enumerable.Range(1, 3).Where(i => Command.MustRun("/usr/sbin/ipvsadm", "-S", "-n").Contains($" 127.0.7.{i}:80 ", StringComparison.Ordinal)).Select(i => $"rs{i}"));

    void Arrange()
    {
        File.WriteAllText(Path.Combine(_folder, "cluster.yaml"), Manifest);
        Directory.CreateDirectory(State);
        Assert.Equal(0, Lvsctl("apply").ExitCode);
        Assert.Equal("rs1 rs2 rs3", Table());
    }

    [Fact]
    public void On_a_full_disk_a_check_fails_in_one_line_and_takes_out_nobody_but_the_dead() => NetworkNamespace.Run(() =>
    {
        Directory.CreateDirectory(State);
        Command.MustRun("mount", "-t", "tmpfs", "-o", "size=64k", "full", State);
        try
        {
            Arrange();
            var servers = Enumerable.Range(1, 3).Select(Listen).ToList();
            Assert.Equal("exit code 0\n", Lvsctl("check").ToString());
            using (var filler = new FileStream(Path.Combine(State, "filler"), FileMode.Create))
            {
                Assert.Throws<IOException>(() =>
                {
                    for (var i = 0; i < 64; i++)
                    {
                        filler.Write(new byte[4096]);
                        filler.Flush();
                    }
                });
            }

            servers[0].Dispose();
            for (var pass = 0; pass < 3; pass++)
            {
                var run = Lvsctl("check --rounds 2");
                Assert.True(run is { ExitCode: 1, Output: "" }, run.ToString());
                Assert.Matches("^lvsctl: cannot write .*health.json: No space left on device.*\n$", run.Error);
                Assert.Equal("rs2 rs3", Table());
            }
            File.Delete(Path.Combine(State, "filler"));
            Assert.Equal("exit code 0\n", Lvsctl("check --rounds 2").ToString());
            servers.ForEach(s => s.Dispose());
        }
        finally
        {
            Command.MustRun("umount", State);
        }
    });

    [Fact]
    public void A_check_that_is_killed_at_any_moment_takes_out_nobody_but_the_dead() => NetworkNamespace.Run(() =>
    {
        Arrange();
        var dead = Listen(1);
        using var alive = Listen(2);
        using var other = Listen(3);
        for (var milliseconds = 0; milliseconds < 400; milliseconds += 20)
        {
            if (milliseconds == 100) dead.Dispose();
            using var check = Process.Start(new ProcessStartInfo(Lab.Program.Path, Arguments("check --rounds 2")) { RedirectStandardError = true })!;
            check.WaitForExit(milliseconds);
            check.Kill();
            check.WaitForExit();
            Assert.EndsWith("rs2 rs3", Table());
        }
        Assert.Equal("exit code 0\n", Lvsctl("check --rounds 2").ToString());
        Assert.Equal("rs2 rs3", Table());
    });

    [Fact]
    public void Two_checks_at_once_work_one_after_the_other_or_not_at_all() => NetworkNamespace.Run(() =>
    {
        Arrange();
        using var alive = Listen(2);
        var runs = Enumerable.Range(0, 4).Select(_ => Process.Start(new ProcessStartInfo(Lab.Program.Path, Arguments("check --rounds 2 --lock-timeout 0s")) { RedirectStandardError = true })!).ToList();
        foreach (var run in runs)
        {
            var error = run.StandardError.ReadToEnd();
            run.WaitForExit();
            Assert.True((run.ExitCode, error) is (0, "") or (8, not ""), $"{run.ExitCode} {error}");
            run.Dispose();
        }
        Assert.Equal("rs2", Table());
    });
}
