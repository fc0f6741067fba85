using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Checking;

namespace Lvsctl.Director.Metrics;

/// <summary>The metrics of one check, for node_exporter's textfile collector.</summary>
public static class CheckMetrics
{
    /// <param name="duration">Of the whole pass.</param>
    public static MetricsFile Of(CheckResult result, DateTimeOffset now, TimeSpan duration)
    {
        var file = new MetricsFile();
        var text = file.Text;
        var plan = result.Monitor.Plan;
        var planned = result.Applied.Planned;
        var weights = KernelWeights(planned.Observed, result.Applied.Report ?? result.Meanwhile);
        var table = new TableMetrics(new(plan), result.Monitor.StateOf, result.Monitor.StatusOf, planned, (service, server) => weights.TryGetValue((service, server), out var weight) ? weight : null);
        foreach (var _ in table.Write(text))
        {
            // A file is written when all of it is there.
        }

        Probes("lvsctl_probe_success", "1: the last probe had a good answer.", o => o.Verdict == ProbeVerdict.Unmade ? null : o.Verdict == ProbeVerdict.Up ? 1 : 0);
        Probes("lvsctl_probe_last_duration_seconds", "What the last probe took to its verdict.", o => o.Verdict == ProbeVerdict.Unmade ? null : o.Took.TotalSeconds);
        Probes("lvsctl_probe_unmade", "1: the director itself could not make the last probe.", o => o.Verdict == ProbeVerdict.Unmade ? 1 : 0);

        var report = result.Applied.Report;
        Single("lvsctl_plan_pending", "Changes that are wanted and were not made.", report is null ? planned.Plan.Steps.Count - (result.Meanwhile?.Done.Count ?? 0) : report.Failed.Count + report.NotTried.Count);
        Single("lvsctl_plan_refused", "1: the safety gate refused the plan.", report is null ? 1 : 0);
        Single("lvsctl_foreign_entries", "Entries of the kernel's table that are not lvsctl's.", planned.Plan.Foreign.Count);
        Single("lvsctl_last_run_timestamp_seconds", "When this pass ended.", now.ToUnixTimeMilliseconds() / 1000.0);
        Single("lvsctl_last_run_duration_seconds", "What it took.", duration.TotalSeconds);
        if (result.LastSuccess is { } last) Single("lvsctl_last_successful_apply_timestamp_seconds", "When the kernel's table was last known to be as wanted.", last.ToUnixTimeMilliseconds() / 1000.0);
        return file;

        void Probes(string name, string help, Func<ProbeOutcome, double?> value)
        {
            text.Gauge(name, help);
            for (var i = 0; i < result.Probed.Count; i++)
            {
                if (result.Probed[i] is not { } outcome || value(outcome) is not { } number) continue;
                var target = plan.Targets[i];
                text.Sample(number, "check", target.Check.Name, "kind", target.Check.Probe.Kind, "address", target.Address.ToString(), "port", $"{target.Port}", "through", target.Path?.Server.Key.Address.ToString() ?? "");
            }
        }

        void Single(string name, string help, double value) => text.Gauge(name, help).Sample(value);
    }

    // What was there, and what was done since.
    static Dictionary<(ServiceKey, RealServerKey), int> KernelWeights(IReadOnlyList<ObservedPool> observed, Reconcile.ApplyReport? report)
    {
        var weights = new Dictionary<(ServiceKey, RealServerKey), int>();
        foreach (var pool in observed)
        {
            foreach (var server in pool.Servers) weights[(pool.Service.Service.Key, server.Server.Key)] = server.Server.Weight;
        }
        foreach (var step in report?.Done ?? [])
        {
            if (step.Change is TableChange.AddServer { Server: var added }) weights[(step.ServiceKey, added.Key)] = added.Weight;
            if (step.Change is TableChange.SetServer { Server: var set }) weights[(step.ServiceKey, set.Key)] = set.Weight;
            if (step.Change is TableChange.RemoveServer && step.ServerKey is { } gone) weights.Remove((step.ServiceKey, gone));
        }
        return weights;
    }
}
