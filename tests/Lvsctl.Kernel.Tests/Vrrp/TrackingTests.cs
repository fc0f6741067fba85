using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>What a virtual router depends on, and what operators are told of it.</summary>
public sealed class TrackingTests
{
    static readonly Dictionary<string, int> s_weights = new() { ["interface"] = -10, ["check"] = -20, ["file"] = -30, ["process"] = 40 };

    [Fact]
    public void Everything_tracked_makes_the_priority_and_status_shows_the_sum()
    {
        using var segment = new Segment();
        var tracked = segment.Keep(new Tracked(segment));
        var router = segment.Lvsctl(1, tracked.Manifest(kind => s_weights[kind]));
        router.Start();
        Says("140 = 100 + 40 (process gatekeeper is well)");
        router.WaitForState("master");

        tracked.Break("interface");
        Says("130 = 100 - 10 (interface uplink fails) + 40 (process gatekeeper is well)");
        tracked.Break("check");
        Says("110 = 100 - 10 (interface uplink fails) - 20 (check answers fails) + 40 (process gatekeeper is well)");
        tracked.Break("process");
        Says("70 = 100 - 10 (interface uplink fails) - 20 (check answers fails)");
        tracked.Break("file");
        Says($"40 = 100 - 10 (interface uplink fails) - 20 (check answers fails) - 30 ({tracked.Name("file")} fails)");
        // Weights alone take the mastership from nobody.
        Assert.Equal("master", router.Look().State);
        foreach (var kind in Tracked.Kinds) tracked.Mend(kind);
        Says("140 = 100 + 40 (process gatekeeper is well)");

        void Says(string sum)
        {
            segment.Wait(() => router.TryLook()?.Priority.Text == sum, $"a priority of {sum}");
            Assert.Contains($"  priority  {sum}\n", router.StatusText());
            router.WaitForWords($"edge: priority {sum}");
        }
    }

    [Fact]
    public void A_weight_that_makes_the_other_router_better_moves_the_address()
    {
        using var segment = new Segment();
        var file = $"{segment.Work}/well";
        File.WriteAllText(file, "");
        var (first, _) = Pair.Start(segment, only1: $"track: [ {{ file: {file}, weight: -150 }} ]\n");

        File.Delete(file);

        segment.WaitForOwner(2);
        Assert.Contains($"priority  50 = 200 - 150 (file {file} fails)", first.StatusText());
        File.WriteAllText(file, "");
        segment.WaitForOwner(1);
    }

    [Fact]
    public void Whatever_is_tracked_without_a_weight_is_a_fault_when_it_fails()
    {
        using var segment = new Segment();
        var tracked = segment.Keep(new Tracked(segment));
        var router = segment.Lvsctl(1, tracked.Manifest(_ => 0));
        router.Start();

        foreach (var kind in Tracked.Kinds)
        {
            router.WaitForState("master");
            tracked.Break(kind);
            router.WaitForState("fault");
            Assert.False(segment.Has(1));
            Assert.Contains($"  priority  100, fault: {tracked.Name(kind)} fails\n", router.StatusText());
            tracked.Mend(kind);
        }
        router.WaitForState("master");
        Assert.True(segment.Has(1));
    }

    [Fact]
    public void A_director_none_of_whose_services_has_its_quorum_makes_way()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("LVSCTL_LAB") == "1", "a director needs IPVS");
        using var segment = new Segment();
        var state = $"{segment.Work}/run.state";
        var control = $"{state}/control.sock";
        static string Vrrp(int priority, string track) => $$"""

            vrrp:
              edge: { interface: eth0, id: 51, interval: 100ms, priority: {{priority}}, addresses: 10.1.8.100/24, track: [ {{track}} ] }

            """;
        var manifest = $$"""
            control: { socket: {{control}} }
            checks:
              file: { file: { path: {{segment.Work}}/serving }, every: 1s, timeout: 900ms, rise: 1, fall: 1 }
            services:
              web: { listen: tcp 10.1.8.100:80, scheduler: rr, forward: nat, check: file, servers: { rs1: "127.0.0.2:8001" } }
            {{Vrrp(200, "{ director: [ quorum, memory, cpu, late-probes ] }")}}
            """;
        File.WriteAllText($"{segment.Work}/serving", "");
        var first = segment.Lvsctl(1, manifest);
        using var director = segment.Hosts[0].Spawn($"{segment.Work}/run.log", Lab.Program.Path, "run", "-m", first.Manifest, "--state-dir", state, "--no-vrrp");
        segment.Wait(() => File.Exists(control), "the director");
        first.Start("run.state");
        segment.WaitForOwner(1);
        var second = segment.Lvsctl(2, $"{Pair.Router}priority: 100\n");
        second.Start();
        second.WaitForState("backup");

        File.Delete($"{segment.Work}/serving");
        segment.WaitForOwner(2);
        Assert.Contains("  priority  200, fault: director (quorum, memory, cpu, late-probes) fails\n", first.StatusText());

        // One that is dead says nothing, and what was known last counts: the kernel goes on as it is.
        File.WriteAllText($"{segment.Work}/serving", "");
        segment.WaitForOwner(1);
        director.Kill();
        director.WaitForExit();
        segment.MustStay(1, TimeSpan.FromSeconds(1));
    }
}
