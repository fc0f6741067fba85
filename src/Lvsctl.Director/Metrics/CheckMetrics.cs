using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Checking;

namespace Lvsctl.Director.Metrics;

/// <summary>The metrics of one check, for node_exporter's textfile collector.</summary>
public static class CheckMetrics
{
    /// <param name="duration">Of the whole pass.</param>
    public static MetricsText Of(CheckResult result, DateTimeOffset now, TimeSpan duration)
    {
        var text = new MetricsText();
        var plan = result.Monitor.Plan;
        var planned = result.Applied.Planned;
        var wanted = planned.Desired.Services.ToDictionary(s => s.Service.Key);
        var weights = KernelWeights(planned.Observed, result.Applied.Report ?? result.Meanwhile);
        var capacity = planned.Plan.Capacity.ToDictionary(c => c.Key);

        text.Gauge("lvsctl_server_up", "1: its checks say it is healthy, 0: sick; no sample while nothing is known.");
        Servers((labels, use, _, _) =>
        {
            var state = result.Monitor.StateOf(use);
            if (state != HealthState.Unknown) text.Sample(state == HealthState.Up ? 1 : 0, labels);
        });
        text.Gauge("lvsctl_server_weight", "kind=desired: the manifest's; effective: with health and operators' wishes; kernel: in the table now, no sample where it is not in it.");
        Servers((labels, use, service, server) =>
        {
            var spec = plan.Services[use.Service].Spec.Servers[use.Server];
            text.Sample(spec.Weight, [.. labels, "kind", "desired"]);
            if (server is { IsOut: false }) text.Sample(server.Server.Weight, [.. labels, "kind", "effective"]);
            if (server is not null && weights.TryGetValue((service, server.Server.Key), out var weight)) text.Sample(weight, [.. labels, "kind", "kernel"]);
        });

        Pools("lvsctl_pool_servers", "Servers in the manifest.", (s, i) => plan.Services[i].Spec.Servers.Count);
        Pools("lvsctl_pool_healthy", "Servers that are well and that no operator took out.", (s, _) => s.Healthy);
        Pools("lvsctl_pool_serving", "Servers that get new connections.", (s, _) => s.Serving);
        Pools("lvsctl_pool_can_lose", "How many more may go before the service falls below its minimum.", (s, _) => capacity.TryGetValue(s.Key, out var c) ? c.CanLose : 0);
        Pools("lvsctl_pool_floor_active", "Sick servers that min-healthy keeps in.", (s, _) => s.KeptIn);
        Pools("lvsctl_pool_quorum", "1: enough servers are healthy.", (s, _) => s.HasQuorum ? 1 : 0);
        Pools("lvsctl_pool_fallback_active", "1: the fallback stands in.", (s, _) => s.FallbackStandsIn ? 1 : 0);

        Probes("lvsctl_probe_success", "1: the last probe had a good answer.", o => o.Verdict == ProbeVerdict.Unmade ? null : o.Verdict == ProbeVerdict.Up ? 1 : 0);
        Probes("lvsctl_probe_duration_seconds", "What the last probe took to its verdict.", o => o.Verdict == ProbeVerdict.Unmade ? null : o.Took.TotalSeconds);
        Probes("lvsctl_probe_unmade", "1: the director itself could not make the last probe.", o => o.Verdict == ProbeVerdict.Unmade ? 1 : 0);

        var report = result.Applied.Report;
        Single("lvsctl_plan_pending", "Changes that are wanted and were not made.", report is null ? planned.Plan.Steps.Count - (result.Meanwhile?.Done.Count ?? 0) : report.Failed.Count + report.NotTried.Count);
        Single("lvsctl_plan_refused", "1: the safety gate refused the plan.", report is null ? 1 : 0);
        Single("lvsctl_foreign_entries", "Entries of the kernel's table that are not lvsctl's.", planned.Plan.Foreign.Count);
        Single("lvsctl_last_run_timestamp_seconds", "When this pass ended.", now.ToUnixTimeMilliseconds() / 1000.0);
        Single("lvsctl_last_run_duration_seconds", "What it took.", duration.TotalSeconds);
        if (result.LastSuccess is { } last) Single("lvsctl_last_successful_apply_timestamp_seconds", "When the kernel's table was last known to be as wanted.", last.ToUnixTimeMilliseconds() / 1000.0);
        return text;

        void Servers(Action<string[], TargetUse, ServiceKey, DesiredServer?> each)
        {
            for (var s = 0; s < plan.Services.Count; s++)
            {
                var (spec, key) = (plan.Services[s].Spec, plan.Services[s].Key);
                var servers = wanted.GetValueOrDefault(key)?.Servers;
                for (var i = 0; i < spec.Servers.Count; i++)
                    each([.. LabelsOf(spec.Name, key), "server", spec.Servers[i].Name, "address", spec.Servers[i].Address.ToString()], new(s, i), key, servers?[i]);
            }
        }

        void Pools(string name, string help, Func<ServiceStatus, int, double> value)
        {
            text.Gauge(name, help);
            for (var s = 0; s < plan.Services.Count; s++) text.Sample(value(result.Monitor.StatusOf(s), s), LabelsOf(plan.Services[s].Spec.Name, plan.Services[s].Key));
        }

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

    static string[] LabelsOf(string service, ServiceKey key) => key.IsFirewallMark
        ? ["service", service, "fwmark", $"{key.FirewallMark}"]
        : ["service", service, "vip", key.Address.ToString(), "port", $"{key.Port}", "protocol", key.Protocol.ToString().ToLowerInvariant()];

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
