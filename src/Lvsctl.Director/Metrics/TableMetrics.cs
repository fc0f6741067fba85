using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Director.Metrics;

/// <summary>How servers and pools stand: what one pass of <c>lvsctl check</c> and the daemon have in common.</summary>
/// <param name="planned">Null where the kernel's table could not be seen to.</param>
/// <param name="kernelWeight">Null: it is not in the table, or nobody knows.</param>
sealed class TableMetrics(
    TableLabels labels,
    Func<TargetUse, HealthState> stateOf,
    Func<int, ServiceStatus> statusOf,
    PlannedTable? planned,
    Func<ServiceKey, RealServerKey, int?> kernelWeight)
{
    static readonly LabelSet s_desired = LabelSet.Of("kind", "desired");
    static readonly LabelSet s_effective = LabelSet.Of("kind", "effective");
    static readonly LabelSet s_kernel = LabelSet.Of("kind", "kernel");

    readonly ProbePlan _plan = labels.Plan;

    /// <summary>Each step of it is a place where what was written so far may be sent.</summary>
    public IEnumerable<int> Write(MetricsText text)
    {
        text.Gauge("lvsctl_server_up", "1: its checks say it is healthy, 0: sick; no sample while nothing is known.");
        for (var s = 0; s < _plan.Services.Count; s++)
        {
            for (var i = 0; i < _plan.Services[s].Spec.Servers.Count; i++)
            {
                var state = stateOf(new(s, i));
                if (state != HealthState.Unknown) text.Sample(state == HealthState.Up ? 1 : 0, labels[new TargetUse(s, i)]);
            }
            yield return s;
        }

        text.Gauge("lvsctl_server_weight", "kind=desired: the manifest's; effective: with health and operators' wishes; kernel: in the table now, no sample where it is not in it.");
        var wanted = planned?.Desired.Services.ToDictionary(s => s.Service.Key) ?? [];
        for (var s = 0; s < _plan.Services.Count; s++)
        {
            Weights(text, s, wanted.GetValueOrDefault(_plan.Services[s].Key));
            yield return s;
        }

        var capacity = planned?.Plan.Capacity.ToDictionary(c => c.Key) ?? [];
        Pools(text, "lvsctl_pool_servers", "Servers in the manifest.", (_, s) => _plan.Services[s].Spec.Servers.Count);
        Pools(text, "lvsctl_pool_healthy", "Servers that are well and that no operator took out.", (status, _) => status.Healthy);
        Pools(text, "lvsctl_pool_serving", "Servers that get new connections.", (status, _) => status.Serving);
        yield return 0;
        if (planned is not null)
            Pools(text, "lvsctl_pool_can_lose", "How many more may go before the service falls below its minimum.", (status, _) => capacity.TryGetValue(status.Key, out var c) ? c.CanLose : 0);
        Pools(text, "lvsctl_pool_floor_active", "Sick servers that min-healthy keeps in.", (status, _) => status.KeptIn);
        Pools(text, "lvsctl_pool_quorum", "1: enough servers are healthy.", (status, _) => status.HasQuorum ? 1 : 0);
        Pools(text, "lvsctl_pool_fallback_active", "1: the fallback stands in.", (status, _) => status.FallbackStandsIn ? 1 : 0);
    }

    void Weights(MetricsText text, int service, DesiredService? desired)
    {
        var (spec, key) = (_plan.Services[service].Spec, _plan.Services[service].Key);
        for (var i = 0; i < spec.Servers.Count; i++)
        {
            var server = labels[new TargetUse(service, i)];
            text.Sample(spec.Servers[i].Weight, server, s_desired);
            if (desired is null) continue;
            if (!desired.Servers[i].IsOut) text.Sample(desired.Servers[i].Server.Weight, server, s_effective);
            if (kernelWeight(key, desired.Servers[i].Server.Key) is { } weight) text.Sample(weight, server, s_kernel);
        }
    }

    void Pools(MetricsText text, string name, string help, Func<ServiceStatus, int, double> value)
    {
        text.Gauge(name, help);
        for (var s = 0; s < _plan.Services.Count; s++) text.Sample(value(statusOf(s), s), labels[s]);
    }
}
