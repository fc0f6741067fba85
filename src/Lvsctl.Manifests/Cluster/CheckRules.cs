using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>What must hold between the keys of a check, and between a check and whatever it is used for.</summary>
static class CheckRules
{
    static readonly Key[] WithoutEffectOnGroups = [.. CheckPolicy.All, CheckFormat.Address, CheckFormat.Port, CheckFormat.Through, CheckFormat.Weight];
    static readonly Key[] NetworkOnly = [CheckFormat.Address, CheckFormat.Port, CheckPolicy.Source];

    public static void Check(CheckSpec check, MapCursor map)
    {
        if (check.Probe is ProbeSpec.All or ProbeSpec.Any)
        {
            NoEffect(WithoutEffectOnGroups, "the members' own count", check, map);
            return;
        }
        if (check.Probe is ProbeSpec.Exec or ProbeSpec.File) NoEffect(NetworkOnly, "it does not use the network", check, map);
        if (check.Timeout > check.Every)
        {
            map.Complain(Code.SlowProbe, map.KeyPlace(map.HasItself(CheckPolicy.Timeout) ? CheckPolicy.Timeout : CheckPolicy.Every),
                $"a probe may take {CheckPolicy.Timeout.Shape.Show(check.Timeout)}, and the next one is due after {CheckPolicy.Every.Shape.Show(check.Every)}");
        }
        if (check.FastEvery > check.Every)
        {
            map.Complain(Code.NoEffect, map.KeyPlace(CheckPolicy.FastEvery), "'fast-every' is longer than 'every'");
        }
        if (check.ThroughVip && check.Address is not null)
        {
            map.Complain(Code.ThroughVip, map.KeyPlace(CheckFormat.Through),
                "'through: vip' asks the virtual address, so it cannot have an 'address' of its own");
        }
        if (check is { ThroughVip: true, Probe: ProbeSpec.Exec or ProbeSpec.File })
        {
            map.Complain(Code.ThroughVip, map.KeyPlace(CheckFormat.Through), $"{check.Probe.Kind} does not use the network");
        }
        if (check is { ThroughVip: true, Probe: ProbeSpec.Icmp })
        {
            map.Complain(Code.ThroughVip, map.KeyPlace(CheckFormat.Through), "the kernel forwards no echo requests to the servers of a service");
        }
        if (check.Weight is { } weight && !Fits(weight.From, check.Probe))
        {
            map.Complain(Code.WeightSource, map.KeyPlace(CheckFormat.Weight), $"{check.Probe.Kind} has no such source of a weight");
        }
    }

    static void NoEffect(Key[] keys, string why, CheckSpec check, MapCursor map)
    {
        foreach (var key in keys)
        {
            if (map.HasItself(key))
            {
                map.Complain(Code.NoEffect, map.KeyPlace(key), $"'{key.Name}' has no effect on {check.Probe.Kind}: {why}");
            }
        }
    }

    static bool Fits(WeightSource source, ProbeSpec probe) => source switch
    {
        WeightSource.Header => probe is ProbeSpec.Http,
        WeightSource.Body => probe is ProbeSpec.Http or ProbeSpec.Tcp,
        WeightSource.Exit => probe is ProbeSpec.Exec,
        _ => probe is ProbeSpec.File,
    };

    /// <summary>The probes of a check, through all and any.</summary>
    public static IEnumerable<CheckSpec> Leaves(CheckSpec check) => check.Probe switch
    {
        ProbeSpec.All all => all.Members.SelectMany(Leaves),
        ProbeSpec.Any any => any.Members.SelectMany(Leaves),
        _ => [check],
    };

    /// <summary>How many levels of all and any it has.</summary>
    public static int Depth(CheckSpec check) => check.Probe switch
    {
        ProbeSpec.All all => 1 + all.Members.Select(Depth).DefaultIfEmpty().Max(),
        ProbeSpec.Any any => 1 + any.Members.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    /// <summary>Whether the check can be made of a server of this service.</summary>
    public static void CheckUse(CheckSpec check, ServiceKey service, ushort? serverPort, Place place, ReadContext context)
    {
        foreach (var leaf in Leaves(check))
        {
            if (leaf.ThroughVip && service.IsFirewallMark)
            {
                context.Complain(Code.ThroughVip, place, $"check '{leaf.Name}' goes through the virtual address, and {service} has none");
            }
            if (leaf.Probe.NeedsPort && leaf.Port is null && leaf.Probe.UsualPort is null && (serverPort ?? service.Port) == 0)
            {
                context.Complain(Code.NoPort, place,
                    $"check '{leaf.Name}' ({leaf.Probe.Kind}) does not know which port to ask: neither {service} nor the server has one");
            }
        }
    }
}
