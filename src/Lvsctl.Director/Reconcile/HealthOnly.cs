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
        waits = planned.Plan.Steps.Any(s => !IsForHealth(s));
        return reconciler.Apply(wanted, options, state.Intents, IsForHealth, cancellation);

        bool IsForHealth(PlanStep step) =>
            step.ServerKey is { } server
            && (planned.ByHealth.Contains((step.ServiceKey, server)) || state.Ownership.Owns(step.ServiceKey, server) && BringsBack(step));
    }

    static bool BringsBack(PlanStep step) => step.Change is TableChange.AddServer || step is { Action: PlanAction.Change, Fields: [{ Field: "weight", Before: "0" }] };
}
