using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Reconcile;

/// <summary>
/// What health wants of some services, carried out by a look at just these: of ten thousand servers the whole table takes its time to read,
/// and a dead one should not wait for that. All else that is wanted of them is left to the next whole pass.
/// </summary>
sealed class HealthPass(IpvsClient client, StateStore store, TimeProvider clock, HealthOverlay health)
{
    /// <param name="services">Of the manifest.</param>
    /// <returns>Null where only a whole pass will do: the kernel has not all of the services, or something of them is not known to be lvsctl's. The caller holds the store's lock.</returns>
    public ApplyResult? Apply(IReadOnlyList<DesiredService> services)
    {
        var part = new DesiredTable(services);
        var result = Once(part);
        // One that lost its weight and has no connections goes for good.
        return result?.Report is { Failed.Count: 0 } report && report.Done.Any(s => s.TakesOutOfService && s.Action != PlanAction.Remove) && Once(part) is { } next ? result.Then(next) : result;
    }

    ApplyResult? Once(DesiredTable part)
    {
        var state = store.ReadOrLast();
        var observed = client.ReadPart(part.Services.Select(s => s.Service.Key));
        if (observed.Count < part.Services.Count) return null;
        var wished = Overlay.Lay(state.Intents, part, observed, clock.GetUtcNow());
        var desired = health(wished, observed);
        var planned = new PlannedTable(Planner.Plan(desired, observed, state.Ownership, DrainPolicy.UntilEmpty), desired, observed) { ByHealth = Reconciler.ByHealth(wished, desired) };
        var steps = planned.Plan.Steps.Where(s => HealthOnly.IsForHealth(s, planned.ByHealth, state.Ownership)).ToList();
        // What is added has to be known as ours before it is there.
        if (steps.Exists(s => !state.Ownership.Owns(s.ServiceKey, s.ServerKey!.Value))) return null;
        planned = planned with { Plan = planned.Plan with { Steps = steps } };
        return new ApplyResult(planned, [], steps.Count == 0 ? new ApplyReport([], []) : Applier.Apply(client, planned.Plan, CancellationToken.None));
    }
}
