using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>How much an apply may take away before somebody has to say <c>--force</c>.</summary>
/// <param name="MaxUnavailable">By how many the servers of one service that get connections may become fewer.</param>
/// <param name="MaxDeletes">Entries, services and servers together, that may be removed.</param>
public sealed record SafetyLimits(Share MaxUnavailable, int MaxDeletes)
{
    public static SafetyLimits Default { get; } = new(Share.Percent(50), 20);

    /// <summary>The share of so many that may go: a part is rounded down, but one may go if any may.</summary>
    public int Allowed(int serving)
    {
        if (!MaxUnavailable.IsPercent) return MaxUnavailable.Value;
        return MaxUnavailable.Value == 0 || serving == 0 ? 0 : Math.Max(1, (int)((long)serving * MaxUnavailable.Value / 100));
    }
}

/// <summary>One reason why a plan is not carried out, for an operator to read.</summary>
/// <param name="Rule">The option that would have to be raised, or <c>last-server</c>.</param>
public sealed record Refusal(string Rule, string Text);

/// <summary>Looks at a plan before it is carried out. It knows nothing of why; it counts what would be lost.</summary>
public static class SafetyGate
{
    /// <summary>Every reason against the plan; none when it may go ahead.</summary>
    public static IReadOnlyList<Refusal> Check(Plan plan, IReadOnlyList<ObservedPool> observed, SafetyLimits limits)
    {
        var refusals = new List<Refusal>();
        var losses = plan.Steps.Where(s => s.TakesOutOfService).GroupBy(s => s.ServiceKey).ToDictionary(g => g.Key, g => g.ToList());
        var gains = plan.Steps.Where(BringsIntoService).GroupBy(s => s.ServiceKey).ToDictionary(g => g.Key, g => g.Count());
        foreach (var pool in observed)
        {
            var key = pool.Service.Service.Key;
            if (!losses.TryGetValue(key, out var lost)) continue;
            var serving = pool.Servers.Count(s => s.Server.Weight > 0);
            var left = serving - lost.Count + gains.GetValueOrDefault(key);
            var name = lost[0].Service;
            if (left <= 0) refusals.Add(new("last-server", $"{name} would be left without a server: {Names(lost)} would go and nothing stays"));
            var allowed = limits.Allowed(serving);
            if (serving - left > allowed)
                refusals.Add(new("max-unavailable", $"{name} would lose {serving - left} of its {serving} serving servers ({Names(lost)}); the limit is {limits.MaxUnavailable}, here {allowed}"));
        }

        var deletes = plan.Steps.Count(s => s.Action == PlanAction.Remove);
        if (deletes > limits.MaxDeletes) refusals.Add(new("max-deletes", $"{deletes} entries would be removed; the limit is {limits.MaxDeletes}"));
        return refusals;
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
