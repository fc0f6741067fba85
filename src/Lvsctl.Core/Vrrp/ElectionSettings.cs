using System.Net;
using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Vrrp;

/// <param name="Version">2 or 3.</param>
/// <param name="Source">Decides between routers of the same priority.</param>
/// <param name="Priority">1..255 at the start, before anything tracked is known.</param>
public sealed record ElectionSettings(int Version, WireAddress Source, byte Priority)
{
    public TimeSpan Interval { get; init; } = VrrpRouterSpec.DefaultInterval;

    public bool Preempt { get; init; } = true;

    public TimeSpan PreemptDelay { get; init; }

    public TimeSpan StartDelay { get; init; }

    public AnnounceSpec Announce { get; init; } = new();

    /// <summary>Addresses to be announced: those that are advertised, then the excluded ones.</summary>
    public int AddressCount { get; init; } = 1;

    public bool SyncsConnections { get; init; }

    /// <param name="priority">This host's: see <see cref="VrrpRouterSpec.Priorities"/>.</param>
    public static ElectionSettings Of(VrrpRouterSpec router, IPAddress source, byte priority) => new(router.Version, WireAddress.Of(source), priority)
    {
        Interval = router.Interval,
        Preempt = router.Preempt,
        PreemptDelay = router.PreemptDelay,
        StartDelay = router.StartDelay,
        Announce = router.Announce,
        AddressCount = router.Addresses.Count + router.Excluded.Count,
        SyncsConnections = router.SyncConnections is not null,
    };
}
