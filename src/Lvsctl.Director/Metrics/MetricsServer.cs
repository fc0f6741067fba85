using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.Running;

namespace Lvsctl.Director.Metrics;

/// <summary>
/// Listens where the manifest in force wants it, and does so beside the director: an address that cannot be had is told and tried again, and
/// nothing else stops for it.
/// </summary>
public sealed class MetricsServer : IDisposable
{
    static readonly TimeSpan s_retryEvery = TimeSpan.FromSeconds(5);

    readonly Announcer _announcer;
    readonly KernelReader _kernel;
    readonly MetricsSite _site;
    readonly SemaphoreSlim _news = new(0);
    readonly CancellationTokenSource _stop = new();
    readonly Task _loop;
    volatile MetricsSpec _spec;
    HttpServer? _server;
    IPEndPoint? _wanted;
    string? _trouble;

    /// <summary>Begins at once, beside the caller.</summary>
    /// <param name="notifications">How the deliveries stand; asked for each answer.</param>
    public MetricsServer(MetricsSpec spec, RunningDirector director, Announcer announcer, DirectorHost host, Func<IReadOnlyList<NotificationSample>>? notifications = null)
    {
        (_spec, _announcer) = (spec, announcer);
        _kernel = new KernelReader(host.OpenKernel, host.Clock);
        _site = new MetricsSite(director, announcer, _kernel, host.Vrrp is { } vrrp ? new VrrpReader(vrrp, host.Clock) : null, notifications ?? (() => []), host.Clock);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Null: it does not listen (now).</summary>
    public IPEndPoint? At { get; private set; }

    /// <summary>Another manifest. From any thread; what is to be done for it is done beside the caller.</summary>
    public void Configure(MetricsSpec spec)
    {
        _spec = spec;
        _news.Release();
    }

    async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var spec = _spec;
                _site.HasPage = spec.Page;
                var isMoved = !Equals(spec.Listen, _wanted);
                if (isMoved) await CloseAsync().ConfigureAwait(false);
                if (isMoved) _trouble = null;
                _wanted = spec.Listen;
                if (spec.Listen is not null && _server is null) await ListenAsync(spec.Listen).ConfigureAwait(false);
                await _news.WaitAsync(_server is null && spec.Listen is not null ? s_retryEvery : Timeout.InfiniteTimeSpan, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The director stops.
        }
        await CloseAsync().ConfigureAwait(false);
    }

    async Task ListenAsync(IPEndPoint at)
    {
        try
        {
            _server = await HttpServer.StartAsync(at, _site.HandleAsync).ConfigureAwait(false);
            At = _server.At;
            if (_trouble is not null) _announcer.Tell(DirectorEvents.Warning($"metrics.listen: metrics and page are to be had at {at} now"));
            _trouble = null;
        }
        catch (IOException e)
        {
            if (_trouble != e.Message) _announcer.Tell(DirectorEvents.Warning($"metrics.listen: metrics and page cannot be had at {at}: {e.Message}; all else goes on, and it is tried again"));
            _trouble = e.Message;
        }
    }

    async Task CloseAsync()
    {
        if (_server is null) return;
        At = null;
        using var old = _server;
        _server = null;
        await old.StopAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _loop.GetAwaiter().GetResult();
        _site.Dispose();
        _kernel.Dispose();
        _news.Dispose();
        _stop.Dispose();
    }
}
