using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Lvsctl.Page.Tests.Page.Browser))]

namespace Lvsctl.Page.Tests.Page;

/// <summary>Debian's Chromium without a window, for all tests of the page.</summary>
public sealed class Browser : IAsyncLifetime
{
    const string Chromium = "/usr/bin/chromium";

    IPlaywright? _playwright;
    IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        Assert.True(File.Exists(Chromium), "chromium is missing: scripts/setup chromium");
        Assertions.SetDefaultExpectTimeout((float)LiveDirector.Patience.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        // Its sandbox wants namespaces that root in a container does not have; it opens nothing but our own page.
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    }

    /// <summary>The page of a director, opened, in a browser that knows nothing of the last one.</summary>
    public async Task<IPage> OpenAsync(LiveDirector director, ColorScheme colors = ColorScheme.Light, int width = 1280, int height = 900)
    {
        var context = await _browser!.NewContextAsync(new() { ColorScheme = colors, ViewportSize = new() { Width = width, Height = height }, Locale = "en-GB" });
        context.SetDefaultTimeout((float)LiveDirector.Patience.TotalMilliseconds);
        var page = await context.NewPageAsync();
        await page.GotoAsync((await director.AtAsync()).ToString());
        await Assertions.Expect(page.Locator("#count")).ToContainTextAsync("service");
        return page;
    }

    /// <summary>For people who want to see what a test saw: below the directory in LVSCTL_SHOTS.</summary>
    public static async Task ShootAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("LVSCTL_SHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
    }
}
