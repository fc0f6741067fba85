using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Lvsctl.Director.Metrics;

/// <summary>
/// Kestrel at one TCP address, without a host around it, which would have a say in signals. Its limits are for readers who want a page or a
/// scrape, and for strangers who want to keep it busy.
/// </summary>
sealed class HttpServer : IDisposable
{
    static readonly TimeSpan s_toEnd = TimeSpan.FromSeconds(1);

    readonly KestrelServer _server;

    HttpServer(KestrelServer server) => _server = server;

    /// <exception cref="IOException">The address is taken, or not there, or nobody may listen at it.</exception>
    public static async Task<HttpServer> StartAsync(IPEndPoint at, RequestDelegate handle)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = 128;
        options.Limits.MaxRequestLineSize = 4 * 1024;
        options.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        options.Limits.MaxRequestHeaderCount = 64;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        options.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        options.Listen(at, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            await server.StartAsync(new Application(handle), CancellationToken.None).ConfigureAwait(false);
            return new HttpServer(server);
        }
        catch (Exception e)
        {
            server.Dispose();
            // Kestrel says by different kinds of exceptions that an address is taken and that it is not there.
            if (e is IOException or System.Net.Sockets.SocketException) throw new IOException((e.InnerException ?? e).GetBaseException().Message, e);
            throw;
        }
    }

    /// <summary>With the port that the kernel chose where none was asked for.</summary>
    public IPEndPoint At
    {
        get
        {
            var address = new Uri(_server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
            return new IPEndPoint(IPAddress.Parse(address.Host), address.Port);
        }
    }

    /// <summary>Those who are being answered have a second to go.</summary>
    public async Task StopAsync()
    {
        using var enough = new CancellationTokenSource(s_toEnd);
        await _server.StopAsync(enough.Token).ConfigureAwait(false);
    }

    public void Dispose() => _server.Dispose();

    sealed class Application(RequestDelegate handle) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handle(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
