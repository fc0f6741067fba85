using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Ipvs;

public sealed partial class IpvsClient
{
    const int ReadsUntilUnsettled = 6;

    /// <summary>
    /// The whole table, read until two passes in a row agree on everything but counters. The kernel's dumps of a table that changes have
    /// silent gaps and repetitions and are never marked as interrupted, so one pass alone is nothing to delete by.
    /// </summary>
    /// <param name="firstPass">A pass that was made just now, if there is one.</param>
    /// <exception cref="IpvsException">Unsettled: the table kept changing.</exception>
    public IReadOnlyList<ObservedPool> ReadTable(IReadOnlyList<ObservedPool>? firstPass = null)
    {
        var before = firstPass ?? ReadTableOnce();
        for (var reads = 1; reads < ReadsUntilUnsettled; reads++)
        {
            var now = ReadTableOnce();
            if (SameConfiguration(before, now)) return now;
            before = now;
        }
        throw new IpvsException("read the table", null, IpvsErrorReason.Unsettled, new(Errno.EAGAIN), IpvsAdvice.For(IpvsErrorReason.Unsettled, null));
    }

    /// <summary>One pass: good enough to show to people.</summary>
    public IReadOnlyList<ObservedPool> ReadTableOnce() => [.. ListServices().Select(s => new ObservedPool(s, ListServers(s.Service.Key)))];

    // The order may differ: newer kernels rehash the table as it grows.
    static bool SameConfiguration(IReadOnlyList<ObservedPool> a, IReadOnlyList<ObservedPool> b)
    {
        if (a.Count != b.Count) return false;
        var pools = a.ToDictionary(p => p.Service.Service.Key);
        return b.All(now => pools.TryGetValue(now.Service.Service.Key, out var before)
            && before.Service.Service == now.Service.Service
            && SameServers(before.Servers, now.Servers));
    }

    static bool SameServers(IReadOnlyList<ObservedServer> a, IReadOnlyList<ObservedServer> b)
    {
        if (a.Count != b.Count) return false;
        var servers = a.ToDictionary(s => s.Server.Key, s => s.Server);
        return b.All(now => servers.TryGetValue(now.Server.Key, out var before) && before == now.Server);
    }
}
