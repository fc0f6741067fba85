using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Demo;

/// <summary>Every example runs and passes; and with a part of it taken away, it fails.</summary>
public class ExampleTests
{
    // Those of VRRP are run by Lvsctl.Kernel.Tests.Vrrp, at the same time as others that wait.
    public static TheoryData<string> Runs => [.. Example.All.Where(n => n is not ("two-directors" or "vrrp-web-pair"))];

    [Fact]
    public void There_are_the_three_forwarding_methods_health_checks_the_daemon_and_vrrp() => Assert.Equal(["cron", "daemon", "dr", "nat", "tun", "two-directors", "vrrp-web-pair"], Example.All);

    [Theory]
    [MemberData(nameof(Runs))]
    public void Example_passes(string name) => Example.MustPass(name);

    public static TheoryData<string> Manifests => [.. Directory.GetFiles(Example.Folder, "cluster.yaml", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Example.Folder, f)).Order()];

    [Fact]
    public void The_textbook_networks_have_manifests() =>
        Assert.Empty(new[] { "cron/cluster.yaml", "dr/cluster.yaml", "nat/cluster.yaml", "tun/cluster.yaml", "two-directors/cluster.yaml" }.Except(Manifests.Select(r => r.Data)));

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Manifest_is_applied_and_then_plans_to_nothing(string name) => NetworkNamespace.Run(() =>
    {
        var state = Directory.CreateTempSubdirectory("lvsctl-example-").FullName;
        string[] where = ["--manifest", Path.Combine(Example.Folder, name), "--state-dir", state];
        try
        {
            Assert.Equal(4, Command.Run(Lab.Program.Path, ["plan", "--detailed-exitcode", .. where]).ExitCode);
            Command.MustRun(Lab.Program.Path, ["apply", .. where]);
            Command.MustRun(Lab.Program.Path, ["plan", "--detailed-exitcode", .. where]);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    });

    public static TheoryData<string> Checks => [.. new[] { "probes", "policies" }.SelectMany(d => Directory.GetFiles(Path.Combine(Example.Folder, d), "*.yaml")).Select(f => Path.GetRelativePath(Example.Folder, f)).Order()];

    [Fact]
    public void There_is_a_manifest_for_each_kind_of_probe() =>
        Assert.Empty("tcp http https icmp udp dns smtp exec file mysql postgres redis all-any".Split(' ').Select(kind => $"probes/{kind}.yaml").Except(Checks.Select(r => r.Data)));

    [Theory]
    [MemberData(nameof(Checks))]
    public void Check_of_an_example_tells_what_it_sees_and_changes_nothing(string name) => NetworkNamespace.Run(() =>
    {
        var output = Command.MustRun(Lab.Program.Path, "check", "--dry-run", "-v", "--deadline", "10s", "--manifest", Path.Combine(Example.Folder, name));
        // Nobody is there to be asked.
        Assert.Matches("(?m)^[a-z0-9.-]+ \\([a-z]+\\) at (10|192)\\.[0-9.:]+", output);
        Assert.Contains("to add", output);
        Assert.Equal("", Command.MustRun("/usr/sbin/ipvsadm", "-S", "-n"));
    });

    // What lvsctl is asked, and what it does instead.
    [Theory]
    [InlineData("dr", "realserver prepare", "exit 0")]
    [InlineData("dr", "realserver undo", "exit 0")]
    [InlineData("nat", "apply", "exit 0")]
    [InlineData("nat", "apply", "sed /rs2/d cluster.yaml | \"$real\" apply --manifest -; exit")]
    [InlineData("cron", "check", "exit 0")]
    [InlineData("daemon", "why", "exit 0")]
    [InlineData("dr", "apply", "sed s/wrr/rr/ cluster.yaml | \"$real\" apply --manifest -; exit")]
    public void Example_fails_when_a_part_is_missing(string name, string asked, string instead)
    {
        var saboteur = Path.GetTempFileName();
        try
        {
            File.WriteAllText(saboteur, $"""
                #!/bin/sh
                real={Lab.Program.Path}
                case "$*" in {asked.Replace(" ", "\\ ")}*) {instead} ;; esac
                exec "$real" "$@"

                """);
            Command.MustRun("chmod", "700", saboteur);
            var result = Example.Run(name, saboteur);
            Assert.True(result.ExitCode == 1, result.ToString());
            Assert.Contains("WRONG", result.Output);
            Assert.Contains($"\nFAIL {name}: ", result.Output);
        }
        finally
        {
            File.Delete(saboteur);
        }
    }
}
