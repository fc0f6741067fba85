using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lvsctl.Page.Tests.Page;

/// <summary>The page as people have it, live.</summary>
public sealed class PageTests(Browser browser)
{
    [Fact]
    public async Task A_server_that_dies_is_shown_with_its_reason_without_a_reload()
    {
        using ToyServer rs1 = new(), rs2 = new(), rs3 = new();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1, rs2), Clusters.Service("mail", "192.0.2.2", rs3)));
        await director.ToldAsync("add mail/rs1");
        await director.ToldAsync("add web/rs1");
        await director.ToldAsync("add web/rs2");
        director.Connect(rs1.At.ToString(), 12);
        var page = await browser.OpenAsync(director);
        await page.EvaluateAsync("window.sameDocument = true");
        var web = page.Locator("details", new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = "web" }) });
        await Expect(web).ToContainTextAsync("2 of 2 healthy");
        await Expect(web).ToContainTextAsync("12 active");
        await Expect(web.GetByRole(AriaRole.Img)).ToHaveAccessibleNameAsync(new Regex("^active connections: 12 now"));
        await Expect(page.GetByRole(AriaRole.Table)).ToHaveCountAsync(0);
        await Browser.ShootAsync(page, "healthy");

        rs2.Die();
        await Expect(web.Locator("summary")).ToContainTextAsync("1 of 2 healthy; rs2: down since");
        // It opens by itself, and says why in words.
        var row = web.GetByRole(AriaRole.Row, new() { Name = "rs2" });
        await Expect(row).ToContainTextAsync("down");
        await Expect(row).ToContainTextAsync(new Regex("connection refused \\(check greeting\\)"));
        await Expect(page.Locator("#news")).ToContainTextAsync("web/rs2 is down: connection refused");
        await Expect(page.Locator("#events li").Filter(new() { HasText = "web/rs2 is down" })).ToContainTextAsync("warning");
        Assert.StartsWith("(1) shop", await page.TitleAsync(), StringComparison.Ordinal);
        await Browser.ShootAsync(page, "down");

        rs2.Return();
        await Expect(row).ToContainTextAsync("up");
        await Expect(web.Locator("summary")).ToContainTextAsync("2 of 2 healthy");
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
    }

    [Fact]
    public async Task A_lost_connection_is_told_with_its_time_and_so_is_its_return()
    {
        using var rs1 = new ToyServer();
        var cluster = Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1));
        using var director = new LiveDirector(cluster);
        var page = await browser.OpenAsync(director);
        var at = director.Metrics.At;
        await director.ReloadAsync(cluster, new MetricsSpec());
        var banner = page.GetByRole(AriaRole.Region, new() { Name = "What needs attention" });
        await Expect(banner).ToContainTextAsync(new Regex("No answer from the director since \\d\\d:\\d\\d:\\d\\d .*What is shown is as of then"));
        await Expect(page.Locator("#news")).ToContainTextAsync("No answer from the director");
        await Expect(page.Locator("#state")).ToHaveTextAsync("✖ no connection to the director");
        await Expect(page.Locator("#list")).ToContainTextAsync("web");
        await Browser.ShootAsync(page, "lost");

        await director.ReloadAsync(cluster, new MetricsSpec { Listen = at });
        await Expect(page.Locator("#state")).ToHaveTextAsync("✔ running");
        await Expect(page.Locator("#news")).ToContainTextAsync("The director answers again");
        await Expect(banner).ToBeHiddenAsync();
    }

    [Fact]
    public async Task What_operators_asked_and_what_waits_for_them_is_shown()
    {
        using ToyServer rs1 = new(), rs2 = new(), rs3 = new();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1, rs2, rs3)));
        foreach (var server in (string[])["rs1", "rs2", "rs3"]) await director.ToldAsync($"add web/{server}");
        director.Connect(rs2.At.ToString(), 3);
        await director.WishAsync(new Intent(IntentKind.Drain, "rs2", "web", DateTimeOffset.UtcNow) { Deadline = DateTimeOffset.UtcNow.AddMinutes(10) });
        await director.WishAsync(new Intent(IntentKind.Maintain, "rs3", "web", DateTimeOffset.UtcNow));
        await director.ReloadAsync(null);
        var page = await browser.OpenAsync(director);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "What needs attention" })).ToContainTextAsync("A newer manifest was refused, the old one stays in force: cluster.yaml:1:1: it is broken");
        await Expect(page.Locator("summary")).ToContainTextAsync("1 of 3 healthy, 2 as operators asked");
        await page.Locator("summary").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "rs2" })).ToContainTextAsync(new Regex("draining, (9|10) min left"));
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "rs2" })).ToContainTextAsync("0 of 10");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "rs3" })).ToContainTextAsync("in maintenance");
        await Browser.ShootAsync(page, "wishes");
    }
}
