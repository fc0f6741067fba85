using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lvsctl.Page.Tests.Page;

/// <summary>For people who only have a keyboard, who listen, who see badly, and who have a small screen.</summary>
public sealed class AccessTests(Browser browser)
{
    [Fact]
    public async Task Everything_is_in_reach_of_the_keyboard_and_what_has_the_focus_shows_it()
    {
        using var rs1 = new ToyServer();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1)));
        await director.ToldAsync("add web/rs1");
        var page = await browser.OpenAsync(director);
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Skip to the services" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Skip to the events" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByLabel("Find")).ToBeFocusedAsync();
        await ExpectOutlineAsync(page);
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByLabel("Show")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByLabel("Order")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator("summary")).ToBeFocusedAsync();
        await ExpectOutlineAsync(page);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "rs1" })).ToBeVisibleAsync();
        // It stays where it is while the page lives on.
        await page.WaitForResponseAsync(r => r.Url.Contains("/page/state", StringComparison.Ordinal));
        await Expect(page.Locator("summary")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Table)).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Events" }).And(page.Locator(".scroll"))).ToBeFocusedAsync();
        await ExpectOutlineAsync(page);
    }

    static async Task ExpectOutlineAsync(IPage page) =>
        Assert.True(await page.EvaluateAsync<double>("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2);

    [Fact]
    public async Task Who_listens_finds_landmarks_headings_and_named_tables()
    {
        using ToyServer rs1 = new(), rs2 = new("sick");
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1, rs2)));
        await director.ToldAsync("web/rs2 is down");
        var page = await browser.OpenAsync(director);
        await Expect(page.Locator("summary")).ToContainTextAsync("1 of 2 healthy");
        await Expect(page.Locator("body")).ToMatchAriaSnapshotAsync("""
            - link "Skip to the services"
            - banner:
              - heading /shop on .+/ [level=1]
            - main:
              - region "Services":
                - heading "Services" [level=2]
                - search "Services":
                  - searchbox "Find"
                  - combobox "Show"
                  - combobox "Order"
                - list:
                  - listitem:
                    - group:
                      - heading "web" [level=3]
                      - table /web. scheduler wlc, 1 server gets connections, none may fail/:
                        - rowgroup:
                          - row:
                            - columnheader "Server"
                            - columnheader "Address"
                            - columnheader "State"
                            - columnheader "Weight"
                            - columnheader "Active"
                            - columnheader "Inactive"
                            - columnheader "Why"
                        - rowgroup:
                          - row:
                            - rowheader "rs1"
                          - row:
                            - rowheader "rs2"
              - region "Events":
                - heading "Events" [level=2]
            - contentinfo
            """);
        Assert.Equal("polite", await page.Locator("#news").GetAttributeAsync("aria-live"));
        Assert.Equal("en", await page.Locator("html").GetAttributeAsync("lang"));
        // No state by colour alone.
        Assert.Equal(["✔ up", "✖ down"], await page.Locator("td.health").AllInnerTextsAsync());
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Every_text_can_be_read_in_light_and_dark(ColorScheme colors)
    {
        using ToyServer rs1 = new(), rs2 = new("sick"), rs3 = new("sick"), rs4 = new();
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("web", "192.0.2.1", rs1, rs2), Clusters.Service("mail", "192.0.2.2", rs3), Clusters.Service("dns", "192.0.2.3", rs1, rs4)));
        await director.ToldAsync("mail/rs1 is down");
        await director.ToldAsync("web/rs2 is down");
        await director.ToldAsync("add dns/rs1");
        await director.ToldAsync("add dns/rs2");
        await director.WishAsync(new Intent(IntentKind.Maintain, "rs1", "dns", DateTimeOffset.UtcNow));
        await director.ReloadAsync(null);
        var page = await browser.OpenAsync(director, colors);
        await Expect(page.Locator("summary").Filter(new() { HasText = "mail" })).ToContainTextAsync("nobody answers");
        await Browser.ShootAsync(page, colors.ToString());
        var faint = await page.EvaluateAsync<string[]>("""
            () => {
              const rgb = c => c.match(/[\d.]+/g).map(Number);
              const luminance = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              const back = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
              const texts = [...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()));
              if (texts.length < 40) return [`only ${texts.length} texts`];
              return texts.map(e => { const [a, b] = [luminance(rgb(getComputedStyle(e).color)), luminance(back(e))]; return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.textContent]; })
                .filter(([ratio]) => ratio < 4.5).map(([ratio, text]) => `${ratio.toFixed(2)}: ${text}`);
            }
            """);
        Assert.Empty(faint);
        var background = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        Assert.Equal(colors == ColorScheme.Dark ? "rgb(15, 20, 25)" : "rgb(255, 255, 255)", background);
    }

    [Fact]
    public async Task A_narrow_screen_is_wide_enough()
    {
        using ToyServer rs1 = new(), rs2 = new("a-very-long-word-without-any-place-to-break-it-that-goes-on-and-on-and-on-and-on-and-on");
        using var director = new LiveDirector(Clusters.Of(Clusters.Service("a-service-with-a-name-that-is-as-long-as-names-may-be-63-letters", "192.0.2.1", rs1, rs2)));
        await director.ToldAsync("rs2 is down");
        var page = await browser.OpenAsync(director, width: 320, height: 640);
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "rs2" })).ToBeVisibleAsync();
        await Browser.ShootAsync(page, "narrow");
        Assert.Equal(320, await page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));
    }
}
