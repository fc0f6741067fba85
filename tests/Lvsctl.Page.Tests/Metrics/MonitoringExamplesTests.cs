using System.Text.Json;
using System.Text.RegularExpressions;
using Lvsctl.Director.Metrics;

namespace Lvsctl.Page.Tests.Metrics;

/// <summary>Alerts and dashboard of examples/monitoring, against the names that a director really gives.</summary>
public sealed partial class MonitoringExamplesTests
{
    [Fact]
    public async Task Alert_rules_are_valid_and_their_own_tests_pass()
    {
        foreach (var arguments in (string[][])[["check", "rules", "lvsctl.rules.yml"], ["test", "rules", "lvsctl.rules.test.yml"], ["check", "config", "prometheus.yml"]])
        {
            var (code, said) = await Programs.RunAsync("promtool", [.. arguments[..^1], Programs.Example(arguments[^1])]);
            Assert.True(code == 0, said);
            Assert.DoesNotContain("FAILED", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_panel_can_be_asked_and_nothing_asks_for_a_metric_that_is_not_there()
    {
        using var dashboard = JsonDocument.Parse(await File.ReadAllBytesAsync(Programs.Example("dashboard.json")));
        var expressions = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!)
            .Concat(dashboard.RootElement.GetProperty("annotations").GetProperty("list").EnumerateArray().Select(a => a.GetProperty("expr").GetString()!))
            .Select(e => e.Replace("$__rate_interval", "5m", StringComparison.Ordinal)).ToList();
        Assert.True(expressions.Count > 30, $"only {expressions.Count} expressions");

        // As rules, promtool parses them with Prometheus' own parser.
        var rules = Path.GetTempFileName();
        await File.WriteAllTextAsync(rules, JsonSerializer.Serialize(new { groups = new[] { new { name = "dashboard", rules = expressions.Select((e, i) => new { record = $"panel:{i}", expr = e }) } } }));
        var (code, said) = await Programs.RunAsync("promtool", ["check", "rules", rules]);
        File.Delete(rules);
        Assert.True(code == 0, said);

        var there = await NamesAsync();
        var asked = expressions.Concat([await File.ReadAllTextAsync(Programs.Example("lvsctl.rules.yml")), dashboard.RootElement.GetProperty("templating").ToString()])
            .SelectMany(e => Name().Matches(e).Select(m => m.Value)).ToHashSet();
        Assert.True(asked.Count > 30, $"only {asked.Count} names");
        Assert.Empty(asked.Except(there));
    }

    static async Task<HashSet<string>> NamesAsync()
    {
        using var rs1 = new ToyServer();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1)), vrrp: new(new VrrpMetricsTests.Fake(), _ => true, MayStart: false));
        director.Notifications = [new NotificationSample("on-call", "email", 1, 0, 0, 0)];
        await director.ToldAsync("add web/rs1");
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri(await director.AtAsync(), "metrics"));
        return [.. text.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l[..l.IndexOfAny(['{', ' '])])];
    }

    [GeneratedRegex(@"\b(lvsctl|process)_[a-z_]+\b")]
    private static partial Regex Name();
}
