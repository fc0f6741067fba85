using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Control;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Director.Intents;

/// <summary>Replaces the intents and carries out the steps that concern somebody, under the store's lock.</summary>
/// <exception cref="StateException">Another lvsctl held the lock for longer than the patience.</exception>
public delegate Task<ApplyResult> IntentApply(Func<IReadOnlyList<Intent>, IReadOnlyList<Intent>> wish, Func<PlanStep, bool> concerns, ApplyOptions options, TimeSpan patience, CancellationToken cancellation);

/// <summary>Takes operators' wishes, and says what became of them: the same with the daemon as without.</summary>
/// <param name="apply">How they are carried out here.</param>
/// <param name="isDirector">Somebody sees to the rest of a drain by himself.</param>
public sealed class IntentDesk(ClusterSpec cluster, StateStore store, KernelSettings settings, TimeProvider clock, IntentApply apply, bool isDirector)
{
    static readonly TimeSpan s_defaultDeadline = TimeSpan.FromMinutes(10);
    static readonly TimeSpan s_defaultPatience = TimeSpan.FromSeconds(10);

    readonly DesiredTable _manifest = DesiredTableBuilder.Build(cluster);

    /// <exception cref="ControlException">The request means nothing: no such server, or what it says of it is wrong.</exception>
    public async Task<IntentAnswer> AskAsync(IntentRequest request, CancellationToken cancellation)
    {
        var wish = Wish(request);
        var options = Options(request);
        var patience = request.Patience is { } text ? Time("patience", text) : s_defaultPatience;
        IReadOnlyList<Intent> kept = wish is ResumeWish or SameWish ? store.Read().Intents : [];
        var target = IntentTarget.Read(request.Server, request.Service);
        target.Verify(_manifest, kept);
        var (server, service) = target;
        if (wish is ResumeWish && service is not null && kept.Any(i => i.Server == server && i.Service is null))
            throw new ControlException($"what was asked of '{server}' was asked of all its services; 'lvsctl resume {server}' takes it back", (int)ExitCode.Usage);

        // Where it was the last, the fallback comes and goes with it.
        var fallbacks = cluster.Services.Where(s => s.Fallback is not null && s.Servers.Any(r => target.Concerns(s.Name, r.Name))).Select(s => (s.Name, s.Fallback!.Name)).ToHashSet();
        var result = await apply(now => wish.Over(now, server, service), Concerns, options, patience, cancellation).ConfigureAwait(false);
        return Answer(result, wish, target, kept);

        bool Concerns(PlanStep step) => step.Server is { } its && (target.Concerns(step.Service, its) || fallbacks.Contains((step.Service, its)));
    }

    /// <summary>How far a drain is.</summary>
    /// <exception cref="ControlException">There is no such server.</exception>
    public DrainDocument Drain(IpvsClient kernel, string name, string? of)
    {
        var intents = store.Read().Intents;
        var target = IntentTarget.Read(name, of);
        target.Verify(_manifest, intents);
        var state = new DrainDocument([.. intents.Where(i => i.Server == target.Server && (target.Service is null || i.Service is null || i.Service == target.Service))], 0, 0, 0);
        foreach (var (wanted, named) in Named(target))
        {
            var progress = DrainProgress.Of(wanted.Service, kernel.ListServers(wanted.Service.Key).FirstOrDefault(s => s.Server.Key == named.Server.Key));
            if (!progress.IsDone) state = state with { Active = state.Active + progress.Active, Inactive = state.Inactive + progress.Inactive, Persistent = state.Persistent + progress.Persistent };
        }
        return state;
    }

