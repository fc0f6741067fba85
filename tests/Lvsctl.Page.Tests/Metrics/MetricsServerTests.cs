using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Metrics;

namespace Lvsctl.Page.Tests.Metrics;

/// <summary>What is to be had over HTTP, and that it stays so whatever happens to the address, the manifest and the director.</summary>
public sealed class MetricsServerTests
{
    static readonly HttpClient s_http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });

    [Fact]
    public async Task What_a_director_knows_is_in_its_metrics()
    {
        using ToyServer rs1 = new(), rs2 = new("sick");
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1, rs2)));
        director.Notifications = [new("on-call", "email", 7, 2, 1, 3)];
        await director.ToldAsync("add web/rs1");
        await director.ToldAsync("web/rs2 is down");
        director.Connect(rs1.At.ToString(), 4, new TrafficStatistics { Connections = 70, InBytes = 7000, OutBytes = 70_000 });
        await director.WishAsync(new Intent(IntentKind.Weight, "rs1", "web", DateTimeOffset.UtcNow) { Weight = 3 });

        var web = "service=\"web\",vip=\"192.0.2.1\",port=\"80\",protocol=\"tcp\"";
        var one = $"{web},server=\"rs1\",address=\"127.0.0.1\"";
        var two = $"{web},server=\"rs2\",address=\"127.0.0.1\"";
        string[] wanted =
        [
            $"lvsctl_server_up{{{one}}} 1", $"lvsctl_server_up{{{two}}} 0",
            $"lvsctl_server_weight{{{one},kind=\"desired\"}} 10", $"lvsctl_server_weight{{{one},kind=\"effective\"}} 3", $"lvsctl_server_weight{{{one},kind=\"kernel\"}} 3",
            $"lvsctl_pool_healthy{{{web}}} 1", $"lvsctl_pool_serving{{{web}}} 1", $"lvsctl_pool_can_lose{{{web}}} 0", $"lvsctl_pool_quorum{{{web}}} 1",
            $"lvsctl_server_transitions_total{{{two},direction=\"down\"}} 1", $"lvsctl_server_transitions_total{{{two},direction=\"up\"}} 0",
            $"lvsctl_server_connections_active{{{one}}} 4", $"lvsctl_server_connections_total{{{one}}} 70",
            $"lvsctl_server_incoming_bytes_total{{{one}}} 7000", $"lvsctl_server_outgoing_bytes_total{{{one}}} 70000",
            "lvsctl_kernel_readable 1", "lvsctl_degraded 0", "lvsctl_plan_pending 0", "lvsctl_plan_refused 0", "lvsctl_waits_for_people 0",
            "lvsctl_intents{kind=\"weight\"} 1", "lvsctl_manifest_refused 0", "lvsctl_reloads_total{result=\"done\"} 0",
            "lvsctl_events_total{event=\"server.down\"} 1", "lvsctl_events_total{event=\"service.unserved\"} 0",
            "lvsctl_notifications_total{target=\"on-call\",kind=\"email\",result=\"failed\"} 2", "lvsctl_notifications_waiting{target=\"on-call\",kind=\"email\"} 3",
        ];
        // A wish is in the metrics after the pass that follows it.
        var text = "";
        for (var tries = 0; tries < 100 && !text.Contains(wanted[3], StringComparison.Ordinal); tries++, await Task.Delay(50)) text = await s_http.GetStringAsync(new Uri(await director.AtAsync(), "metrics"));
        var lines = text.Split('\n');
        Assert.All(wanted, line => Assert.Contains(line, lines));
        Assert.DoesNotContain(lines, l => l.StartsWith($"lvsctl_server_weight{{{two},kind=\"kernel\"", StringComparison.Ordinal));
        Assert.Equal(Value(lines, "lvsctl_probe_duration_seconds_bucket{check=\"greeting\",kind=\"tcp\",le=\"+Inf\"}"), Value(lines, "lvsctl_probe_duration_seconds_count{check=\"greeting\",kind=\"tcp\"}"));
        Assert.True(Value(lines, "lvsctl_probes_total{check=\"greeting\",kind=\"tcp\",result=\"down\"}") >= 2);
        Assert.InRange(Value(lines, "process_start_time_seconds"), DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.True(Value(lines, "process_resident_memory_bytes") > 1e6);
        Assert.True(Value(lines, "process_open_fds") < Value(lines, "process_max_fds"));

        var (code, said) = await Programs.RunAsync("promtool", ["check", "metrics"], text);
        Assert.Equal((0, ""), (code, said.Trim()));
    }

    [Fact]
    public async Task Where_the_kernel_cannot_be_read_its_counters_are_missing_and_the_rest_is_there()
    {
        using var rs1 = new ToyServer();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1)));
        await director.ToldAsync("add web/rs1");
        lock (director.Kernel.Services) director.Kernel.IsPermitted = false;
        await director.ToldAsync("cannot be seen to");

        var lines = (await s_http.GetStringAsync(new Uri(await director.AtAsync(), "metrics"))).Split('\n');
        Assert.Contains("lvsctl_kernel_readable 0", lines);
        Assert.Contains("lvsctl_degraded 1", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("lvsctl_server_connections_active", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("lvsctl_server_up{", StringComparison.Ordinal) && l.EndsWith(" 1", StringComparison.Ordinal));

        lock (director.Kernel.Services) director.Kernel.IsPermitted = true;
        await director.ToldAsync("can be seen to again");
        await LiveDirector.UntilAsync(() => s_http.GetStringAsync(new Uri($"http://{director.Metrics.At}/metrics")).Result.Contains("lvsctl_kernel_readable 1\n", StringComparison.Ordinal), "the counters do not come back");
    }

    [Fact]
    public async Task Only_looking_is_possible_and_everything_else_is_refused_in_words()
    {
        using var director = new LiveDirector(Clusters.Of());
        var at = await director.AtAsync();

        foreach (var path in (string[])["", "metrics", "healthz", "page/state", "page/page.js", "page/page.css", "page/icon.svg"])
        {
            using var answer = await s_http.GetAsync(new Uri(at, path));
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.StartsWith("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("Server"));
            using var head = await s_http.SendAsync(new(HttpMethod.Head, new Uri(at, path)));
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            Assert.Equal(answer.Content.Headers.ContentType, head.Content.Headers.ContentType);
            using var post = await s_http.PostAsync(new Uri(at, path), null);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
            Assert.Equal(["GET", "HEAD"], post.Content.Headers.Allow);
        }
        using var missing = await s_http.GetAsync(new Uri(at, "etc/passwd"));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("/metrics", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_page_there_are_metrics_alone()
    {
        using var director = new LiveDirector(Clusters.Of(), new MetricsSpec { Listen = LiveDirector.AnyPort, Page = false });
        var at = await director.AtAsync();
        using var page = await s_http.GetAsync(at);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Contains("metrics.page", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var path in (string[])["page/state", "page/page.js"])
        {
            using var answer = await s_http.GetAsync(new Uri(at, path));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        Assert.Contains("lvsctl_build_info{", await s_http.GetStringAsync(new Uri(at, "metrics")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenMetrics_is_spoken_to_who_asks_for_it()
    {
        using var director = new LiveDirector(Clusters.Of());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(await director.AtAsync(), "metrics"));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text;version=1.0.0"));
        using var answer = await s_http.SendAsync(request);
        Assert.Equal("application/openmetrics-text", answer.Content.Headers.ContentType!.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("# TYPE lvsctl_passes counter\nlvsctl_passes_total ", text, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_told_and_tried_again_while_the_director_goes_on()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var at = (IPEndPoint)taken.LocalEndpoint;
        using var rs1 = new ToyServer();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1)), new MetricsSpec { Listen = at });
        await director.ToldAsync($"metrics.listen: metrics and page cannot be had at {at}: Address already in use");
        await director.ToldAsync("add web/rs1");
        taken.Stop();
        Assert.Equal(at.Port, (await director.AtAsync()).Port);
        await director.ToldAsync("are to be had");

        // An address that this machine does not have.
        await director.ReloadAsync(Clusters.Of(), new MetricsSpec { Listen = IPEndPoint.Parse("192.0.2.77:9115") });
        await director.ToldAsync("192.0.2.77:9115: Cannot assign requested address");
        Assert.Null(director.Metrics.At);
    }

    [Fact]
    public async Task A_reload_moves_it_and_turns_it_off()
    {
        using var director = new LiveDirector(Clusters.Of());
        var first = await director.AtAsync();
        await director.ReloadAsync(Clusters.Of(), new MetricsSpec { Listen = IPEndPoint.Parse("127.0.0.2:0") });
        await LiveDirector.UntilAsync(() => director.Metrics.At is { } at && at.Address.Equals(IPAddress.Parse("127.0.0.2")), "it does not move");
        await Assert.ThrowsAsync<HttpRequestException>(() => s_http.GetStringAsync(first));
        Assert.Contains("result=\"done\"} 1", await s_http.GetStringAsync(new Uri($"http://{director.Metrics.At}/metrics")), StringComparison.Ordinal);

        await director.ReloadAsync(Clusters.Of(), new MetricsSpec());
        await LiveDirector.UntilAsync(() => director.Metrics.At is null, "it still listens");
    }

    [Fact]
    public async Task A_director_that_is_held_up_is_not_healthy_and_one_that_stops_says_so()
    {
        using var director = new LiveDirector(Clusters.Of());
        var at = await director.AtAsync();
        Assert.Equal("the director answers\n", await s_http.GetStringAsync(new Uri(at, "healthz")));
        using (var held = new ManualResetEventSlim())
        {
            var holding = director.Director.Ask(() => held.Wait(LiveDirector.Patience));
            using var ill = await s_http.GetAsync(new Uri(at, "healthz"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ill.StatusCode);
            Assert.Equal("the director does not answer\n", await ill.Content.ReadAsStringAsync());
            held.Set();
            await holding;
        }
        Assert.Equal("the director answers\n", await s_http.GetStringAsync(new Uri(at, "healthz")));
        director.Stop();
        using var stopped = await s_http.GetAsync(new Uri(at, "metrics"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, stopped.StatusCode);
        Assert.Equal("the director stops\n", await stopped.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Ten_thousand_servers_are_told_of_in_a_moment_and_as_a_stream()
    {
        using var director = new LiveDirector(Clusters.Large(1000, 10));
        var at = await director.AtAsync();
        await director.ToldAsync("add service-0999/rs09");
        foreach (var path in (string[])["metrics", "page/state"])
        {
            await s_http.GetByteArrayAsync(new Uri(at, path));
            await Task.Delay(1100);             // so that the kernel is read anew
            var (allocated, began) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
            using var answer = await s_http.GetAsync(new Uri(at, path), HttpCompletionOption.ResponseHeadersRead);
            Assert.True(answer.Headers.TransferEncodingChunked);
            var length = await CountAsync(await answer.Content.ReadAsStreamAsync());
            var took = Stopwatch.GetElapsedTime(began);
            var more = GC.GetTotalAllocatedBytes() - allocated;
            TestContext.Current.SendDiagnosticMessage($"{path}: {length / 1e6:F1} MB in {took.TotalMilliseconds:F0} ms, {more / 1e6:F1} MB allocated in the whole process");
            Assert.True(took < TimeSpan.FromSeconds(5), $"{path} took {took}");
        }
        var looked = Stopwatch.GetTimestamp();
        var view = await director.Director.ViewAsync();
        TestContext.Current.SendDiagnosticMessage($"a view of the director took {Stopwatch.GetElapsedTime(looked).TotalMilliseconds:F1} ms");

        using var state = JsonDocument.Parse(await s_http.GetStringAsync(new Uri(at, "page/state")));
        Assert.Equal(10_000, state.RootElement.GetProperty("services").EnumerateArray().Sum(s => s.GetProperty("servers").GetArrayLength()));
        var text = await s_http.GetStringAsync(new Uri(at, "metrics"));
        Assert.Equal(10_000, text.Split('\n').Count(l => l.StartsWith("lvsctl_server_connections_active{", StringComparison.Ordinal)));
        Assert.Equal(1000, view.Services.Count);
    }

    static async Task<long> CountAsync(Stream stream)
    {
        var (buffer, length) = (new byte[64 * 1024], 0L);
        while (await stream.ReadAsync(buffer) is > 0 and var read) length += read;
        return length;
    }

    static double Value(string[] lines, string sample) =>
        double.Parse(lines.Single(l => l.StartsWith(sample + " ", StringComparison.Ordinal))[(sample.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
}
