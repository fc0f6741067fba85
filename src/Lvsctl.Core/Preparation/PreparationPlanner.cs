using System.Net;
using static Lvsctl.Core.Preparation.PreparationStep;

namespace Lvsctl.Core.Preparation;

/// <summary>
/// Compares what roles need with what the host shows. The laws: preparing what is prepared is no step; undoing everything that was
/// prepared, in whatever order, leads back to what was found; what others changed since then stays.
/// </summary>
public static class PreparationPlanner
{
    /// <summary>Names of the settings that a plan for these roles looks at.</summary>
    public static IReadOnlyList<string> SysctlsOf(IEnumerable<RealServerRole> roles, PreparationRecord record) =>
        [.. roles.SelectMany(SysctlNeed.Of).Select(n => n.Name)
            .Concat(record.Changes.Select(c => c.Step).OfType<SetSysctl>().Select(s => s.Name)).Distinct()];

    public static PreparationPlan Prepare(IReadOnlyList<RealServerRole> roles, ObservedHost host, PreparationRecord record)
    {
        var refusals = roles.Select(r => Refusal(r, host)).OfType<string>().Distinct().ToList();
        if (refusals.Count > 0) return new([], record, [], refusals);

        var steps = new List<PreparationStep>();
        var changes = record.Changes.ToList();
        // By kind, not by role: with the ARP settings in force before the first address appears, it is never told to the network.
        foreach (var role in roles)
        {
            if (role.TunnelKind is { } kind) Need(role, MissingLink(role.Device, kind, host));
        }
        foreach (var role in roles)
        {
            foreach (var need in SysctlNeed.Of(role)) Need(role, MissingSysctl(need, host));
        }
        foreach (var role in roles) Need(role, MissingState(role, host));
        foreach (var role in roles) Need(role, MissingAddress(role, host));
        return new(steps, new(changes), [.. steps.OfType<SetSysctl>().Select(WiderEffect).OfType<string>()], []);

        void Need(RealServerRole role, (PreparationStep Step, bool IsMissing) need)
        {
            var known = changes.FindIndex(c => c.Step.Subject == need.Step.Subject);
            if (known >= 0)
            {
                // What was found the first time is what an undo goes back to.
                var change = changes[known];
                if (!change.Roles.Contains(role)) changes[known] = change with { Roles = [.. change.Roles, role] };
            }
            else if (need.IsMissing)
            {
                changes.Add(new(need.Step, [role]));
            }
            if (need.IsMissing && !steps.Exists(s => s.Subject == need.Step.Subject)) steps.Add(need.Step);
        }
    }

    public static PreparationPlan Undo(IReadOnlyList<RealServerRole> roles, ObservedHost host, PreparationRecord record)
    {
        var steps = new List<PreparationStep>();
        var notes = new List<string>();
        var kept = new List<RecordedChange>();
        // Backwards: the address goes while ARP is still silent about it.
        foreach (var change in record.Changes.Reverse())
        {
            var remaining = change.Roles.Except(roles).ToList();
            if (remaining.Count > 0)
            {
                kept.Add(remaining.Count == change.Roles.Count ? change : change with { Roles = remaining });
                continue;
            }
            var (inverse, note) = TakeBack(change.Step, host, steps);
            if (inverse is not null) steps.Add(inverse);
            if (note is not null) notes.Add(note);
        }
        kept.Reverse();
        return new(steps, new(kept), notes, []);
    }

