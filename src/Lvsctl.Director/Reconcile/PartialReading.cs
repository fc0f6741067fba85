using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Reconcile;

/// <summary>Looks at some services of the kernel's table and not at the rest.</summary>
static class PartialReading
{
    /// <summary>The services as the kernel has them now; without those that it has not.</summary>
    public static List<ObservedPool> ReadPart(this IpvsClient client, IEnumerable<ServiceKey> services) =>
        [.. services.Select(key => client.FindService(key) is { } service ? new ObservedPool(service, client.ListServers(key)) : null).OfType<ObservedPool>()];

    /// <summary>An earlier reading with some services as they are now.</summary>
    /// <returns>Null where they are more than so many, or one of them came or went since.</returns>
    public static IReadOnlyList<ObservedPool>? Reread(this IpvsClient client, IReadOnlyList<ObservedPool> earlier, IReadOnlySet<ServiceKey> services, int atMost)
    {
        if (services.Count == 0) return earlier;
        if (services.Count > atMost) return null;
        var now = client.ReadPart(services).ToDictionary(p => p.Service.Service.Key);
        return now.Count == services.Count && earlier.Count(p => services.Contains(p.Service.Service.Key)) == services.Count
            ? [.. earlier.Select(p => now.GetValueOrDefault(p.Service.Service.Key, p))]
            : null;
    }
}
