using Lvsctl.Core.Health;
using Lvsctl.Core.Model;

namespace Lvsctl.Director.Metrics;

/// <summary>The labels of a plan's services and servers. As long as a manifest is in force they are the same for every scrape.</summary>
sealed class TableLabels
{
    readonly LabelSet[] _services;
    readonly LabelSet[][] _servers;

    public TableLabels(ProbePlan plan)
    {
        Plan = plan;
        _services = new LabelSet[plan.Services.Count];
        _servers = new LabelSet[plan.Services.Count][];
        for (var s = 0; s < _services.Length; s++)
        {
            var (spec, key) = (plan.Services[s].Spec, plan.Services[s].Key);
            _services[s] = Of(spec.Name, key);
            _servers[s] = new LabelSet[spec.Servers.Count];
            for (var i = 0; i < spec.Servers.Count; i++) _servers[s][i] = _services[s].With("server", spec.Servers[i].Name, "address", spec.Servers[i].Address.ToString());
        }
    }

    public ProbePlan Plan { get; }

    public LabelSet this[int service] => _services[service];

    public LabelSet this[TargetUse server] => _servers[server.Service][server.Server];

    static LabelSet Of(string service, ServiceKey key) => key.IsFirewallMark
        ? LabelSet.Of("service", service, "fwmark", $"{key.FirewallMark}")
        : LabelSet.Of("service", service, "vip", key.Address.ToString(), "port", $"{key.Port}", "protocol", key.Protocol.ToString().ToLowerInvariant());
}
