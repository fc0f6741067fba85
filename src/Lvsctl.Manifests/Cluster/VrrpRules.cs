using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>What must hold between the keys of a virtual router, and between the routers.</summary>
static class VrrpRules
{
    static readonly TimeSpan LongestInVersion3 = TimeSpan.FromMilliseconds(40_950);

    /// <summary>One for each director, where there are directors.</summary>
    public static ValueList<DirectorPriority> Priorities(IReadOnlyList<DirectorPriority> written, ReadContext context) =>
        written is [{ Director: "", Priority: var forAll }]
            ? context.Directors.Select(d => new DirectorPriority(d.Name, forAll)).ToValueList()
            : written.ToValueList();

    public static void Check(VrrpRouterSpec router, MapCursor map)
    {
        if (router.Addresses.Count == 0) return;
        var addresses = map.Get(VrrpFormat.Addresses)!;
        var family = router.Addresses[0].Address.Family();
        foreach (var address in addresses)
        {
            if (address.Value.Address.Family() == family) continue;
            map.Complain(Code.VrrpFamilies, address.Place,
                $"{address.Value.Address} is {address.Value.Address.Family()}, and the first address is {family}");
        }
        if (family == IpFamily.IPv6 && !router.Addresses[0].Address.IsIPv6LinkLocal)
        {
            map.Complain(Code.NotLinkLocal, addresses[0].Place,
                $"{router.Addresses[0].Address} comes first and is not link-local (fe80::/10)");
        }
        CheckVersion(router, family, map);
        if (router.Unicast is null && map.HasItself(VrrpFormat.MinTtl))
        {
            map.Complain(Code.NoEffect, map.KeyPlace(VrrpFormat.MinTtl), "'min-ttl' has no effect on multicast, which always needs 255");
        }
        if (!map.Has(VrrpFormat.Priority) || map.Find(VrrpFormat.Priority) is ScalarNode) WarnOfEqualPriorities(router, map);
        CheckPeers(router, family, map);
        if (router is { Preempt: false } && router.Priorities.Any(p => p.Priority == 255))
        {
            map.Complain(Code.NoEffect, map.KeyPlace(VrrpFormat.Preempt), "the owner of the addresses (priority 255) always preempts");
        }
    }

    static void CheckVersion(VrrpRouterSpec router, IpFamily family, MapCursor map)
    {
        if (router.Version == 2)
        {
            if (family == IpFamily.IPv6) map.Complain(Code.VrrpVersion, map.KeyPlace(VrrpFormat.Addresses), "version 2 knows IPv4 only");
            if (router.Interval.Ticks % TimeSpan.TicksPerSecond != 0)
            {
                map.Complain(Code.VrrpVersion, map.KeyPlace(VrrpFormat.Interval), "version 2 knows whole seconds only");
            }
            if (map.Has(VrrpFormat.Checksum))
            {
                map.Complain(Code.VrrpVersion, map.KeyPlace(VrrpFormat.Checksum), "version 2 has only one kind of checksum");
            }
            return;
        }
        if (router.Interval > LongestInVersion3)
        {
            map.Complain(Code.VrrpVersion, map.KeyPlace(VrrpFormat.Interval), "version 3 has at most 40.95s between adverts");
        }
        if (map.Has(VrrpFormat.Authentication))
        {
            map.Complain(Code.VrrpVersion, map.KeyPlace(VrrpFormat.Authentication), "version 3 has no authentication");
        }
        if (family == IpFamily.IPv6 && map.Has(VrrpFormat.Checksum))
        {
            map.Complain(Code.VrrpVersion, map.KeyPlace(VrrpFormat.Checksum), "IPv6 has only one kind of checksum");
        }
    }

    static void WarnOfEqualPriorities(VrrpRouterSpec router, MapCursor map)
    {
        if (router.Priorities.Count < 2) return;
        map.Complain(Code.SamePriority, map.KeyPlace(VrrpFormat.Priority),
            $"all {router.Priorities.Count} directors have priority {router.Priority}: which of them is master is left to chance");
    }

    static void CheckPeers(VrrpRouterSpec router, IpFamily family, MapCursor map)
    {
        if (router.Unicast is not { } unicast) return;
        var place = map.ValuePlace(VrrpFormat.Peers);
        if (unicast.Peers.Count > 0)
        {
            foreach (var peer in unicast.Peers)
            {
                if (peer.Family() != family) map.Complain(Code.NoPeers, place, $"{peer} is {peer.Family()}, and the router is {family}");
            }
            return;
        }
        var usable = map.Context.Directors.Count(d => d.Address.Family() == family && router.Priorities.Any(p => p.Director == d.Name));
        if (usable < 2)
        {
            map.Complain(Code.NoPeers, place,
                $"unicast goes to the other directors, and fewer than two directors of this router have an {family} address; add them, or list the peers");
        }
    }

    /// <summary>Between all routers of the manifest.</summary>
    public static void CheckAll(IReadOnlyList<(VrrpRouterSpec Router, Entry Entry)> routers, ReadContext context)
    {
        var ids = new Dictionary<(string, byte, IpFamily), (string Router, Place Place)>();
        var holders = new Dictionary<IPAddress, string>();
        var groups = routers.Where(r => r.Router.SyncGroup is not null).GroupBy(r => r.Router.SyncGroup);
        foreach (var (router, entry) in routers)
        {
            foreach (var address in router.Addresses.AsEnumerable().Concat(router.Excluded))
            {
                if (holders.TryAdd(address.Address, router.Name)) continue;
                var other = holders[address.Address];
                context.Complain(Code.AddressTaken, entry.Place, other == router.Name
                    ? $"virtual router '{router.Name}' has {address.Address} twice"
                    : $"virtual router '{router.Name}' has {address.Address}, and so has '{other}'");
            }
            if (router.Addresses.Count == 0 || router.Interface.Length == 0 || router.Id == 0) continue;
            var id = (router.Interface, router.Id, router.Addresses[0].Address.Family());
            if (ids.TryAdd(id, (router.Name, entry.Place))) continue;
            context.Complain(Code.RouterIdTaken, entry.Place,
                $"virtual router '{router.Name}' has id {router.Id} on {router.Interface}, and so has '{ids[id].Router}', {context.Report.Describe(ids[id].Place, entry.Place)}");
        }
        foreach (var group in groups.Where(g => g.Count() == 1))
        {
            context.Complain(Code.AloneInGroup, group.First().Entry.Place,
                $"virtual router '{group.First().Router.Name}' is alone in sync group '{group.Key}'");
        }
    }
}
