using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Manifests;

/// <summary>Applies that nobody confirms, seen from outside: by ipvsadm, through processes that lose their terminal or their life.</summary>
public sealed class ConfirmTests : IDisposable
{
    const string Before = "services: { web: { listen: tcp 10.0.0.1:80, scheduler: rr, forward: nat, servers: { rs1: 10.1.0.1, rs2: 10.1.0.2 } } }";

    const string After = """
        services:
          web: { listen: tcp 10.0.0.1:80, scheduler: wrr, forward: nat, servers: { rs1: { address: 10.1.0.1, weight: 5 }, rs3: 10.1.0.3 } }
          dns: { listen: udp 10.0.0.1:53, servers: { d1: 10.1.0.5 } }
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-confirm-").FullName;

    string Manifest => Path.Combine(_folder, "cluster.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Nobody_confirms_and_the_terminal_is_gone() => NetworkNamespace.Run(() =>
    {
        var before = Arrange();
        using var apply = Start("6s");
        WaitUntil(() => Table().Contains("wrr", StringComparison.Ordinal), apply);
        Signal(apply, "HUP");
        Assert.False(apply.WaitForExit(TimeSpan.FromSeconds(1)), "it died with its terminal");
        Assert.True(apply.WaitForExit(TimeSpan.FromMinutes(2)), "it waits for ever");
        Assert.Equal((10, before), (apply.ExitCode, Table()));
    });

    [Fact]
    public void Nobody_confirms_and_the_terminal_no_longer_reads() => NetworkNamespace.Run(() =>
    {
        // More than a pipe holds.
        File.WriteAllText(Manifest, $"services: {{ {string.Join(", ", Enumerable.Range(1, 200).Select(n => $"s{n}: {{ listen: tcp 10.0.0.{n}:80, servers: {{ rs: {{ addresses: \"10.1.0.[1-10]\" }} }} }}"))} }}");
        using var apply = Process.Start(new ProcessStartInfo(Lab.Program.Path,
            ["apply", "--confirm-within", "3s", "--manifest", Manifest, "--state-dir", Path.Combine(_folder, "state")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        WaitUntil(() => Table().Contains("10.0.0.200:80", StringComparison.Ordinal), apply);
        WaitUntil(() => Table().Trim().Length == 0, running: null);
        Assert.True(apply.WaitForExit(TimeSpan.FromMinutes(1)), "it waits for its reader for ever");
        Assert.Equal(10, apply.ExitCode);
    });

    [Fact]
    public void Whoever_waits_is_killed_and_the_next_apply_rolls_back() => NetworkNamespace.Run(() =>
    {
        var before = Arrange();
        using (var apply = Start("5s"))
        {
            WaitUntil(() => Table().Contains("10.1.0.5", StringComparison.Ordinal), apply);
            Assert.Equal(8, Lvsctl("apply").ExitCode);
            apply.Kill();
            apply.WaitForExit();
        }
        Assert.Contains("wrr", Table());
        WaitUntil(() => Lvsctl("plan").Output.Contains("the next 'lvsctl apply' rolls it back", StringComparison.Ordinal), null);

        var next = Lvsctl("apply");

        Assert.True(next.ExitCode == 10, next.ToString());
        Assert.Equal(before, Table());
        Assert.Equal(0, Lvsctl("apply").ExitCode);
        Assert.Contains("wrr", Table());
    });

    [Fact]
    public void Somebody_confirms_and_somebody_gives_up() => NetworkNamespace.Run(() =>
    {
        var before = Arrange();
        using (var given = Start("300s"))
        {
            WaitUntil(() => Table().Contains("wrr", StringComparison.Ordinal), given);
            Signal(given, "TERM");
            given.WaitForExit();
            Assert.Equal((10, before), (given.ExitCode, Table()));
        }
        using var apply = Start("300s");
        WaitUntil(() => Table().Contains("wrr", StringComparison.Ordinal), apply);
        WaitUntil(() => Lvsctl("confirm").ExitCode == 0, apply);
        apply.WaitForExit();
        Assert.Equal(0, apply.ExitCode);
        Assert.Contains("wrr", Table());
    });

    // The old table, and the new manifest in the file's place.
    string Arrange()
    {
        File.WriteAllText(Manifest, Before);
        Assert.Equal(0, Lvsctl("apply").ExitCode);
        File.WriteAllText(Manifest, After);
        return Table();
    }

    // Of the kernel's own order nothing is promised.
    static string Table() => string.Join('\n', Command.MustRun("ipvsadm", "-Sn").Split('\n').Order(StringComparer.Ordinal));

    Command.Result Lvsctl(string verb) => Command.Run(Lab.Program.Path, verb, "--manifest", Manifest, "--state-dir", Path.Combine(_folder, "state"));

    // Nobody listens to it: it reads and writes a pipe of which the other end is closed.
    Process Start(string within)
    {
        var process = Process.Start(new ProcessStartInfo(Lab.Program.Path,
            ["apply", "--confirm-within", within, "--manifest", Manifest, "--state-dir", Path.Combine(_folder, "state")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardOutput.Close();
        process.StandardError.Close();
        return process;
    }

    static void Signal(Process process, string signal) => Command.MustRun("kill", $"-{signal}", $"{process.Id}");

    static void WaitUntil(Func<bool> isSo, Process? running)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if (isSo()) return;
            Assert.False(running?.HasExited ?? false, $"it ended with code {(running?.HasExited ?? false ? running.ExitCode : 0)}");
            Thread.Sleep(100);
        }
        Assert.Fail("it never came so");
    }
}
