using Lvsctl.Core.Cluster;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Events;
using Lvsctl.Director.Intents;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.Running;
using Lvsctl.Director.State;
using Lvsctl.Director.Status;
using Lvsctl.Linux.Ipvs;
using Microsoft.AspNetCore.Http;

namespace Lvsctl.Director.Control;

/// <summary>What operators' verbs ask: how things stand, why, and what they want otherwise. The kernel is read by the request's own thread, never by the director's.</summary>
public sealed class OperatorRoutes(RunningDirector director, DirectorHost host, StateStore store, EventJournal journal)
{
    public const string Status = "/v1/status";
    public const string Intents = "/v1/intents";
    public const string Drain = "/v1/drain";
    public const string Why = "/v1/why";

    static readonly TimeSpan s_passPatience = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan s_passPoll = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan s_lockRetry = TimeSpan.FromMilliseconds(50);

    public IEnumerable<ControlRoute> All =>
    [
        new("GET", Status, ControlAccess.Read, StatusAsync),
        new("GET", Why, ControlAccess.Read, WhyAsync),
        new("GET", Drain, ControlAccess.Read, DrainAsync),
        new("POST", Intents, ControlAccess.Change, IntentsAsync),
    ];

    public static string DrainOf(string server, string? service) => Drain + Query(server, service);

    public static string WhyOf(string server, string? service) => Why + Query(server, service);

    static string Query(string server, string? service) => $"?server={Uri.EscapeDataString(server)}{(service is null ? "" : $"&service={Uri.EscapeDataString(service)}")}";

    async Task StatusAsync(HttpContext context)
    {
        var view = await ViewAsync(context.RequestAborted).ConfigureAwait(false);
        using var kernel = host.OpenKernel();
        var planned = TableNow(view, kernel.ReadTableOnce());
        await ControlReply.WriteAsync(context, StatusReport.Of(kernel.GetInfo(), planned, view.State, HealthFacts.Of(view), StatusReport.Daemon(view)), StatusJson.Default.StatusDocument).ConfigureAwait(false);
    }

    async Task WhyAsync(HttpContext context)
    {
        var (server, service) = Target(context);
        var view = await ViewAsync(context.RequestAborted).ConfigureAwait(false);
        using var kernel = host.OpenKernel();
        var why = new WhyReport(view.Cluster, TableNow(view, kernel.ReadTableOnce()), view.State, HealthFacts.Of(view))
        {
            LastPass = view.Last,
            Daemon = StatusReport.Daemon(view),
            Journal = () => journal.Read(0),
        };
        await ControlReply.WriteAsync(context, why.Of(server, service), WhyJson.Default.WhyDocument).ConfigureAwait(false);
    }

    // Who has just asked for something, or reloaded, sees what came of it.
    async Task<DirectorView> ViewAsync(CancellationToken cancellation)
    {
        var started = host.Clock.GetTimestamp();
        while (true)
        {
            var view = await director.ViewAsync().ConfigureAwait(false);
            if (!view.IsBehind || host.Clock.GetElapsedTime(started) >= s_passPatience) return view;
            await Task.Delay(s_passPoll, host.Clock, cancellation).ConfigureAwait(false);
        }
    }

    async Task DrainAsync(HttpContext context)
    {
        var (server, service) = Target(context);
        var desk = await DeskAsync("").ConfigureAwait(false);
        using var kernel = host.OpenKernel();
        await ControlReply.WriteAsync(context, desk.Drain(kernel, server, service), IntentJson.Default.DrainDocument).ConfigureAwait(false);
    }

    async Task IntentsAsync(HttpContext context)
    {
        var request = await ControlReply.ReadAsync(context, IntentJson.Default.IntentRequest).ConfigureAwait(false);
        var desk = await DeskAsync(ControlReply.CallerOf(context).Name).ConfigureAwait(false);
        await ControlReply.WriteAsync(context, await desk.AskAsync(request, context.RequestAborted).ConfigureAwait(false), IntentJson.Default.IntentAnswer).ConfigureAwait(false);
    }

    async Task<IntentDesk> DeskAsync(string who)
    {
        var cluster = await director.ClusterAsync().ConfigureAwait(false);
        return new(cluster, store, host.Settings, host.Clock, async (wish, concerns, options, patience, cancellation) =>
        {
            var started = host.Clock.GetTimestamp();
            while (true)
            {
                if ((await director.SetIntentsAsync(wish, concerns, options, who).ConfigureAwait(false)).Applied is { } applied) return applied;
                if (host.Clock.GetElapsedTime(started) >= patience)
                    throw new ControlException($"another lvsctl is at work with {store.Directory}; wait for it, or give it longer with --lock-timeout", (int)ExitCode.Locked);
                await Task.Delay(s_lockRetry, host.Clock, cancellation).ConfigureAwait(false);
            }
        }, isDirector: true);
    }

    static (string Server, string? Service) Target(HttpContext context)
    {
        var query = context.Request.Query;
        return query["server"] is [{ Length: > 0 } server] ? (server, query["service"] is [{ Length: > 0 } service] ? service : null) : throw new ControlException("which server? ?server=NAME", (int)ExitCode.Usage);
    }

    // Wishes and health are as of the last pass, the kernel is as it is now.
    static PlannedTable TableNow(DirectorView view, IReadOnlyList<Core.Model.ObservedPool> observed)
    {
        var desired = view.Last?.Planned.Desired ?? Overlay.Lay(view.State.Intents, DesiredTableBuilder.Build(view.Cluster), observed, view.Wall);
        var plan = Planner.Plan(desired, observed, view.State.Ownership, DrainPolicy.UntilEmpty with { Begun = view.State.Leaving.Keys.ToHashSet() });
        return new(plan, desired, observed);
    }
}
