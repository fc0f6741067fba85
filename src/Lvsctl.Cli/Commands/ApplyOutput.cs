using System.CommandLine;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>Tells what became of an apply, and which exit code that is.</summary>
sealed class ApplyOutput(InvocationConfiguration streams, bool colour, bool json)
{
    public ExitCode Write(ApplyResult result, IReadOnlyList<SettingChange> settings)
    {
        if (json) streams.Output.WriteLine(PlanJson.Text(result.Planned.Plan, settings, result.Refusals, result.Report));
        else new PlanText(streams.Output, colour).Write(result.Planned.Plan, settings, result.Report is null ? [] : result.Refusals);

        if (result.Report is not { } report)
        {
            foreach (var refusal in result.Refusals) streams.Error.WriteLine($"lvsctl: refused ({refusal.Rule}): {refusal.Text}");
            streams.Error.WriteLine("lvsctl: nothing was changed; raise the limit, or say --force");
            return ExitCode.RefusedByGate;
        }

        foreach (var failed in report.Failed) streams.Error.WriteLine($"lvsctl: {Where(failed.Step)}: {failed.Error?.Message ?? "not done, because what had to come before it failed"}");
        if (report.Failed.Count > 0) streams.Error.WriteLine($"lvsctl: {report.Done.Count} done, {report.Failed.Count} not; 'lvsctl apply' goes on from here");
        else if (!json && report.Done.Count > 0) streams.Output.WriteLine($"Done: {report.Done.Count} {(report.Done.Count == 1 ? "change" : "changes")}.");
        return report.Failed.Count == 0 ? ExitCode.Done : report.Done.Count == 0 ? ExitCode.Failed : ExitCode.AppliedInPart;
    }

    static string Where(PlanStep step) => step.Server is null ? step.Service : $"{step.Service}/{step.Server}";
}
