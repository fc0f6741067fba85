using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Testing;

/// <summary>The laws of planning, tried on whatever kernel the client speaks to. Each returns null, or what was broken.</summary>
public static class TableLaws
{
    /// <summary>
    /// From the table that is <paramref name="from"/> to <paramref name="to"/>, one message at a time: on the way no service has fewer
    /// servers than at both ends, at the end the table is as wanted, and a second plan is empty.
    /// </summary>
    public static string? Converges(IpvsClient client, DesiredTable from, DesiredTable to)
    {
        client.Apply([new TableChange.Flush()]);
        if (Carry(client, from) is { } first) return $"building the first table: {first}";
        var broken = CarryStepByStep(client, to);
        if (broken is not null) return broken;
        var left = Plan(client, to);
        return left.IsEmpty ? null : $"not as wanted at the end: {string.Join("; ", left.Steps.Select(s => s.Change))}";
    }

    static string? Carry(IpvsClient client, DesiredTable to)
    {
        var failures = client.Apply([.. Plan(client, to).Steps.Select(s => s.Change)]);
        return failures.Count == 0 ? null : failures[0].Error.Message;
    }

    static string? CarryStepByStep(IpvsClient client, DesiredTable to)
    {
        var before = Counts(client);
        var after = to.Services.ToDictionary(s => s.Service.Key, s => s.Servers.Count);
        foreach (var step in Plan(client, to).Steps)
        {
            if (client.Apply([step.Change]) is [var failure, ..]) return failure.Error.Message;
            foreach (var (key, count) in Counts(client))
            {
                var least = Math.Min(before.GetValueOrDefault(key), after.GetValueOrDefault(key));
                if (count < least) return $"{key} had {count} servers after {step.Change}, fewer than the {before.GetValueOrDefault(key)} before and {after.GetValueOrDefault(key)} after";
            }
        }
        return null;
    }

    static Plan Plan(IpvsClient client, DesiredTable to)
    {
        var observed = client.ReadTable();
        return Planner.Plan(to, observed, Ownership.Everything(observed), DrainPolicy.AtOnce);
    }

    static Dictionary<ServiceKey, int> Counts(IpvsClient client) => client.ReadTableOnce().ToDictionary(p => p.Service.Service.Key, p => p.Servers.Count);
}
