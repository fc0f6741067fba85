using Lvsctl.Core.Preparation;
using static Lvsctl.Core.Preparation.PreparationStep;

namespace Lvsctl.Core.Tests.Preparation;

/// <summary>A host of values only. A device brings its settings along, as in the kernel, and a step that cannot be carried out throws.</summary>
sealed class SimulatedHost
{
    public Dictionary<string, ObservedLink> Links { get; } = [];

    public List<ObservedAddress> Addresses { get; } = [];

    public Dictionary<string, string> Sysctls { get; } = [];

    public SimulatedHost(string rpFilter = "0", params string[] devices)
    {
        Add("all", rpFilter);
        Links["lo"] = new("lo", IsUp: true, IsQuiet: true);
        Add("lo", rpFilter);
        Links["eth0"] = new("eth0", IsUp: true, IsQuiet: false);
        foreach (var device in devices) Carry(new CreateLink(device, "ipip"));
    }

    void Add(string scope, string rpFilter)
    {
        Sysctls[$"net.ipv4.conf.{scope}.arp_ignore"] = "0";
        Sysctls[$"net.ipv4.conf.{scope}.arp_announce"] = "0";
        Sysctls[$"net.ipv4.conf.{scope}.rp_filter"] = rpFilter;
    }

    public ObservedHost Observed => new([.. Links.Values], [.. Addresses], new Dictionary<string, string>(Sysctls));

    /// <summary>All that a preparation may change, to be compared.</summary>
    public string State => string.Join('\n',
    [
        .. Links.Values.OrderBy(l => l.Name, StringComparer.Ordinal).Select(l => l.ToString()),
        .. Addresses.Select(a => a.ToString()).Order(StringComparer.Ordinal),
        .. Sysctls.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}"),
    ]);

    public void Carry(PreparationStep step)
    {
        switch (step)
        {
            case CreateLink s:
                Links.Add(s.Device, new(s.Device, IsUp: false, IsQuiet: true));
                Add(s.Device, Sysctls["net.ipv4.conf.all.rp_filter"]);
                break;
            case DeleteLink s:
                Links.Remove(s.Device);
                foreach (var name in Sysctls.Keys.Where(k => k.Contains($".{s.Device}.")).ToList()) Sysctls.Remove(name);
                break;
            case SetLinkUp s: Links[s.Device] = Links[s.Device] with { IsUp = true }; break;
            case SetLinkDown s: Links[s.Device] = Links[s.Device] with { IsUp = false }; break;
            case AddAddress s:
                Assert.DoesNotContain(Addresses, a => a.Device == s.Device && a.Address.Equals(s.Address));
                Addresses.Add(new(s.Device, s.Address, s.Address.GetAddressBytes().Length * 8));
                break;
            case RemoveAddress s: Assert.Equal(1, Addresses.RemoveAll(a => a.Device == s.Device && a.Address.Equals(s.Address))); break;
            case SetSysctl s:
                Assert.True(Sysctls.ContainsKey(s.Name), $"there is no {s.Name}");
                Sysctls[s.Name] = s.To;
                break;
        }
    }

    /// <summary>As the runner does it: a new device first and alone, then the rest.</summary>
    public PreparationRecord Prepare(PreparationRecord record, params RealServerRole[] roles)
    {
        while (true)
        {
            var plan = PreparationPlanner.Prepare(roles, Observed, record);
            Assert.Empty(plan.Refusals);
            if (plan.Steps.OfType<CreateLink>().FirstOrDefault() is not { } create)
            {
                foreach (var step in plan.Steps) Carry(step);
                return plan.Record;
            }
            record = new([.. record.Changes, .. plan.Record.Changes.Where(c => c.Step == create)]);
            Carry(create);
        }
    }

    public PreparationRecord Undo(PreparationRecord record, params RealServerRole[] roles)
    {
        var plan = PreparationPlanner.Undo(roles, Observed, record);
        foreach (var step in plan.Steps) Carry(step);
        return plan.Record;
    }
}