    IntentAnswer Answer(ApplyResult result, IntentWish wish, IntentTarget target, IReadOnlyList<Intent> kept)
    {
        var plan = result.Planned.Plan;
        var missing = Missing(result.Planned, target);
        var notes = new List<string>();
        if (result.Report is not null && wish is not SameWish) notes.AddRange(DrainAdvice.For(result.Planned, [], settings));
        if (result.Report is not null && wish is not (ResumeWish or SameWish) && missing.Count > 0)
            notes.Add($"Noted: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} not in the kernel's table yet; it holds from the first 'lvsctl apply' on.");

        var report = result.Report ?? new ApplyReport([], []);
        var code = result.Report is null ? ExitCode.RefusedByGate : report.Outcome();
        if (result.Report is not null && report.Failed.Count == 0 && plan.IsEmpty && Quiet() is { } quiet) notes.Add(quiet);
        return new(code, result.Report is not null, notes, [.. plan.Steps.Select(StepDocument.Of)], report.Done.Count,
            [.. report.Failed.Select(f => new FailureDocument(f.Step.Where(), f.Why))], report.NotTried.Count, result.Report is null ? result.Refusals : [],
            [.. plan.Capacity.Where(c => plan.Steps.Any(s => s.ServiceKey == c.Key)).GroupBy(c => c.Service).Select(g => new CapacityDocument(g.Key, g.Min(c => c.CanLose)))])
        {
            Remark = Rest(),
            Intent = result.Report is null || wish is ResumeWish or SameWish ? null : wish.Over([], target.Server, target.Service).Single(),
        };

        string? Quiet() => wish switch
        {
            SameWish => null,
            ResumeWish => wish.Over(kept, target.Server, target.Service).Count < kept.Count ? "Taken back; the kernel's table needs no change for it." : "Nothing to do: nobody asked anything of this server.",
            _ => missing.Count == 0 ? "Noted; the kernel's table needs no change for it." : null,
        };

        // One without connections has gone already.
        string? Rest() => code == ExitCode.Done && wish is DrainWish { Then: DrainEnd.Remove } && IsThere(result, target)
            ? $"{(isDirector ? "The director sees to the rest" : "The next 'lvsctl apply' sees to the rest, or --wait does")}; 'lvsctl status' shows how far it is."
            : null;
    }

    bool IsThere(ApplyResult result, IntentTarget target)
    {
        var there = result.Planned.Observed.SelectMany(p => p.Servers.Select(s => (p.Service.Service.Key, s.Server.Key))).ToHashSet();
        foreach (var step in result.Report!.Done.Where(s => s.Action == PlanAction.Remove && s.ServerKey is not null)) there.Remove((step.ServiceKey, step.ServerKey!.Value));
        return Named(target).Any(n => there.Contains((n.Service.Service.Key, n.Server.Server.Key)));
    }

    List<string> Missing(PlannedTable planned, IntentTarget target)
    {
        var there = planned.Observed.Select(p => p.Service.Service.Key).ToHashSet();
        return [.. Named(target).Where(n => !there.Contains(n.Service.Service.Key)).Select(n => n.Service.Name).Distinct()];
    }

    IEnumerable<(DesiredService Service, DesiredServer Server)> Named(IntentTarget target) =>
        from service in _manifest.Services from server in service.Servers where target.Concerns(service.Name, server.Name) select (service, server);

    IntentWish Wish(IntentRequest request)
    {
        var now = clock.GetUtcNow();
        return request.Kind switch
        {
            "drain" => new DrainWish(now, request.Deadline is { } deadline ? Time("deadline", deadline) : s_defaultDeadline, request.Then switch
            {
                null or "remove" => DrainEnd.Remove,
                "hold" => DrainEnd.Hold,
                _ => throw Wrong($"then is remove or hold, not '{request.Then}'"),
            }),
            "maintain" => new MaintainWish(now),
            "weight" => new WeightWish(now, request.Weight is >= 0 and var weight ? weight : throw Wrong("a weight is a number from 0 to 2147483647")),
            "resume" => new ResumeWish(),
            "finish" => new SameWish(),
            _ => throw Wrong($"kind is drain, maintain, weight, resume or finish, not '{request.Kind}'"),
        };
    }

    ApplyOptions Options(IntentRequest request) => new(
        PlanOptions.Default,
        new(request.MaxUnavailable is { } share ? ReadShare(share) : cluster.Safety.MaxUnavailable ?? SafetyLimits.Default.MaxUnavailable,
            request.MaxDeletes ?? cluster.Safety.MaxDeletes ?? SafetyLimits.Default.MaxDeletes),
        request.Force);

    static Share ReadShare(string text)
    {
        var isPercent = text.EndsWith('%');
        return int.TryParse(isPercent ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (!isPercent || number <= 100)
            ? new Share(number, isPercent)
            : throw Wrong($"max_unavailable is a number of servers or a percentage, such as 2 or 50%, not '{text}'");
    }

    static TimeSpan Time(string name, string text) => Duration.Read(text) ?? throw Wrong($"{name} is a time with its unit, such as 30s or 10m, not '{text}'");

    static ControlException Wrong(string text) => new(text, (int)ExitCode.Usage);
}
