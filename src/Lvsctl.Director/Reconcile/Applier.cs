using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Reconcile;

/// <param name="Step">What was to be done.</param>
/// <param name="Error">What the kernel said, or null where it was not asked: what had to come before failed.</param>
public sealed record FailedStep(PlanStep Step, IpvsException? Error)
{
    public string Why => Error?.Message ?? "not tried, because what had to come before it failed";
}

/// <summary>What became of a plan.</summary>
public sealed record ApplyReport(IReadOnlyList<PlanStep> Done, IReadOnlyList<FailedStep> Failed)
{
    /// <summary>What its turn did not come for, because the apply was told to stop.</summary>
    public IReadOnlyList<PlanStep> NotTried { get; init; } = [];
}

/// <summary>Carries out a plan. Nothing else in the director writes IPVS.</summary>
public static class Applier
{
    // Some tens of milliseconds: whoever says stop is heard soon, and of each change it is known whether it was made.
    const int Batch = 2000;

    public static ApplyReport Apply(IpvsClient client, Plan plan, CancellationToken cancellation)
    {
        var done = new List<PlanStep>();
        var failed = new List<FailedStep>();
        var notTried = new List<PlanStep>();

        Carry(plan.Steps.Where(s => s.Action is PlanAction.Add or PlanAction.Change && !s.TakesOutOfService));
        // A service whose new servers did not come keeps its old ones.
        var poorer = failed.Select(f => f.Step.ServiceKey).ToHashSet();
        var takingAway = plan.Steps.Where(s => s.Action is PlanAction.Drain or PlanAction.Remove || s.TakesOutOfService).ToList();
        failed.AddRange(takingAway.Where(s => poorer.Contains(s.ServiceKey)).Select(s => new FailedStep(s, null)));
        Carry(takingAway.Where(s => !poorer.Contains(s.ServiceKey)));
        return new ApplyReport(done, failed) { NotTried = notTried };

        void Carry(IEnumerable<PlanStep> some)
        {
            foreach (var steps in some.Chunk(Batch))
            {
                if (cancellation.IsCancellationRequested) notTried.AddRange(steps);
                else CarryBatch(steps);
            }
        }

        void CarryBatch(PlanStep[] steps)
        {
            var failures = client.Apply([.. steps.Select(s => s.Change)], CancellationToken.None).Where(f => !IsAsWanted(f)).ToDictionary(f => f.Index, f => f.Error);
            for (var i = 0; i < steps.Length; i++)
            {
                if (failures.TryGetValue(i, out var error)) failed.Add(new FailedStep(steps[i], error));
                else done.Add(steps[i]);
            }
        }
    }

    // Somebody else was quicker: what should go is gone.
    static bool IsAsWanted(ChangeFailure failure) => (failure.Change, failure.Error.Reason) switch
    {
        (TableChange.RemoveService, IpvsErrorReason.ServiceMissing) => true,
        (TableChange.RemoveServer, IpvsErrorReason.ServiceMissing or IpvsErrorReason.ServerMissing) => true,
        _ => false,
    };
}
