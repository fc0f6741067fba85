using System.Security.Cryptography;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Events;
using Lvsctl.Director.Notify;
using Lvsctl.Director.Tests.Probing.Engine;
using Microsoft.AspNetCore.Http;

namespace Lvsctl.Director.Tests.Notify;

/// <summary>Webhooks to a real HTTP server on loopback.</summary>
public sealed class WebhookDelivererTests
{
    static async Task<DeliveryException> FailsAsync(NotifyTarget.Webhook spec)
    {
        using var deliverer = new WebhookDeliverer(spec, TimeProvider.System);
        return await Assert.ThrowsAsync<DeliveryException>(() => deliverer.DeliverAsync([Happening.Down(7)], CancellationToken.None));
    }

    [Fact]
    public async Task An_event_is_posted_as_it_stands_in_the_journal_and_can_be_known_again()
    {
        await using var server = await HookServer.StartAsync();
        using var deliverer = new WebhookDeliverer(new(server.Url) { Headers = [new("X-Team", "web"), new("User-Agent", "pager/1"), new("Content-Type", "application/x-lvsctl+json")] }, TimeProvider.System);

        for (var i = 0; i < 2; i++) Assert.Null(await deliverer.DeliverAsync([Happening.Down(7)], CancellationToken.None));

        var request = server.Requests[0];
        Assert.Equal(("POST", "/hook/secret-path"), (request.Method, request.Path));
        Assert.True(JournalEntry.TryRead(Encoding.UTF8.GetBytes(request.Body), out var entry));
        Assert.Equal(Happening.Down(7).Event, entry.Event);
        Assert.Equal(("web", "pager/1", "application/x-lvsctl+json"), (request.Headers["X-Team"], request.Headers["User-Agent"], request.Headers["Content-Type"]));
        Assert.Equal("7-7000", request.Headers["X-Lvsctl-Event-Id"]);
        Assert.Equal(request.Headers["X-Lvsctl-Event-Id"], server.Requests[1].Headers["X-Lvsctl-Event-Id"]);
        Assert.DoesNotContain("X-Lvsctl-Signature", request.Headers.Keys);
    }

    [Fact]
    public async Task With_a_secret_the_body_is_signed_over_TLS_of_ones_own_authority()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.1");
        await using var server = await HookServer.StartAsync(certificate);
        var secret = authority.FilePath("hook.secret");
        File.WriteAllText(secret, "opensesame\n");
        using var deliverer = new WebhookDeliverer(new(server.Url) { SecretFile = secret, CaFile = authority.RootFile }, TimeProvider.System);

        Assert.Null(await deliverer.DeliverAsync([Happening.Down(7)], CancellationToken.None));

        var request = Assert.Single(server.Requests);
        var signature = HMACSHA256.HashData("opensesame"u8, Encoding.UTF8.GetBytes(request.Body));
        Assert.Equal($"sha256={Convert.ToHexStringLower(signature)}", request.Headers["X-Lvsctl-Signature"]);
    }

    [Fact]
    public async Task A_server_that_nobody_vouches_for_gets_nothing()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.1");
        await using var server = await HookServer.StartAsync(certificate);

        var failure = await FailsAsync(new(server.Url));

        Assert.Contains("certificate", failure.Message);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(500, false), InlineData(503, false), InlineData(429, false), InlineData(403, true), InlineData(302, true)]
    public async Task Any_answer_but_2xx_is_a_failure_that_says_so_without_the_secret_path(int code, bool isRefusal)
    {
        await using var server = await HookServer.StartAsync();
        server.Answer = async context =>
        {
            context.Response.StatusCode = code;
            await context.Response.WriteAsync("go away\n");
        };

        var failure = await FailsAsync(new(server.Url));

        Assert.StartsWith($"{server.Url.Authority} answered {code} ", failure.Message);
        Assert.EndsWith(": go away", failure.Message);
        Assert.Equal(isRefusal, failure.IsRefusal);
        Assert.DoesNotContain("secret-path", failure.Message);
    }

    [Fact]
    public async Task A_slow_server_and_an_absent_one_are_failures_that_say_so()
    {
        Uri url;
        await using (var server = await HookServer.StartAsync())
        {
            url = server.Url;
            server.Answer = context => Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted);
            Assert.Equal($"{url.Authority} did not answer within 300ms", (await FailsAsync(new(url) { Timeout = TimeSpan.FromMilliseconds(300) })).Message);
        }
        Assert.Contains("Connection refused", (await FailsAsync(new(url))).Message);
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_is_a_failure_that_names_its_file()
    {
        await using var server = await HookServer.StartAsync();

        Assert.Contains("/nonexistent/hook.secret", (await FailsAsync(new(server.Url) { SecretFile = "/nonexistent/hook.secret" })).Message);
        Assert.Contains("/nonexistent/ca.pem", (await FailsAsync(new(server.Url) { CaFile = "/nonexistent/ca.pem" })).Message);
        Assert.Empty(server.Requests);
    }
}
