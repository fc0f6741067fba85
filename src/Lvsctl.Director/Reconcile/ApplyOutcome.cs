using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Control;

namespace Lvsctl.Director.Reconcile;

/// <summary>What scripts and people are told of an apply.</summary>
public static class ApplyOutcome
{
    public static ExitCode Outcome(this ApplyReport report) => Code(report.Done.Count, report.Failed.Count, report.NotTried.Count);

    public static ExitCode Code(int done, int failed, int notTried) =>
        notTried > 0 ? ExitCode.AppliedInPart : failed == 0 ? ExitCode.Done : done == 0 ? ExitCode.Failed : ExitCode.AppliedInPart;

    /// <summary><c>web</c> or <c>web/rs1</c>.</summary>
    public static string Where(this PlanStep step) => step.Server is null ? step.Service : $"{step.Service}/{step.Server}";
}
