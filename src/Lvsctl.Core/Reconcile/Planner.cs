using Lvsctl.Core.Health;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>
/// Compares what is wanted with what the kernel holds, by key. Laws: Plan(x, x) is empty; carrying out Plan(a, b) on b gives a; what is
/// added comes before what is removed; an entry that is not ours is never touched.
/// </summary>
public static class Planner
{
    public static Plan Plan(DesiredTable desired, IReadOnlyList<ObservedPool> observed, Ownership ownership, DrainPolicy drain)
    {
        var table = observed.ToDictionary(p => p.Service.Service.Key);
        var steps = new Steps();
        var foreign = new List<ForeignEntry>();
        var draining = new List<DrainingServer>();

        foreach (var wanted in desired.Services)
        {
            if (table.Remove(wanted.Service.Key, out var pool)) PlanService(wanted, pool, ownership, drain, steps, foreign, draining);
            else AddService(wanted, steps);
        }
        // Left over is what the manifest does not name.
        foreach (var pool in table.Values.OrderBy(p => p.Service.Service.Key, KeyOrder.Instance))
        {
            if (ownership.Owns(pool.Service.Service.Key)) RemoveService(pool, ownership, drain, steps, foreign, draining);
            else foreign.Add(new ForeignEntry(pool.Service.Service.Key, null));
        }
        return new Plan(steps.InOrder(), foreign, draining, [.. desired.Services.Where(s => !ProbePaths.IsPath(s.Service.Key)).Select(Capacity)]);
    }

    static void AddService(DesiredService wanted, Steps steps)
    {
        steps.Add(wanted, new TableChange.AddService(wanted.Service), ServiceFields.Describe(wanted.Service));
        foreach (var server in wanted.Servers.Where(s => !s.IsOut)) steps.Add(wanted, server, new TableChange.AddServer(wanted.Service.Key, server.Server));
    }

    static void PlanService(DesiredService wanted, ObservedPool pool, Ownership ownership, DrainPolicy drain, Steps steps, List<ForeignEntry> foreign, List<DrainingServer> draining)
    {
        var now = pool.Service.Service;
        var key = now.Key;
        var differences = ServiceFields.Compare(now, wanted.Service);
        if (differences.Count > 0) steps.Change(wanted, new TableChange.SetService(wanted.Service), differences);

        var servers = pool.Servers.ToDictionary(s => s.Server.Key);
        foreach (var server in wanted.Servers)
        {
            if (!servers.Remove(server.Server.Key, out var there))
            {
                if (!server.IsOut) steps.Add(wanted, server, new TableChange.AddServer(key, server.Server));
            }
            else if (server.IsOut)
            {
                // Whoever wants a server out that the manifest names has decided about its connections already.
                steps.Remove(key, wanted.Name, there, server.Name, server.Because, endsDrain: there.Server.Weight == 0);
            }
            else
            {
                var fields = ServerFields.Compare(there.Server, server.Server);
                if (fields.Count > 0) steps.Change(wanted, server, there, fields);
            }
        }
        foreach (var there in servers.Values.OrderBy(s => s.Server.Key, KeyOrder.Instance))
        {
            if (ownership.Owns(key, there.Server.Key)) RemoveServer(key, wanted.Name, there, drain, steps, draining);
            else foreign.Add(new ForeignEntry(key, there.Server.Key));
        }
    }

    /// <summary>True when the server goes now; false when it waits for its connections.</summary>
    static bool RemoveServer(ServiceKey service, string serviceName, ObservedServer there, DrainPolicy drain, Steps steps, List<DrainingServer> draining)
    {
        if (!drain.MustWait(service, there))
        {
            steps.Remove(service, serviceName, there, there.Server.Key.ToString(), because: null, drain.Begun.Contains((service, there.Server.Key)));
            return true;
        }
        if (there.Server.Weight != 0) steps.Drain(service, serviceName, there);
        draining.Add(new DrainingServer(service, there.Server.Key, there.ActiveConnections, there.InactiveConnections, there.PersistentConnections));
        return false;
    }

    static void RemoveService(ObservedPool pool, Ownership ownership, DrainPolicy drain, Steps steps, List<ForeignEntry> foreign, List<DrainingServer> draining)
    {
        var key = pool.Service.Service.Key;
        var name = key.ToString();
        var staying = 0;
        foreach (var server in pool.Servers.OrderBy(s => s.Server.Key, KeyOrder.Instance))
        {
            if (!ownership.Owns(key, server.Server.Key))
            {
                foreign.Add(new ForeignEntry(key, server.Server.Key));
                staying++;
            }
            else if (!RemoveServer(key, name, server, drain, steps, draining))
            {
                staying++;
            }
        }
        if (staying == 0) steps.RemoveService(key, name, pool.Servers.Any(s => drain.Begun.Contains((key, s.Server.Key))));
    }

    static ServiceCapacity Capacity(DesiredService wanted) =>
        new(wanted.Name, wanted.Service.Key, wanted.Servers.Count(s => s is { IsOut: false, Server.Weight: > 0 }), wanted.MinHealthy);
}
