using System.Net.Sockets;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;
using Lvsctl.Linux.Processes;
using Lvsctl.Linux.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lvsctl.Director.Control;

/// <summary>
/// The control socket: HTTP/1.1 and JSON at a Unix socket, for root, the daemon's own user, and the groups of the manifest. Who asks is known
/// by the kernel's word; the file's mode is a second fence. Where the socket cannot be had the director goes on without it, says so, and tries
/// again.
/// </summary>
public sealed class ControlServer : IAsyncDisposable
{
    const int MostConnections = 128;
    const int MostStrangers = 8;
    const long LongestBody = 64 * 1024;
    static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(2);

    readonly Dictionary<string, Dictionary<string, ControlRoute>> _routes;
    readonly Announcer _announcer;
    readonly TimeProvider _clock;
    readonly CancellationTokenSource _stop = new();
    readonly SemaphoreSlim _one = new(1, 1);
    ControlSpec _control;
    WebApplication? _server;
    Task _opening = Task.CompletedTask;
    readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _strangers;

    /// <summary>Opens the socket in the background.</summary>
    public ControlServer(ControlSpec control, IEnumerable<ControlRoute> routes, Announcer announcer, TimeProvider clock)
    {
        (_control, _announcer, _clock) = (control, announcer, clock);
        _routes = routes.GroupBy(r => r.Path).ToDictionary(g => g.Key, g => g.ToDictionary(r => r.Method));
        _opening = Task.Run(OpenAsync);
    }

    /// <summary>Ends when the socket is there, or could not be had at the first try.</summary>
    public Task Tried => _tried.Task;

    /// <summary>Another manifest: groups count from now on; another path or mode opens another socket.</summary>
    public void Configure(ControlSpec control)
    {
        if (control == _control) return;
        var (before, isMoved) = (_opening, (control.Socket, control.Mode, control.Group, control.ReadOnlyGroup) != (_control.Socket, _control.Mode, _control.Group, _control.ReadOnlyGroup));
        _control = control;
        if (isMoved) _opening = Task.Run(() => ReopenAsync(before));
    }

    async Task ReopenAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await CloseAsync().ConfigureAwait(false);
        await OpenAsync().ConfigureAwait(false);
    }

    async Task OpenAsync()
    {
        var control = _control;
        string? told = null;
        while (!_stop.IsCancellationRequested && control == _control)
        {
            try
            {
                await ListenAsync(control).ConfigureAwait(false);
                if (told is not null) _announcer.Tell(DirectorEvents.Warning($"the control socket {control.Socket} is there now"));
                return;
            }
            // Kestrel wraps what the socket says.
            catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException || e.InnerException is IOException or SocketException)
            {
                var why = e is IOException ? e.Message : (e.InnerException ?? e).Message;
                if (why != told) _announcer.Tell(DirectorEvents.Warning($"{why}; the director works on without its control socket, and tries again"));
                told = why;
            }
            finally
            {
                _tried.TrySetResult();
            }
            await Task.Delay(s_retry, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task ListenAsync(ControlSpec control)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = _ => Bind(control));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = s_goodbye);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = LongestBody;
            kestrel.ListenUnixSocket(Path.GetFullPath(control.Socket), listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => AdmitAsync(connection, next));
            });
        });
        var server = builder.Build();
        server.Use((HttpContext context, RequestDelegate _) => AnswerAsync(context));
        try
        {
            await server.StartAsync(_stop.Token).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await _one.WaitAsync().ConfigureAwait(false);
        _server = server;
        _one.Release();
    }

    static Socket Bind(ControlSpec control)
    {
        var group = control.Group ?? control.ReadOnlyGroup;
        uint? gid = group is null ? null : UserIdentity.FindGroup(group) ?? throw new IOException($"cannot listen at {control.Socket}: there is no group '{group}'");
        var mode = (UnixFileMode)control.Mode;
        // A file has one group. With two of them everybody may knock, and is let in by who they are.
        if (control.Group is not null && control.ReadOnlyGroup is not null) mode |= UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return SocketFile.Bind(Path.GetFullPath(control.Socket), mode, gid);
    }

    async Task AnswerAsync(HttpContext context)
    {
        try
        {
            var caller = ControlCaller.Of(PeerIdentity.Of(SocketOf(context)), _control);
            ControlReply.SetCaller(context, caller);
            var path = context.Request.Path.Value ?? "";
            if (caller.Access is null)
                await ControlReply.RefuseAsync(context, StatusCodes.Status403Forbidden, $"{caller.Name} may not ask the director; the manifest's 'control' names the groups that may", exitCode: 7).ConfigureAwait(false);
            else if (!_routes.TryGetValue(path, out var methods))
                await ControlReply.RefuseAsync(context, StatusCodes.Status404NotFound, $"there is nothing at {path}").ConfigureAwait(false);
            else if (!methods.TryGetValue(context.Request.Method, out var route))
                await ControlReply.RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, $"{path} knows {string.Join(", ", methods.Keys.Order())}, not {context.Request.Method}").ConfigureAwait(false);
            else if (!caller.May(route.Access))
                await ControlReply.RefuseAsync(context, StatusCodes.Status403Forbidden, $"{caller.Name} may look and change nothing; the manifest's control.group may", exitCode: 7).ConfigureAwait(false);
            else await route.Handle(context).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            // Nobody reads on, or half of an answer is out: the end of the connection says it.
            context.Abort();
        }
        catch (ControlException e)
        {
            await ControlReply.RefuseAsync(context, StatusCodes.Status400BadRequest, e.Message, e.ExitCode).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await ControlReply.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "the director stops").ConfigureAwait(false);
        }
        catch (Exception e) when (e is IpvsException or NetlinkException or StateException)
        {
            var isPermission = e is IpvsException { Reason: IpvsErrorReason.NoKernelSupport or IpvsErrorReason.NotPermitted } or StateException { Problem: StateProblem.NotPermitted };
            await ControlReply.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message, isPermission ? (int)ExitCode.KernelOrPermission : null).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // No request may stop the director.
            _announcer.Tell(DirectorEvents.Warning($"{context.Request.Method} {context.Request.Path} failed: {e.GetType().Name}: {e.Message}"));
            await ControlReply.RefuseAsync(context, StatusCodes.Status500InternalServerError, $"{e.GetType().Name}: {e.Message}").ConfigureAwait(false);
        }
    }

    // With two groups everybody may knock. Those who may not come in do not keep others out.
    async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()!.Socket;
        if (ControlCaller.Of(PeerIdentity.Of(socket), _control).Access is not null)
        {
            await next(connection).ConfigureAwait(false);
            return;
        }
        if (Interlocked.Increment(ref _strangers) <= MostStrangers)
        {
            using var patience = new CancellationTokenSource(s_goodbye, _clock);
            await using var end = patience.Token.Register(connection.Abort).ConfigureAwait(false);
            await next(connection).ConfigureAwait(false);
        }
        else
        {
            connection.Abort();
        }
        Interlocked.Decrement(ref _strangers);
    }

    static Socket SocketOf(HttpContext context) => context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;

    async Task CloseAsync()
    {
        await _one.WaitAsync().ConfigureAwait(false);
        var server = _server;
        _server = null;
        _one.Release();
        if (server is null) return;
        using var patience = new CancellationTokenSource(s_goodbye, _clock);
        await server.StopAsync(patience.Token).ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await CloseAsync().ConfigureAwait(false);
        _stop.Dispose();
        _one.Dispose();
    }
}
