using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Reconcile;

/// <summary>
/// What is carried out while people's wishes have to wait, for the safety gate or for a confirmation: a server that dies does not wait, nor
/// does one that comes back, nor a fallback.
/// </summary>
static class HealthOnly
{
    /// <param name="planned">What all would be like.</param>
    /// <param name="waits">Something else is wanted and was left alone.</param>
    public static ApplyResult Apply(
        Reconciler reconciler, StateStore store, DesiredTable wanted, PlannedTable planned, ApplyOptions options, CancellationToken cancellation, out bool waits)
    {
        var state = store.Read();
        waits = planned.Plan.Steps.Any(s => !Concerns(s));
        return reconciler.Apply(wanted, options, state.Intents, Concerns, cancellation);

        bool Concerns(PlanStep step) => IsForHealth(step, planned.ByHealth, state.Ownership);
    }

    public static bool IsForHealth(PlanStep step, IReadOnlySet<(ServiceKey, RealServerKey)> byHealth, Ownership ownership) =>
        // A service of ours that somebody took away.
        step.Change is TableChange.AddService && ownership.Owns(step.ServiceKey)
        || step.ServerKey is { } server && (byHealth.Contains((step.ServiceKey, server)) || ownership.Owns(step.ServiceKey, server) && (BringsBack(step) || IsOwnWord(step)));

    static bool BringsBack(PlanStep step) => step.Change is TableChange.AddServer || step is { Action: PlanAction.Change, Fields: [{ Field: "weight", Before: "0" }] };

    // A weight that a server said itself, or a slow start.
    static bool IsOwnWord(PlanStep step) => step is { Action: PlanAction.Change, Because: not null, Fields: [{ Field: "weight" }] };
}
