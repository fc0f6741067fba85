using Lvsctl.Core.Cluster;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Page.Tests.Metrics;

/// <summary>What the director tells Prometheus of the VRRP process beside it.</summary>
public sealed class VrrpMetricsTests
{
    static readonly HttpClient s_http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });

    static VrrpStatusDocument Document => new("lb-a", 77, RealTime: true, MemoryLocked: false, new(12.5, 3, 1000),
    [
        new("edge", 51, 3, "eth0", "10.0.0.1", "master", 42, null, null)
        {
            Priority = new(200, 150, "150 = 200 - 50"),
            Preempt = true,
            HeldS = null,
            Timers = new(100, 100, 40, 340, 60),
            Master = null,
            Addresses = ["10.0.0.100/24 eth0"],
            Peers = [new("10.0.0.2", 100, 0.1, 7)],
            Counters = new(500, 1, 7, 4, 2, 20, 5, 0, new Dictionary<string, long> { ["checksum"] = 6 }, new Dictionary<string, long> { ["interval"] = 8 }),
            Trouble = null,
        },
    ]);

    internal sealed class Fake : IVrrpProcess
    {
        public Func<VrrpStatusDocument?> Answer { get; set; } = () => Document;

        public VrrpPresence Look() => new(VrrpStanding.Own, 77);

        public string? Start() => null;

        public string? Reload() => null;

        public VrrpStatusDocument? Status() => Answer();

        public string? Stop() => null;
    }

    static async Task<string> ScrapeAsync(LiveDirector director) => await s_http.GetStringAsync(new Uri(await director.AtAsync(), "metrics"));

    [Fact]
    public async Task All_that_it_says_of_itself_is_in_the_metrics()
    {
        using var server = new ToyServer();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", server)), vrrp: new(new Fake(), _ => true, MayStart: false));

        var text = await ScrapeAsync(director);

        string[] wanted =
        [
            "lvsctl_vrrp_up 1", "lvsctl_vrrp_real_time 1", "lvsctl_vrrp_memory_locked 0",
            "lvsctl_vrrp_timers_total 1000", "lvsctl_vrrp_timers_late_total 3", "lvsctl_vrrp_timer_lateness_max_seconds 0.0125",
            "lvsctl_vrrp_state{router=\"edge\",state=\"master\"} 1", "lvsctl_vrrp_state{router=\"edge\",state=\"backup\"} 0", "lvsctl_vrrp_state_seconds{router=\"edge\"} 42",
            "lvsctl_vrrp_priority{router=\"edge\",kind=\"base\"} 200", "lvsctl_vrrp_priority{router=\"edge\",kind=\"effective\"} 150", "lvsctl_vrrp_peers{router=\"edge\"} 1",
            "lvsctl_vrrp_adverts_sent_total{router=\"edge\"} 500", "lvsctl_vrrp_adverts_unsent_total{router=\"edge\"} 1", "lvsctl_vrrp_adverts_received_total{router=\"edge\"} 7",
            "lvsctl_vrrp_adverts_refused_total{router=\"edge\",cause=\"checksum\"} 6", "lvsctl_vrrp_adverts_refused_total{router=\"edge\",cause=\"password\"} 0",
            "lvsctl_vrrp_adverts_odd_total{router=\"edge\",cause=\"interval\"} 8",
            "lvsctl_vrrp_transitions_total{router=\"edge\"} 4", "lvsctl_vrrp_became_master_total{router=\"edge\"} 2", "lvsctl_vrrp_rivals_total{router=\"edge\"} 5",
        ];
        var lines = text.Split('\n');
        Assert.All(wanted, line => Assert.Contains(line, lines));
        var (code, said) = await Programs.RunAsync("promtool", ["check", "metrics"], text);
        Assert.Equal((0, ""), (code, said.Trim()));
    }

    [Theory]
    [InlineData(true, "lvsctl_vrrp_up 0")]
    [InlineData(false, "")]
    public async Task Where_it_does_not_answer_only_that_is_there(bool hasPart, string line)
    {
        using var server = new ToyServer();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", server)), vrrp: new(new Fake { Answer = () => null }, _ => hasPart, MayStart: false));

        var lines = (await ScrapeAsync(director)).Split('\n').Where(l => l.StartsWith("lvsctl_vrrp", StringComparison.Ordinal));

        Assert.Equal(line, string.Join('\n', lines));
    }

    [Fact]
    public async Task One_that_hangs_holds_up_no_scrape_and_is_asked_once()
    {
        using var server = new ToyServer();
        using var hangs = new ManualResetEventSlim();
        var asked = 0;
        var process = new Fake
        {
            Answer = () =>
            {
                Interlocked.Increment(ref asked);
                hangs.Wait();
                return null;
            },
        };
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", server)), vrrp: new(process, _ => true, MayStart: false));

        var scrapes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ScrapeAsync(director))).WaitAsync(LiveDirector.Patience);
        hangs.Set();

        Assert.All(scrapes, text => Assert.Contains("lvsctl_vrrp_up 0\n", text));
        Assert.Equal(1, asked);
    }
}
