using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Running;

/// <summary>The operators' verbs beside a real <c>lvsctl run</c>: as root, as one who may look, as one who may nothing, and past a socket that is gone.</summary>
public sealed class VerbTests : IDisposable
{
    const string Looker = "64001";
    const string Stranger = "64002";

    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // Others have to get at the socket, not at the manifest.
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-verbs-").FullName;

    string ManifestPath => Path.Combine(_folder, "private", "cluster.yaml");

    string Socket => Path.Combine(_folder, "state", "control.sock");

    public VerbTests()
    {
        Command.MustRun("chmod", "755", _folder);
        Command.MustRun("mkdir", "-m", "700", Path.Combine(_folder, "private"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string Manifest(string scheduler) => $$"""
        daemon: { reconcile-every: 1s }
        control: { socket: {{Socket}}, read-only-group: {{Group()}} }
        checks: { port: { tcp: {}, every: 200ms, timeout: 100ms, rise: 1, fall: 2 } }
        services:
          web: { listen: tcp 192.0.2.1:80, scheduler: {{scheduler}}, forward: nat, check: port, servers: { rs1: "127.0.0.2:8001", rs2: "127.0.0.3:8002" } }
        """;

    // Of the machine's own: it has a name and no members.
    static string Group() => File.ReadLines("/etc/group").Select(l => l.Split(':')).First(g => g[0] is "games" or "users")[0];

    static string GroupNumber() => File.ReadLines("/etc/group").Select(l => l.Split(':')).First(g => g[0] == Group())[2];

    [Fact]
    public void Each_may_do_what_he_may_and_nobody_writes_past_the_director() => NetworkNamespace.Run(() =>
    {
        File.WriteAllText(ManifestPath, Manifest("rr"));
        using var rs1 = Process.Start("busybox", ["httpd", "-f", "-p", "127.0.0.2:8001", "-h", "/tmp"]);
        using var rs2 = Process.Start("busybox", ["httpd", "-f", "-p", "127.0.0.3:8002", "-h", "/tmp"]);
        using var director = Process.Start(new ProcessStartInfo(Lab.Program.Path, (string[])["run", .. Where()]) { RedirectStandardError = true })!;
        try
        {
            Wait(director, "add web/rs1", "add web/rs2");
            // Its socket opens while it works already.
            for (var i = 0; i < 100 && Command.Run(Lab.Program.Path, ["status", .. Where()]).Error.Length > 0; i++) Thread.Sleep(50);
            AsRoot();
            AsOneWhoMayLook();
            AsAStranger();
            File.Delete(Socket);
            PastADeadSocket();
        }
        finally
        {
            director.Kill();
            director.WaitForExit();
            foreach (var server in (Process[])[rs1, rs2])
            {
                server.Kill();
                server.WaitForExit();
            }
        }
        // With nobody at work the verbs do it themselves, as before.
        Succeeds(Lvsctl("drain", "rs1"), "~ rs1 127.0.0.2:8001: weight 1 -> 0");
        Succeeds(Lvsctl("why", "rs1"), "web/rs1 gets no connections: drained at an operator's wish");
        Succeeds(Lvsctl("events", "--kind", "intent"), "asked: drain rs2");
        Succeeds(Lvsctl("resume", "rs1"), "+ rs1 127.0.0.2:8001");
    });

    void AsRoot()
    {
        Succeeds(Lvsctl("status"), "up");
        Succeeds(Lvsctl("drain", "rs2"), "~ rs2 127.0.0.3:8002: weight 1 -> 0");
        Assert.DoesNotContain("127.0.0.3:8002", Command.MustRun("/usr/sbin/ipvsadm", "-Ln"));
        Succeeds(Lvsctl("why", "rs2"), "web/rs2 gets no connections: root asked: drained");
        Succeeds(Lvsctl("resume", "rs2"), "+ rs2 127.0.0.3:8002");
        Assert.Contains("127.0.0.3:8002", Command.MustRun("/usr/sbin/ipvsadm", "-Ln"));
        File.WriteAllText(ManifestPath, Manifest("wlc"));
        Succeeds(Lvsctl("apply"), "scheduler rr -> wlc");
        Succeeds(Lvsctl("reload"), "Reloaded: 2 probes go on, 0 are new, 0 are gone.");
        Assert.Contains("wlc", Command.MustRun("/usr/sbin/ipvsadm", "-Ln"));
    }

    void AsOneWhoMayLook()
    {
        Succeeds(As(Looker, GroupNumber(), "status"), "rs1");
        Succeeds(As(Looker, GroupNumber(), "why", "rs1"), "web/rs1 gets connections: weight 1");
        Succeeds(As(Looker, GroupNumber(), "events", "--kind", "intent"), "asked: drain rs2");
        var refused = As(Looker, GroupNumber(), "drain", "rs1");
        Assert.True(refused.ExitCode == 7 && refused.Error.Contains("may look and change nothing", StringComparison.Ordinal), refused.ToString());
    }

    void AsAStranger()
    {
        foreach (var verb in (string[][])[["status"], ["events"], ["drain", "rs1"]])
        {
            var refused = As(Stranger, Stranger, verb);
            Assert.True(refused.ExitCode == 7 && refused.Error.Contains($"no permission for the director's control socket {Socket}", StringComparison.Ordinal), refused.ToString());
        }
    }

    void PastADeadSocket()
    {
        foreach (var verb in (string[][])[["drain", "rs1"], ["apply"], ["reload"]])
        {
            var refused = Lvsctl(verb);
            Assert.True(refused.ExitCode == 1 && refused.Error.Contains($"its control socket {Socket} cannot be used", StringComparison.Ordinal), refused.ToString());
        }
        Succeeds(Lvsctl("status"), "rs1");
        Assert.Contains("127.0.0.2:8001", Command.MustRun("/usr/sbin/ipvsadm", "-Ln"));
    }

    Command.Result Lvsctl(params string[] verb) => Command.Run(Lab.Program.Path, [.. verb, .. Where()]);

    string[] Where() => ["--manifest", ManifestPath, "--state-dir", Path.Combine(_folder, "state")];

    Command.Result As(string user, string group, params string[] verb) =>
        Command.Run("setpriv", ["--reuid", user, "--regid", group, "--clear-groups", "--inh-caps=-all", Lab.Program.Path, .. verb, "--socket", Socket]);

    static void Succeeds(Command.Result result, string words) => Assert.True(result.ExitCode == 0 && result.Output.Contains(words, StringComparison.Ordinal), $"'{words}' expected: {result}");

    // Reads the log until it has said all of this.
    static void Wait(Process director, params List<string> words)
    {
        while (words.Count > 0)
        {
            var line = director.StandardError.ReadLineAsync().WaitAsync(s_patience).GetAwaiter().GetResult() ?? throw new InvalidOperationException($"it ended before '{words[0]}'");
            words.RemoveAll(w => line.Contains(w, StringComparison.Ordinal));
        }
    }
}