    // An address on a device that speaks ARP or ND is the director's way to hold it: this host would draw the clients to itself.
    static string? Refusal(RealServerRole role, ObservedHost host)
    {
        // With a wider prefix the kernel takes the whole network for its own, and the answers to clients in it never leave.
        var tooWide = host.Addresses.FirstOrDefault(a => a.Address.Equals(role.Vip) && a.Device == role.Device && a.PrefixLength != WholeLength(role.Vip));
        if (tooWide is not null)
        {
            return $"{role.Vip}/{tooWide.PrefixLength} is on {role.Device}, which makes all of that network this host's own, so that clients in it get no answer; "
                + $"remove it first (ip addr del {role.Vip}/{tooWide.PrefixLength} dev {role.Device}), and prepare adds the address alone";
        }
        var elsewhere = host.Addresses.FirstOrDefault(a => a.Address.Equals(role.Vip) && host.Link(a.Device) is { IsQuiet: false });
        return elsewhere is null
            ? null
            : $"{role.Vip} is on {elsewhere.Device}, which answers for it on the network: a real server must hold it on {role.Device} only; "
                + $"remove it there first (ip addr del {role.Vip}/{elsewhere.PrefixLength} dev {elsewhere.Device})";
    }

    static int WholeLength(IPAddress address) => address.GetAddressBytes().Length * 8;

    // The one setting of a preparation that loosens what protects other interfaces, too.
    static string? WiderEffect(SetSysctl step) =>
        step is { Name: "net.ipv4.conf.all.rp_filter", From: not (null or "0") }
            ? $"rp_filter of all goes from {step.From} to 0: an interface without one of its own is checked no more; "
                + $"to keep the check, set net.ipv4.conf.INTERFACE.rp_filter={step.From}"
            : null;

    static (PreparationStep, bool) MissingLink(string device, string kind, ObservedHost host) =>
        (new CreateLink(device, kind) { Why = "have a device that unpacks what directors send through the tunnel" }, host.Link(device) is null);

    static (PreparationStep, bool) MissingSysctl(SysctlNeed need, ObservedHost host)
    {
        var now = host.Sysctl(need.Name);
        return (new SetSysctl(need.Name, now, need.Value) { Why = need.Why }, !need.IsMetBy(now));
    }

    static (PreparationStep, bool) MissingState(RealServerRole role, ObservedHost host) =>
        (new SetLinkUp(role.Device) { Why = $"receive through {role.Device}" }, host.Link(role.Device) is not { IsUp: true });

    static (PreparationStep, bool) MissingAddress(RealServerRole role, ObservedHost host) =>
        (new AddAddress(role.Device, role.Vip) { Why = "accept packets for the virtual address" },
            !host.Addresses.Any(a => a.Device == role.Device && a.Address.Equals(role.Vip)));

    static (PreparationStep? Inverse, string? Note) TakeBack(PreparationStep step, ObservedHost host, List<PreparationStep> before)
    {
        switch (step)
        {
            case SetSysctl set:
                var now = host.Sysctl(set.Name);
                if (now == set.To) return (set.Inverse, null);
                return (null, now is null || now == set.From
                    ? null
                    : $"{set.Name} is {now}, not the {set.To} that prepare set: somebody changed it since, so it stays (before prepare it was {set.From})");
            case AddAddress add:
                var isThere = host.Addresses.Any(a => a.Device == add.Device && a.Address.Equals(add.Address)
                    && a.PrefixLength == WholeLength(a.Address));
                return (isThere ? add.Inverse : null, null);
            case SetLinkUp up:
                if (host.Link(up.Device) is not { IsUp: true }) return (null, null);
                return OthersOn(up.Device, host, before) is { } user
                    ? (null, $"{up.Device} stays up: it holds {user}, which prepare did not add")
                    : (up.Inverse, null);
            case CreateLink create:
                if (host.Link(create.Device) is null) return (null, null);
                return OthersOn(create.Device, host, before) is { } holder
                    ? (null, $"{create.Device} stays: it holds {holder}, which prepare did not add")
                    : (create.Inverse, null);
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "not a step of a preparation");
        }
    }

    // What the kernel gives a device by itself does not count as somebody's use of it.
    static IPAddress? OthersOn(string device, ObservedHost host, List<PreparationStep> before) =>
        host.Addresses.FirstOrDefault(a => a.Device == device
            && !IPAddress.IsLoopback(a.Address) && !a.Address.IsIPv6LinkLocal
            && !before.Exists(s => s is RemoveAddress r && r.Device == device && r.Address.Equals(a.Address)))?.Address;
}
