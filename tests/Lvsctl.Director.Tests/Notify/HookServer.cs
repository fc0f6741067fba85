using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lvsctl.Director.Tests.Notify;

sealed record HookRequest(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>Takes webhooks, and answers as the test says.</summary>
sealed class HookServer : IAsyncDisposable
{
    readonly WebApplication _application;

    HookServer(WebApplication application, string scheme) =>
        (_application, Url) = (application, new Uri($"{scheme}://127.0.0.1:{new Uri(application.Urls.Single()).Port}/hook/secret-path"));

    public Uri Url { get; }

    public List<HookRequest> Requests { get; } = [];

    public Func<HttpContext, Task> Answer { get; set; } = static _ => Task.CompletedTask;

    public static async Task<HookServer> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        var application = builder.Build();
        HookServer? server = null;
        application.Run(context => server!.TakeAsync(context));
        await application.StartAsync();
        return server = new HookServer(application, certificate is null ? "http" : "https");
    }

    async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        Requests.Add(new(context.Request.Method, context.Request.Path, await reader.ReadToEndAsync(), context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString())));
        await Answer(context);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
