using System.Text;
using System.Text.Json.Nodes;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Manifests;

/// <summary>Clients go on while the table is changed. LVSCTL_SEED repeats a run.</summary>
public class TrafficTests(ITestOutputHelper log)
{
    const int Servers = 4;
    const int Rounds = 2;

    // Of one client, all connections go to one server with those that go by its address, so nothing would be left to drain elsewhere.
    static readonly string[] s_byClient = ["sh", "mh", "dh"];
    static readonly string[] s_byLoad = ["rr", "wrr", "lc", "wlc", "sed"];

    // Two that ask without pause, three whose answers take a second, for a drain to wait for.
    static readonly string[] s_clients = ["/", "/", "/cgi-bin/slow", "/cgi-bin/slow", "/cgi-bin/slow"];

    [Fact]
    public void No_connection_fails_while_applies_change_schedulers_and_weights_and_add_and_drain_servers()
    {
        var seed = Seed.FromEnvironment();
        log.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var farm = new WebFarm(Servers);
        var table = new Table("rr", new SortedDictionary<int, int> { [1] = 1, [2] = 1 });
        var (applies, removed, waited) = (0, 0, 0);
        Apply();

        using var traffic = new Traffic(farm.Client, WebFarm.VirtualAddress, s_clients);
        for (var round = 0; round < Rounds; round++)
        {
            Change(table with { Scheduler = Pick(s_byClient) });
            Change(table.With(Missing(), random.Next(1, 6)));
            Change(table with { Scheduler = Pick(s_byLoad), Weights = Reweighted() });
            Change(table.With(Missing(), random.Next(1, 6)));
            Change(table.Without(Pick(table.Weights.Keys)));
            Drain($"rs{Pick(table.Weights.Keys)}");
            Change(table.Without(Pick(table.Weights.Keys)) with { Scheduler = Pick(s_byLoad) });
        }
        traffic.Stop();

        log.WriteLine($"{traffic.Connections} connections, {traffic.Failures.Count} failed, over {applies} applies; {removed} servers left, of which {waited} waited for connections");
        log.WriteLine($"answers: {string.Join(", ", traffic.Answers.OrderBy(a => a.Key).Select(a => $"{a.Key} {a.Value}"))}; the longest took {traffic.Longest.TotalMilliseconds:F0} ms");
        Assert.Empty(traffic.Failures);
        Assert.Equal(Servers, traffic.Answers.Count);
        Assert.Equal(3 * Rounds, removed);
        Assert.True(waited > Rounds, $"only {waited} of the servers that left the manifest had connections");

        T Pick<T>(IReadOnlyCollection<T> some) => some.ElementAt(random.Next(some.Count));
        int Missing() => Pick([.. Enumerable.Range(1, Servers).Where(n => !table.Weights.ContainsKey(n))]);
        SortedDictionary<int, int> Reweighted() => new(table.Weights.ToDictionary(w => w.Key, _ => random.Next(1, 6)));

        void Change(Table to)
        {
            var leaving = table.Weights.Count > to.Weights.Count;
            table = to;
            Apply();
            if (leaving) removed++;
            traffic.Let(30);
        }

        // Twice where it drains: the first apply says that it waits, the second stays until it has waited.
        void Apply()
        {
            var result = Must(farm.Lvsctl(table.Manifest, "apply", "--json"));
            if (JsonNode.Parse(result.Output)!["draining"]!.AsArray().Count == 0) return;
            waited++;
            Must(farm.Lvsctl(table.Manifest, "apply", "--wait"));
        }

        void Drain(string server)
        {
            Must(farm.Lvsctl(table.Manifest, "drain", server, "--deadline", "60s", "--wait"));
            removed++;
            traffic.Let(30);
            Must(farm.Lvsctl(table.Manifest, "resume", server));
            traffic.Let(30);
        }

        Command.Result Must(Command.Result result)
        {
            Assert.True(result.ExitCode == 0, $"seed {seed}: {result}");
            applies++;
            return result;
        }
    }

    [Fact]
    public void Connections_fail_when_a_server_is_removed_and_not_drained()
    {
        using var farm = new WebFarm(2);
        var both = new Table("rr", new SortedDictionary<int, int> { [1] = 1, [2] = 1 });
        Assert.Equal(0, farm.Lvsctl(both.Manifest, "apply").ExitCode);
        using var traffic = new Traffic(farm.Client, WebFarm.VirtualAddress, "/cgi-bin/slow", "/cgi-bin/slow", "/cgi-bin/slow", "/cgi-bin/slow");
        traffic.Let(4);
        Assert.Empty(traffic.Failures);

        var result = farm.Lvsctl(both.Without(2).Manifest, "apply", "--drain-timeout", "0s");

        Assert.True(result.ExitCode == 0, result.ToString());
        traffic.Let(8);
        traffic.Stop();
        log.WriteLine($"{traffic.Connections} connections, {traffic.Failures.Count} failed: {traffic.Failures.FirstOrDefault()}");
        Assert.Contains(traffic.Failures, f => f.Contains("ConnectionReset", StringComparison.Ordinal));
    }

    /// <param name="Weights">By number of the server.</param>
    sealed record Table(string Scheduler, SortedDictionary<int, int> Weights)
    {
        public Table With(int server, int weight) => this with { Weights = new(Weights) { [server] = weight } };

        public Table Without(int server) => this with { Weights = new(Weights.Where(w => w.Key != server).ToDictionary()) };

        // The short time-out of ended connections is for the test alone: a drain waits for them too, two minutes as Linux has it.
        public string Manifest
        {
            get
            {
                var text = new StringBuilder($$"""
                    settings:
                      expire-nodest-conn: true
                      timeouts: { tcp-fin: 1s }
                    services:
                      web:
                        listen: tcp {{WebFarm.VirtualAddress}}:80
                        scheduler: {{Scheduler}}
                        forward: dr
                        servers:

                    """);
                foreach (var (server, weight) in Weights) text.Append($"      rs{server}: {{ address: {WebFarm.AddressOf(server)}, weight: {weight} }}\n");
                return text.ToString();
            }
        }
    }
}
