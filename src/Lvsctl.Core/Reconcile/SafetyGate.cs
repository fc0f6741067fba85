using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>How much an apply may take away before somebody has to say <c>--force</c>.</summary>
/// <param name="MaxUnavailable">By how many the servers of one service that get connections may become fewer; a part is one of all that should serve.</param>
/// <param name="MaxDeletes">Entries, services and servers together, that may be removed, or begin to drain in order to be.</param>
public sealed record SafetyLimits(Share MaxUnavailable, int MaxDeletes)
{
    public static SafetyLimits Default { get; } = new(Share.Percent(50), 20);

    /// <summary>The share of so many that may go: a part is rounded down, but one may go if any may.</summary>
    public int Allowed(int servers)
    {
        if (!MaxUnavailable.IsPercent) return MaxUnavailable.Value;
        return MaxUnavailable.Value == 0 || servers == 0 ? 0 : Math.Max(1, (int)((long)servers * MaxUnavailable.Value / 100));
    }
}

/// <summary>One reason why a plan is not carried out, for an operator to read.</summary>
/// <param name="Rule">The option that would have to be raised, or <c>last-server</c>, or <c>min-healthy</c>, the manifest's own.</param>
public sealed record Refusal(string Rule, string Text);

/// <summary>
/// Looks at a plan before it is carried out, and counts what would be lost by somebody's wish. What probes take out is not: that is their
/// job, and the manifest's min-healthy limits it.
/// </summary>
public static class SafetyGate
{
    /// <summary>Every reason against the plan; none when it may go ahead.</summary>
    /// <param name="manifest">As it is without intents: what somebody took out of service is still wanted.</param>
    /// <param name="byHealth">Whom health alone decides about; null: nobody.</param>
    public static IReadOnlyList<Refusal> Check(
        Plan plan, DesiredTable manifest, IReadOnlyList<ObservedPool> observed, SafetyLimits limits, IReadOnlySet<(ServiceKey, RealServerKey)>? byHealth = null)
    {
        var refusals = new List<Refusal>();
        if (!plan.IsDestructive) return refusals;
        var named = manifest.Services.ToDictionary(s => s.Service.Key);
        var losses = plan.Steps.Where(s => s.TakesOutOfService).GroupBy(s => s.ServiceKey).ToDictionary(g => g.Key, g => g.ToList());
        var gains = plan.Steps.Where(BringsIntoService).GroupBy(s => s.ServiceKey).ToDictionary(g => g.Key, g => g.Count());
        foreach (var pool in observed)
        {
            var key = pool.Service.Service.Key;
            if (!losses.TryGetValue(key, out var all)) continue;
            var lost = all.FindAll(s => !IsExempt(s));
            if (lost.Count == 0) continue;
            var serving = pool.Servers.Count(s => s.Server.Weight > 0) - (all.Count - lost.Count);
            var left = serving - lost.Count + gains.GetValueOrDefault(key);
            var name = lost[0].Service;
            named.TryGetValue(key, out var wanted);
            if (left <= 0) refusals.Add(new("last-server", $"{name} would be left without a server: {Names(lost)} would go and nothing stays"));
            else if (left < serving && left < wanted?.MinHealthy)
                refusals.Add(new("min-healthy", $"{name} would be left with {left} serving {(left == 1 ? "server" : "servers")} ({Names(lost)} would go); its min-healthy is {wanted.MinHealthy}"));
            // A part of what should serve, not of what is left of it today; and of today's where the manifest wants fewer: 100% is all of them.
            var allowed = limits.Allowed(Math.Max(serving, wanted?.Servers.Count(s => s.Server.Weight > 0) ?? 0));
            if (serving - left > allowed)
                refusals.Add(new("max-unavailable", $"{name} would lose {serving - left} of its {serving} serving servers ({Names(lost)}); the limit is {limits.MaxUnavailable}, here {allowed}"));
        }

        var deletes = Deletes(plan, named) - plan.Steps.Count(s => s.Action == PlanAction.Remove && IsExempt(s));
        if (deletes > limits.MaxDeletes) refusals.Add(new("max-deletes", $"{deletes} entries would be removed; the limit is {limits.MaxDeletes}"));
        return refusals;

        // Nobody but probes uses their paths.
        bool IsExempt(PlanStep step) =>
            ProbePaths.IsPath(step.ServiceKey) || byHealth is not null && step.ServerKey is { } server && byHealth.Contains((step.ServiceKey, server));
    }

    // Counted once, when it begins: a drain counts, its end does not, and a service counts when the first of its servers drains.
    static int Deletes(Plan plan, Dictionary<ServiceKey, DesiredService> named)
    {
        var drains = plan.Steps.Where(s => s.Action == PlanAction.Drain).ToList();
        return plan.Steps.Count(s => s is { Action: PlanAction.Remove, EndsDrain: false })
            + drains.Count + drains.Select(s => s.ServiceKey).Distinct().Count(s => !named.ContainsKey(s));
    }

    static bool BringsIntoService(PlanStep step) => step.Change switch
    {
        TableChange.AddServer { Server.Weight: > 0 } => true,
        TableChange.SetServer { Server.Weight: > 0 } => step.Fields.Any(f => f is { Field: "weight", Before: "0" }),
        _ => false,
    };

    static string Names(List<PlanStep> steps) => steps.Count <= 5
        ? string.Join(", ", steps.Select(s => s.Server))
        : $"{string.Join(", ", steps.Take(4).Select(s => s.Server))} and {steps.Count - 4} more";
}
