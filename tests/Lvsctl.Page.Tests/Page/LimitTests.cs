using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lvsctl.Page.Tests.Page;

/// <summary>What the page must not do, and what must not happen to it.</summary>
public sealed class LimitTests(Browser browser)
{
    [Fact]
    public async Task Nothing_is_asked_of_others_and_no_rule_of_the_browser_is_broken()
    {
        using var rs1 = new ToyServer();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1)));
        await director.ToldAsync("add web/rs1");
        var page = await browser.OpenAsync(director);
        var (urls, complaints) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        page.Request += (_, request) => urls.Add(request.Url);
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        await page.ReloadAsync();
        await page.Locator("summary").ClickAsync();
        await page.WaitForResponseAsync(r => r.Url.Contains("after=", StringComparison.Ordinal) && !r.Url.EndsWith("after=0", StringComparison.Ordinal));
        Assert.True(urls.Count >= 5, string.Join('\n', urls));
        Assert.All(urls, url => Assert.StartsWith($"http://{director.Metrics.At}/", url, StringComparison.Ordinal));
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task What_a_hostile_server_says_is_text_and_nothing_else()
    {
        const string Hostile = "<img src=x onerror=\"document.title='owned'\"><script>alert(1)</script>\r\n";
        using var rs1 = new ToyServer(Hostile);
        // A probe that quotes what it was told.
        var check = Clusters.Check with { Probe = new ProbeSpec.Smtp() };
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1) with { Check = check }));
        await director.ToldAsync("web/rs1 is down");
        var page = await browser.OpenAsync(director);
        var dialogs = 0;
        page.Dialog += (_, _) => dialogs++;
        await Expect(page.Locator("summary")).ToContainTextAsync("<img src=x onerror=");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "rs1" })).ToContainTextAsync("<img src=x onerror=");
        await Expect(page.Locator("#events")).ToContainTextAsync("<img src=x onerror=");
        await Expect(page.Locator("main img, main script, body > script")).ToHaveCountAsync(0);
        Assert.DoesNotContain("owned", await page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(0, dialogs);
        await Browser.ShootAsync(page, "hostile");
    }

    [Fact]
    public async Task A_thousand_services_are_found_sorted_and_rendered_as_far_as_they_are_looked_at()
    {
        using var director = new LiveDirector(Clusters.Large(1000, 10));
        await director.ToldAsync("add service-0999/rs09");
        director.Connect("10.2.5.3:80", 99);
        var page = await browser.OpenAsync(director);
        await Expect(page.Locator("#count")).ToHaveTextAsync("1000 services");
        Assert.True(await page.Locator("*").CountAsync() < 30_000);
        Assert.Equal(0, await page.Locator("tr").CountAsync());
        await page.GetByLabel("Find").FillAsync("0777");
        await Expect(page.Locator("#count")).ToHaveTextAsync("1 of 1000 services");
        await Expect(page.Locator("summary")).ToContainTextAsync("service-0777");
        await page.Locator("summary").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Rowheader)).ToHaveCountAsync(10);
        // By a server's address too.
        await page.GetByLabel("Find").FillAsync("10.2.9.4:");
        await Expect(page.Locator("summary")).ToContainTextAsync("service-0009");
        await page.GetByLabel("Find").FillAsync("");
        await page.GetByLabel("Show").SelectOptionAsync("trouble");
        await Expect(page.Locator("#count")).ToHaveTextAsync("0 of 1000 services");
        await page.GetByLabel("Show").SelectOptionAsync("all");
        await page.GetByLabel("Order").SelectOptionAsync("active");
        await Expect(page.Locator("summary").First).ToContainTextAsync("99 active");
        // A turn of the page's own work must not be felt.
        var took = await page.EvaluateAsync<double>("(() => { const began = performance.now(); render(false); return performance.now() - began; })()");
        Assert.True(took < 1000, $"rendering took {took} ms");
        TestContext.Current.SendDiagnosticMessage($"rendering 1000 services took {took:F0} ms");
        await Browser.ShootAsync(page, "thousand");
    }

    [Fact]
    public async Task Who_does_not_look_does_not_ask()
    {
        using var director = new LiveDirector(Clusters.Of());
        var page = await browser.OpenAsync(director);
        await page.EvaluateAsync("Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => window.isHidden ? 'hidden' : 'visible' }); window.isHidden = true; document.dispatchEvent(new Event('visibilitychange'))");
        var asked = 0;
        page.Request += (_, _) => Interlocked.Increment(ref asked);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(0, asked);
        await page.EvaluateAsync("window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))");
        await LiveDirector.UntilAsync(() => Volatile.Read(ref asked) > 0, "it does not ask again");
    }
}
