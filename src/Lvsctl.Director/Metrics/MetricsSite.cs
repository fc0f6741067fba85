using System.IO.Pipelines;
using System.Net.Mime;
using System.Text;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.Page;
using Lvsctl.Director.Running;
using Microsoft.AspNetCore.Http;

namespace Lvsctl.Director.Metrics;

/// <summary>What can be had over HTTP without any right: figures for Prometheus, the page for people, and whether the director lives. Nothing here changes anything.</summary>
sealed class MetricsSite(RunningDirector director, Announcer announcer, KernelReader kernel, VrrpReader? vrrp, Func<IReadOnlyList<NotificationSample>> notifications, TimeProvider clock) : IDisposable
{
    /// <summary>Bytes that wait before they are sent.</summary>
    const int SendAt = 64 * 1024;
    const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    static readonly TimeSpan s_alive = TimeSpan.FromSeconds(1);

    readonly SharedView _view = new(director.ViewAsync, clock);
    readonly PageFiles _files = new();
    readonly RecentEvents _events = new(announcer.Journal);
    readonly SemaphoreSlim _turn = new(1);
    TableLabels? _labels;

    public bool HasPage { get; set; }

    public async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.Headers.CacheControl = "no-store";
        var path = request.Path.Value ?? "";
        var page = HasPage ? _files.Find(path) : null;
        var isKnown = path is "/metrics" or "/healthz" || HasPage && (page is not null || path == PageState.Path);
        if (!isKnown)
        {
            await SayAsync(response, StatusCodes.Status404NotFound, path == "/" ? "the page is off (metrics.page in the manifest); there are /metrics and /healthz" : "there is nothing here; there are /metrics and /healthz, and the page at /").ConfigureAwait(false);
            return;
        }
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            await SayAsync(response, StatusCodes.Status405MethodNotAllowed, "one may look here and change nothing; 'lvsctl' changes things, over the control socket").ConfigureAwait(false);
            return;
        }
        try
        {
            if (page is not null) await PageFiles.SendAsync(response, page, HttpMethods.IsHead(request.Method)).ConfigureAwait(false);
            else if (path == "/metrics") await MetricsAsync(request, response, context.RequestAborted).ConfigureAwait(false);
            else if (path == PageState.Path) await StateAsync(request, response, context.RequestAborted).ConfigureAwait(false);
            else await HealthAsync(response).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or State.StateException && !response.HasStarted)
        {
            var why = e switch
            {
                TimeoutException => "the director does not answer",
                OperationCanceledException => "the director stops",
                _ => e.Message,
            };
            if (!context.RequestAborted.IsCancellationRequested) await SayAsync(response, StatusCodes.Status503ServiceUnavailable, why).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException))
        {
            // Nobody foresaw it. Whoever asked gets no half of an answer, and the rest goes on.
            announcer.Tell(DirectorEvents.Warning($"{path} could not be answered: {e.GetType().Name}: {e.Message}"));
            if (response.HasStarted) context.Abort();
            else await SayAsync(response, StatusCodes.Status500InternalServerError, e.Message).ConfigureAwait(false);
        }
    }

    async Task MetricsAsync(HttpRequest request, HttpResponse response, CancellationToken aborted)
    {
        var isOpen = Accepts(request, "application/openmetrics-text");
        response.ContentType = isOpen ? OpenMetricsType : TextType;
        if (HttpMethods.IsHead(request.Method)) return;
        var view = await _view.GetAsync(aborted).ConfigureAwait(false);
        var labels = _labels;
        if (!ReferenceEquals(labels?.Plan, view.Plan)) _labels = labels = new TableLabels(view.Plan);
        var routers = vrrp is null ? null : await vrrp.ReadAsync(view.Cluster).ConfigureAwait(false);
        var metrics = new DirectorMetrics(view, labels!, kernel.Read(), routers, announcer.Counts, announcer.Journal.Dropped, notifications());
        await SendAsync(metrics.Write(new MetricsText(response.BodyWriter, isOpen)), response.BodyWriter, aborted).ConfigureAwait(false);
    }

    async Task StateAsync(HttpRequest request, HttpResponse response, CancellationToken aborted)
    {
        response.ContentType = MediaTypeNames.Application.Json;
        if (HttpMethods.IsHead(request.Method)) return;
        _ = long.TryParse(request.Query["after"], out var after);
        var view = await _view.GetAsync(aborted).ConfigureAwait(false);
        using var state = new PageState(view, kernel.Read(), _events, after, response.BodyWriter);
        await SendAsync(state.Write(), response.BodyWriter, aborted).ConfigureAwait(false);
    }

    async Task HealthAsync(HttpResponse response)
    {
        await director.Ask(static () => true).WaitAsync(s_alive, clock).ConfigureAwait(false);
        await SayAsync(response, StatusCodes.Status200OK, "the director answers").ConfigureAwait(false);
    }

    // The whole of ten thousand servers is megabytes: it goes out as it is made. However many ask, one answer is worked on at a time, and
    // none while its reader is waited for: the director's own work comes first.
    async Task SendAsync(IEnumerable<int> parts, PipeWriter to, CancellationToken aborted)
    {
        using var part = parts.GetEnumerator();
        for (var isMore = true; isMore;)
        {
            await _turn.WaitAsync(aborted).ConfigureAwait(false);
            try
            {
                while ((isMore = part.MoveNext()) && to.UnflushedBytes < SendAt)
                {
                    // On.
                }
            }
            finally
            {
                _turn.Release();
            }
            if ((await to.FlushAsync(aborted).ConfigureAwait(false)).IsCompleted) return;
        }
    }

    static bool Accepts(HttpRequest request, string type)
    {
        foreach (var accepted in request.Headers.Accept)
        {
            if (accepted?.Contains(type, StringComparison.OrdinalIgnoreCase) == true) return true;
        }
        return false;
    }

    static Task SayAsync(HttpResponse response, int status, string text)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        var bytes = Encoding.UTF8.GetBytes(text + "\n");
        response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(response.HttpContext.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes).AsTask();
    }

    public void Dispose()
    {
        _events.Dispose();
        _turn.Dispose();
    }
}
