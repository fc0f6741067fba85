using System.Text.Json.Nodes;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Kernel.Tests.Manifests;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Kernel.Tests.Running;

/// <summary>kill -9 of the daemon at random moments under traffic. LVSCTL_SEED repeats a run (but for the machine's part in the moments), LVSCTL_DAEMON_KILLS makes it longer.</summary>
public sealed class KilledDirectorTests(ITestOutputHelper log) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-killed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void However_often_it_is_killed_no_connection_fails_and_nothing_is_forgotten()
    {
        var seed = Seed.FromEnvironment();
        var kills = Seed.Setting("LVSCTL_DAEMON_KILLS", 50);
        log.WriteLine($"seed {seed}, {kills} kills");
        var random = new Random(seed);
        using var farm = new WebFarm(4);
        var manifest = Path.Combine(_folder, "cluster.yaml");
        File.WriteAllText(manifest, $$"""
            checks: { port: { tcp: {}, every: 500ms, timeout: 500ms, rise: 2, fall: 3 } }
            services:
              web:
                listen: tcp {{WebFarm.VirtualAddress}}:80
                scheduler: wrr
                forward: dr
                check: port
                servers: { rs1: {{WebFarm.AddressOf(1)}}, rs2: {{WebFarm.AddressOf(2)}}, rs3: {{WebFarm.AddressOf(3)}}, rs4: {{WebFarm.AddressOf(4)}}, dead: 192.168.1.250 }
            """);
        farm.OnDirector(() =>
        {
            using var kernel = IpvsClient.Open();
            var director = new RunningProgram(manifest, farm.StateDirectory);
            try
            {
                director.Wait("web/dead is down");
                WaitFor(() => Table(kernel).Count(c => c == ',') == 3, () => Table(kernel));
                Must(farm.Lvsctl(File.ReadAllText(manifest), "weight", "rs2", "3"));
                Must(farm.Lvsctl(File.ReadAllText(manifest), "maintain", "rs4"));
                WaitFor(() => Table(kernel) == Expected, () => Table(kernel));
                // What is known is on the disk within a second or so.
                WaitFor(() => Known().Count == 5, () => string.Join(", ", Known()));
                var known = Known();

                using var traffic = new Traffic(farm.Client, WebFarm.VirtualAddress, "/", "/cgi-bin/slow", "/cgi-bin/slow");
                traffic.Let(20);
                for (var kill = 0; kill < kills; kill++)
                {
                    // Every third while it is starting.
                    Thread.Sleep(random.Next(kill % 3 == 0 ? 150 : 1500));
                    director.Kill();
                    director.Dispose();
                    Assert.Equal(Expected, Table(kernel));
                    director = new RunningProgram(manifest, farm.StateDirectory);
                }
                traffic.Let(20);
                traffic.Stop();
                director.Wait("lvsctl runs");
                WaitFor(() => Table(kernel) == Expected, () => Table(kernel));

                log.WriteLine($"{traffic.Connections} connections, {traffic.Failures.Count} failed, the longest took {traffic.Longest.TotalMilliseconds:F0} ms");
                Assert.Empty(traffic.Failures);
                Assert.Equal(3, traffic.Answers.Count);
                // No server has changed since before the first kill, and nobody's wish was lost.
                var last = Known();
                Assert.Equal(known.Select(k => (k.Key, k.State)), last.Select(k => (k.Key, k.State)));
                // Times go through the wall clock and back.
                Assert.All(known.Zip(last), pair => Assert.InRange((pair.Second.Since - pair.First.Since).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(2)));
                Assert.Contains("\"maintain\"", farm.Lvsctl(File.ReadAllText(manifest), "status", "--json").Output);
                Must(farm.Lvsctl(File.ReadAllText(manifest), "resume", "rs4"));
                WaitFor(() => Table(kernel).Contains(WebFarm.AddressOf(4), StringComparison.Ordinal), () => Table(kernel));
                Assert.Equal(0, director.Stop());
            }
            finally
            {
                director.Dispose();
            }
        });

        List<(string Key, string State, DateTimeOffset Since)> Known()
        {
            var file = Path.Combine(farm.StateDirectory, "health.json");
            if (!File.Exists(file)) return [];
            var targets = JsonNode.Parse(File.ReadAllText(file))!["health"]!["targets"]!.AsArray();
            return [.. targets.Select(t => (t!["key"]!.GetValue<string>(), State: t["state"]!.GetValue<string>(), t["changed"]!.GetValue<DateTimeOffset>())).Where(t => t.State != "Unknown").Order()];
        }
    }

    static string Expected => $"{WebFarm.AddressOf(1)}:80 1, {WebFarm.AddressOf(2)}:80 3, {WebFarm.AddressOf(3)}:80 1";

    static string Table(IpvsClient kernel) => string.Join(", ", kernel.ReadTable().SelectMany(p => p.Servers).Select(s => $"{s.Server.Key} {s.Server.Weight}").Order(StringComparer.Ordinal));

    static void Must(Command.Result result) => Assert.True(result.ExitCode == 0, result.ToString());

    static void WaitFor(Func<bool> condition, Func<string> seen)
    {
        for (var i = 0; i < 300; i++)
        {
            if (condition()) return;
            Thread.Sleep(100);
        }
        Assert.Fail($"waited in vain: {seen()}");
    }
}
