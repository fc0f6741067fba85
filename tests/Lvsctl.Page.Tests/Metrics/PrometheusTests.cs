using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Lvsctl.Core.Model;

namespace Lvsctl.Page.Tests.Metrics;

/// <summary>Debian's Prometheus scrapes a director and is asked what it found.</summary>
public sealed class PrometheusTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-prometheus-").FullName;
    readonly HttpClient _http = new();

    [Fact]
    public async Task A_real_Prometheus_finds_the_servers_and_sees_one_die()
    {
        using ToyServer rs1 = new(), rs2 = new();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1, rs2)));
        await director.ToldAsync("add web/rs1");
        await director.ToldAsync("add web/rs2");
        director.Connect(rs1.At.ToString(), 5, new TrafficStatistics { Connections = 12 });
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(_folder, "prometheus.yml"), $$"""
            global: { scrape_interval: 250ms, scrape_timeout: 250ms }
            scrape_configs: [{ job_name: lvsctl, static_configs: [{ targets: ["{{(await director.AtAsync()).Authority}}"] }] }]
            """);
        using var prometheus = Programs.Start("prometheus", [$"--config.file={_folder}/prometheus.yml", $"--storage.tsdb.path={_folder}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]);
        try
        {
            var at = new Uri($"http://127.0.0.1:{port}/");
            await ExpectAsync(at, "up{job='lvsctl'}", "1");
            await ExpectAsync(at, "sum(lvsctl_server_up{service='web'})", "2");
            await ExpectAsync(at, "lvsctl_server_weight{server='rs2',kind='kernel',vip='192.0.2.1',protocol='tcp'}", "10");
            await ExpectAsync(at, "lvsctl_server_connections_active{server='rs1'}", "5");
            await ExpectAsync(at, "lvsctl_server_connections_total{server='rs1'}", "12");
            await ExpectAsync(at, "lvsctl_pool_can_lose", "1");
            await ExpectAsync(at, "count(lvsctl_probe_duration_seconds_bucket{check='greeting',le='+Inf'} > 0)", "1");

            rs2.Die();
            await ExpectAsync(at, "lvsctl_server_up{server='rs2'}", "0");
            await ExpectAsync(at, "lvsctl_server_transitions_total{server='rs2',direction='down'}", "1");
            await ExpectAsync(at, "lvsctl_pool_serving", "1");
            // It took what it was given as it was meant, counters as counters.
            using var metadata = JsonDocument.Parse(await _http.GetStringAsync(new Uri(at, "api/v1/targets/metadata?metric=lvsctl_server_transitions")));
            Assert.Equal("counter", metadata.RootElement.GetProperty("data")[0].GetProperty("type").GetString());
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync();
        }
    }

    async Task ExpectAsync(Uri prometheus, string query, string expected)
    {
        var last = "no answer";
        for (var end = DateTime.UtcNow + LiveDirector.Patience; DateTime.UtcNow < end; await Task.Delay(50))
        {
            try
            {
                using var answer = JsonDocument.Parse(await _http.GetStringAsync(new Uri(prometheus, $"api/v1/query?query={Uri.EscapeDataString(query)}")));
                var result = answer.RootElement.GetProperty("data").GetProperty("result");
                last = result.ToString();
                if (result.GetArrayLength() == 1 && result[0].GetProperty("value")[1].GetString() == expected) return;
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
            }
        }
        Assert.Fail($"{query} is not {expected}: {last}");
    }

    static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
