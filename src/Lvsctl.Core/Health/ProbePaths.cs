using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Health;

/// <summary>
/// The ways of probes that go through a virtual address: for each server a private service by firewall mark that holds just this server, so
/// that a probe with that mark is forwarded exactly as a client's packet would be. They are part of the wanted table.
/// </summary>
public static class ProbePaths
{
    /// <summary>Marks from 0x4C000000 to 0x4CFFFFFF are lvsctl's.</summary>
    const uint First = 0x4C00_0000;

    const uint Count = 0x0100_0000;

    const string Prefix = "probe:";

    public static bool IsPath(ServiceKey service) => service.IsFirewallMark && service.FirewallMark - First < Count;

    public static bool Any(ClusterSpec cluster) => cluster.Services.Any(s => Has(s.Check) || s.Servers.Any(r => Has(r.Check)) || Has(s.Fallback?.Check));

    /// <summary>
    /// The mark of each path: by a hash of what it is, so that another manifest leaves the marks of unchanged paths alone, and the next free
    /// one where two meet.
    /// </summary>
    public static IReadOnlyDictionary<ForwardingPath, uint> Marks(ProbePlan plan)
    {
        var marks = new Dictionary<ForwardingPath, uint>();
        var taken = plan.Services.Where(s => s.Key.IsFirewallMark).Select(s => s.Key.FirewallMark).ToHashSet();
        foreach (var path in plan.Targets.Select(t => t.Path).OfType<ForwardingPath>())
        {
            if (marks.ContainsKey(path)) continue;
            var mark = First + (uint)(StableHash.Empty.With(path.Service.ToString()).With(path.Server.Key.ToString()).Mixed() % Count);
            while (!taken.Add(mark)) mark = First + (mark - First + 1) % Count;
            marks.Add(path, mark);
        }
        return marks;
    }

    /// <summary>Of those paths that the kernel's table has: without its private service a probe would end at the director itself, which says nothing of the server.</summary>
    public static IReadOnlyDictionary<ForwardingPath, uint> Marks(ProbePlan plan, IReadOnlyList<ObservedPool> observed)
    {
        var marked = observed.Select(p => p.Service.Service.Key).Where(IsPath).Select(k => k.FirewallMark).ToHashSet();
        return Marks(plan).Where(m => marked.Contains(m.Value)).ToDictionary();
    }

    /// <summary>After the services of the manifest, in the order of the targets.</summary>
    public static IEnumerable<DesiredService> Services(ProbePlan plan)
    {
        var names = new Dictionary<ForwardingPath, (string Service, string Server)>();
        for (var i = 0; i < plan.Targets.Count; i++)
        {
            if (plan.Targets[i].Path is not { } path) continue;
            var use = plan.UsesOf(i)[0];
            names.TryAdd(path, (plan.Services[use.Service].Spec.Name, plan.NameOf(use)));
        }
        foreach (var (path, mark) in Marks(plan))
        {
            var (service, server) = names[path];
            // A weight keeps nothing from a service with one server; port 0 there is the port that the client, here the probe, asked for.
            yield return new DesiredService(Prefix + service, new VirtualService(ServiceKey.Marked(mark, path.Service.Family)) { Scheduler = "rr" }, [new DesiredServer(server, path.Server)])
            {
                MinHealthy = 0,
            };
        }
    }

    static bool Has(CheckSpec? check) => check is not null && (check.ThroughVip || check.Probe switch
    {
        ProbeSpec.All all => all.Members.Any(Has),
        ProbeSpec.Any any => any.Members.Any(Has),
        _ => false,
    });
}
