using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Reconcile;

/// <summary>Looks at some services of the kernel's table and not at the rest.</summary>
static class PartialReading
{
    const int Few = 100;

    /// <summary>The services as the kernel has them now; without those that it has not.</summary>
    public static List<ObservedPool> ReadPart(this IpvsClient client, IEnumerable<ServiceKey> services) =>
        [.. services.Select(key => client.FindService(key) is { } service ? new ObservedPool(service, client.ListServers(key)) : null).OfType<ObservedPool>()];

    /// <summary>An earlier reading with some services as they are now.</summary>
    /// <returns>Null where a reading of all is as quick, or one of them came or went since.</returns>
    public static IReadOnlyList<ObservedPool>? Reread(this IpvsClient client, IReadOnlyList<ObservedPool> earlier, IReadOnlySet<ServiceKey> services)
    {
        if (services.Count == 0) return earlier;
        if (services.Count > Few) return null;
        var now = client.ReadPart(services).ToDictionary(p => p.Service.Service.Key);
        var before = earlier.Where(p => services.Contains(p.Service.Service.Key)).Select(p => p.Service.Service.Key).ToHashSet();
        return before.SetEquals(now.Keys) ? [.. earlier.Select(p => now.GetValueOrDefault(p.Service.Service.Key, p))] : null;
    }
}
