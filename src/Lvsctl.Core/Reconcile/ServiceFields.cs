using System.Net;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>The settings of a virtual service by name, in the words of the manifest.</summary>
static class ServiceFields
{
    public static IReadOnlyList<FieldChange> Describe(VirtualService service) =>
        [.. Fields(service).Where(f => f.Value != "").Select(f => new FieldChange(f.Field, null, f.Value))];

    public static IReadOnlyList<FieldChange> Compare(VirtualService now, VirtualService wanted)
    {
        if (Same(now, wanted)) return [];
        return [.. Fields(now).Zip(Fields(wanted)).Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => new FieldChange(pair.First.Field, Shown(pair.First.Value), Shown(pair.Second.Value)))];
    }

    // The kernel keeps time-out and netmask of a service that is not persistent, and they mean nothing there.
    static bool Same(VirtualService now, VirtualService wanted) =>
        now == wanted || (!wanted.IsPersistent && !now.IsPersistent
            && now with { PersistenceTimeout = wanted.PersistenceTimeout, Netmask = wanted.Netmask } == wanted);

    static IEnumerable<(string Field, string Value)> Fields(VirtualService service)
    {
        yield return ("scheduler", service.Scheduler);
        yield return ("scheduler flags", string.Join(',', SchedulerFlags(service)));
        yield return ("persistence", service.IsPersistent ? $"{service.PersistenceTimeout}s" : "");
        yield return ("netmask", service.IsPersistent && service.Netmask != VirtualService.WholeAddress(service.Key.Family) ? Netmask(service) : "");
        yield return ("persistence engine", service.PersistenceEngine ?? "");
        yield return ("one-packet", (service.Flags & ServiceFlags.OnePacket) != 0 ? "yes" : "");
    }

    static IEnumerable<string> SchedulerFlags(VirtualService service)
    {
        var hashes = service.Scheduler is "sh" or "mh";
        if ((service.Flags & ServiceFlags.Scheduler1) != 0) yield return hashes ? "fallback" : "flag-1";
        if ((service.Flags & ServiceFlags.Scheduler2) != 0) yield return hashes ? "port" : "flag-2";
        if ((service.Flags & ServiceFlags.Scheduler3) != 0) yield return "flag-3";
    }

    static string Netmask(VirtualService service) => service.Key.Family == IpFamily.IPv6
        ? $"/{service.Netmask}"
        : new IPAddress(IPAddress.HostToNetworkOrder((int)service.Netmask) & 0xFFFFFFFFL).ToString();

    static string Shown(string value) => value == "" ? "none" : value;
}
