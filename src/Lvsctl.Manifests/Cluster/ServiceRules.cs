using System.Numerics;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests.Cluster;

/// <summary>What must hold between the keys of a service: above all what the kernel accepts without a word and then does not do.</summary>
static class ServiceRules
{
    // CONFIG_IP_VS_MH_TAB_INDEX 12, CONFIG_IP_VS_SH_TAB_BITS 8, CONFIG_IP_VS_DH_TAB_BITS 8: the defaults of the kernel's build.
    const int MhSlots = 4093;
    const int HashSlots = 256;

    /// <summary>The service, with its netmask in the form of the model.</summary>
    public static ServiceSpec Check(ServiceSpec service, MapCursor map)
    {
        foreach (var listen in service.Listen)
        {
            if (listen is { IsFirewallMark: false, Port: 0 } && service.Persistence is null)
            {
                map.Complain(Code.PortZero, map.ValuePlace(ServiceFormat.Listen), $"'{listen}' is every port, which needs persistence");
            }
            if (service.OnePacket && !listen.IsFirewallMark && listen.Protocol != TransportProtocol.Udp)
            {
                map.Complain(Code.OnePacketProtocol, map.KeyPlace(ServicePolicy.OnePacket),
                    $"'{listen}' is not UDP, so its packets cannot be scheduled one by one");
            }
            if (service.Persistence?.Engine is { } engine && !listen.IsFirewallMark && listen.Protocol != TransportProtocol.Udp)
            {
                map.Complain(Code.EngineProtocol, map.KeyPlace(ServicePolicy.Persistence),
                    $"'{listen}' is not UDP, so '{engine}' finds nothing in its packets");
            }
        }
        CheckPool(service, map);
        CheckSlots(service, map);
        CheckProbes(service, map);
        CheckFallback(service, map);
        return service.Persistence is null ? service : service with { Persistence = Netmask(service, map) };
    }

    static void CheckPool(ServiceSpec service, MapCursor map)
    {
        var servers = service.Servers.Count;
        if (!service.Servers.Any(s => s.Weight > 0))
        {
            map.Complain(Code.NoServers, map.KeyPlace(ServiceFormat.Servers), servers == 0 ? "no servers: the kernel refuses every connection" : "every server has weight 0: the kernel refuses every new connection");
        }
        Reachable(service.MinHealthy, servers, ServicePolicy.MinHealthy, map);
        if (service.Quorum is not { } quorum) return;
        var needed = quorum.Minimum.Of(servers) + (long)quorum.Hysteresis.Of(servers);
        if (servers > 0 && needed > servers)
        {
            map.Complain(Code.Unreachable, map.KeyPlace(ServicePolicy.Quorum),
                $"the quorum is regained with {needed} healthy servers, and there are {servers}");
        }
    }

    static void Reachable(Share share, int servers, Key<Share> key, MapCursor map)
    {
        if (servers == 0 || share.Of(servers) <= servers) return;
        map.Complain(Code.Unreachable, map.KeyPlace(key), $"{share} is more than the {servers} there are: probes never take a server out");
    }

    static void CheckSlots(ServiceSpec service, MapCursor map)
    {
        var slots = service.Scheduler.Name switch
        {
            "mh" => MhSlots,
            "sh" or "dh" => HashSlots,
            _ => int.MaxValue,
        };
        if (slots == int.MaxValue) return;
        // dh gives each server in turn one slot; the others as many as its weight, divided by what all weights have in common.
        var divisor = service.Servers.Aggregate(0, (d, s) => (int)BigInteger.GreatestCommonDivisor(d, s.Weight));
        var wanted = service.Scheduler.Name == "dh" ? service.Servers.Count : service.Servers.Sum(s => (long)s.Weight / Math.Max(1, divisor));
        if (wanted <= slots) return;
        map.Complain(Code.TableTooSmall, map.KeyPlace(ServicePolicy.Scheduler),
            $"{service.Scheduler.Name} has {slots} slots, and {Yaml.Wording.Count(service.Servers.Count, "server")} of these weights want {wanted}");
    }

    static void CheckProbes(ServiceSpec service, MapCursor map)
    {
        if (service.Check is null || service.Servers.Count < 2) return;
        foreach (var leaf in CheckRules.Leaves(service.Check))
        {
            if (leaf.Address is null) continue;
            map.Complain(Code.ProbesNobody, map.KeyPlace(ServicePolicy.Check),
                $"check '{leaf.Name}' asks {leaf.Address} whichever of the {service.Servers.Count} servers is meant");
            return;
        }
    }

    static void CheckFallback(ServiceSpec service, MapCursor map)
    {
        if (service.Fallback is not { } fallback) return;
        var place = map.ValuePlace(ServiceFormat.Fallback);
        ServerRules.CheckFamily(fallback, service, place, map.Context);
        ServerRules.CheckPort(fallback, service, place, map.Context);
        foreach (var listen in service.Listen)
        {
            var port = DesiredTableBuilder.Port(fallback, listen);
            var twin = service.Servers.FirstOrDefault(s => s.Address.Equals(fallback.Address) && DesiredTableBuilder.Port(s, listen) == port);
            if (twin is null) continue;
            map.Complain(Code.FallbackIsServer, place, $"the fallback is server '{twin.Name}'");
            break;
        }
    }

    static PersistenceSpec Netmask(ServiceSpec service, MapCursor map)
    {
        var persistence = service.Persistence!;
        if (persistence.Netmask is not { } written || map.Get(ServicePolicy.Persistence) is not { } entry) return persistence;

        var place = map.ValuePlace(ServicePolicy.Persistence);
        var families = service.Listen.Select(l => l.Family).Distinct().ToList();
        if (families.Count > 1)
        {
            map.Complain(Code.Netmask, place, "a service that listens on IPv4 and IPv6 can have neither netmask nor prefix");
            return persistence;
        }
        if (families[0] == IpFamily.IPv6)
        {
            if (entry.Form == NetmaskForm.Mask) map.Complain(Code.Netmask, place, "a netmask is for IPv4; write 'prefix' for IPv6");
            return persistence;
        }
        if (entry.Form == NetmaskForm.Mask) return persistence;
        if (written > 32) map.Complain(Code.Netmask, place, $"a prefix of {written} bits is too long for IPv4");
        return persistence with { Netmask = uint.MaxValue << (32 - (int)Math.Min(32, written)) };
    }
}
