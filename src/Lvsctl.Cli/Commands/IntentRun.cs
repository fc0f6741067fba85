using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>Takes a wish down, carries it out for the server it is about, and stays for a drain if asked to.</summary>
static class IntentRun
{
    static readonly TimeSpan s_pollInterval = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(Workplace workplace, IntentTarget target, ParseResult parsed, IntentWish wish, bool wait, CancellationToken cancellation)
    {
        var settings = target.Settings;
        var cluster = ManifestInput.Read(parsed, settings.Manifest);
        var manifest = DesiredTableBuilder.Build(cluster);
        var options = settings.Apply(parsed, cluster);
        var store = settings.Store(parsed, cluster, workplace.Clock);
        IReadOnlyList<Intent> kept = wish is ResumeWish ? store.Read().Intents : [];
        var (server, service) = target.Resolve(parsed, manifest, kept);
        if (wish is ResumeWish && service is not null && kept.Any(i => i.Server == server && i.Service is null))
            throw new ManifestException(ExitCode.Usage, $"what was asked of '{server}' was asked of all its services; 'lvsctl resume {server}' takes it back");
        using var kernel = workplace.OpenKernel();
        var reconciler = new Reconciler(kernel, store, workplace.Clock, KnownHealth.In(store, cluster, workplace.Clock));
        var output = new ApplyOutput(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, workplace.Colour, json: false);
        var text = parsed.InvocationConfiguration.Output;

        // Where it was the last, the fallback comes and goes with it.
        var fallbacks = cluster.Services
            .Where(s => s.Fallback is not null && (service is null || s.Name == service) && s.Servers.Any(r => r.Name == server))
            .Select(s => (s.Name, s.Fallback!.Name)).ToHashSet();

        bool Concerns(PlanStep step) => step.Server is { } its && (its == server && (service is null || step.Service == service) || fallbacks.Contains((step.Service, its)));

        async Task<ApplyResult> Pass(IntentWish? with)
        {
            // Not for as long as the drain takes: others may work meanwhile.
            using var held = await settings.LockAsync(parsed, store, cancellation).ConfigureAwait(false);
            var now = store.Read().Intents;
            return reconciler.Apply(manifest, options, with is null ? now : with.Over(now, server, service), Concerns, cancellation,
                with is null ? null : planned => output.Announce(DrainAdvice.For(planned, [], workplace.Settings)));
        }

        var result = await Pass(wish).ConfigureAwait(false);
        var missing = Missing(result.Planned);
        if (wish is not ResumeWish && missing.Count > 0 && result.Report is not null)
            text.WriteLine($"Noted: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} not in the kernel's table yet; it holds from the first 'lvsctl apply' on.");
        if (result.Report is null || result.Report.Failed.Count > 0 || !result.Planned.Plan.IsEmpty) return (int)await FinishAsync(Write(result)).ConfigureAwait(false);
        var noChange = wish is not ResumeWish ? (missing.Count == 0 ? "Noted; the kernel's table needs no change for it." : null)
            : wish.Over(kept, server, service).Count < kept.Count ? "Taken back; the kernel's table needs no change for it."
            : "Nothing to do: nobody asked anything of this server.";
        if (noChange is not null) text.WriteLine(noChange);
        return (int)await FinishAsync(ExitCode.Done).ConfigureAwait(false);

        async Task<ExitCode> FinishAsync(ExitCode code)
        {
            if (code != ExitCode.Done || wish is not DrainWish drain) return code;
            if (wait) return await WaitAsync(drain).ConfigureAwait(false);
            // One without connections has gone already.
            if (drain.Then == DrainEnd.Remove && IsThere()) text.WriteLine("The next 'lvsctl apply' sees to the rest, or --wait does; 'lvsctl status' shows how far it is.");
            return code;
        }

        bool IsThere() => manifest.Services.Any(s => (service is null || s.Name == service)
            && s.Servers.FirstOrDefault(r => r.Name == server) is { } named && kernel.ListServers(s.Service.Key).Any(r => r.Server.Key == named.Server.Key));

        async Task<ExitCode> WaitAsync(DrainWish drain)
        {
            var deadline = drain.Now + drain.Deadline;
            DrainState? shown = null;
            var mine = drain.Over([], server, service).Single();
            while (true)
            {
                // Somebody has resumed the server, or asked for another drain: that is not ours to end.
                if (!store.Read().Intents.Contains(mine))
                {
                    text.WriteLine("The drain was taken back.");
                    return ExitCode.Done;
                }
                var state = DrainState.Of(kernel, manifest, server, service);
                if (state != shown) text.WriteLine($"{Left(deadline)} left: {state}");
                shown = state;
                var late = workplace.Clock.GetUtcNow() >= deadline;
                if (state.IsDone || late)
                {
                    var last = await Pass(null).ConfigureAwait(false);
                    var code = last.Planned.Plan.IsEmpty ? ExitCode.Done : Write(last);
                    return code == ExitCode.Done && !state.IsDone ? ExitCode.DeadlinePassed : code;
                }
                await Task.Delay(s_pollInterval, workplace.Clock, cancellation).ConfigureAwait(false);
            }
        }

        List<string> Missing(PlannedTable planned)
        {
            var there = planned.Observed.Select(p => p.Service.Service.Key).ToHashSet();
            return [.. manifest.Services.Where(s => (service is null || s.Name == service) && s.Servers.Any(r => r.Name == server) && !there.Contains(s.Service.Key)).Select(s => s.Name).Distinct()];
        }

        ExitCode Write(ApplyResult pass)
        {
            output.Add(Short(pass));
            return output.Code;
        }

        string Left(DateTimeOffset deadline)
        {
            var left = deadline - workplace.Clock.GetUtcNow();
            return Duration.Text(TimeSpan.FromSeconds(Math.Max(0, Math.Round(left.TotalSeconds))));
        }
    }

    // Of what concerns one server only: the rest of the table is not what was asked about.
    static ApplyResult Short(ApplyResult result) => result with
    {
        Planned = result.Planned with { Plan = result.Planned.Plan with { Foreign = [], Draining = [], Capacity = [.. result.Planned.Plan.Capacity.Where(c => result.Planned.Plan.Steps.Any(s => s.ServiceKey == c.Key))] } },
    };
}

/// <summary>What holds a drain, over all the services that have the server.</summary>
readonly record struct DrainState(long Active, long Inactive, long Persistent)
{
    public bool IsDone => (Active, Inactive, Persistent) == (0, 0, 0);

    public static DrainState Of(Linux.Ipvs.IpvsClient kernel, DesiredTable manifest, string server, string? service)
    {
        var state = default(DrainState);
        foreach (var wanted in manifest.Services.Where(s => service is null || s.Name == service))
        {
            if (wanted.Servers.FirstOrDefault(r => r.Name == server) is not { } named) continue;
            var there = kernel.ListServers(wanted.Service.Key).FirstOrDefault(s => s.Server.Key == named.Server.Key);
            var progress = DrainProgress.Of(wanted.Service, there);
            if (!progress.IsDone) state = new(state.Active + progress.Active, state.Inactive + progress.Inactive, state.Persistent + progress.Persistent);
        }
        return state;
    }

    public override string ToString() => $"{Active} active and {Inactive} inactive connections, {Persistent} persistence templates";
}
