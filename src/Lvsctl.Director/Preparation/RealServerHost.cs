using Lvsctl.Core.Preparation;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Sysctls;
using static Lvsctl.Core.Preparation.PreparationStep;

namespace Lvsctl.Director.Preparation;

/// <summary>This host, in the network namespace of the calling thread: observes it, and carries steps out on it.</summary>
public sealed class RealServerHost : IDisposable
{
    readonly AddressClient _addresses = AddressClient.Open();
    readonly KernelSettings _settings = new();

    public void Dispose() => _addresses.Dispose();

    /// <summary>Needs no privilege.</summary>
    public ObservedHost Observe(IEnumerable<string> sysctls)
    {
        var links = _addresses.ListLinks();
        var names = links.ToDictionary(l => l.Index, l => l.Name);
        var values = new Dictionary<string, string>();
        foreach (var name in sysctls)
        {
            if (_settings.Read(name) is { } value) values[name] = value;
        }
        return new(
            [.. links.Select(l => new ObservedLink(l.Name, l.IsUp, l.IsLoopback || l.IsNoArp))],
            [.. _addresses.ListAddresses().Where(a => names.ContainsKey(a.LinkIndex))
                .Select(a => new ObservedAddress(names[a.LinkIndex], a.Address, a.PrefixLength))],
            values);
    }

    /// <summary>False when the host was there already: somebody was faster.</summary>
    public bool CarryOut(PreparationStep step)
    {
        switch (step)
        {
            case CreateLink create:
                return _addresses.CreateLink(create.Device, create.Kind);
            case DeleteLink delete:
                if (_addresses.FindLink(delete.Device) is not { } created) return false;
                _addresses.DeleteLink(created);
                return true;
            case SetLinkUp up:
                _addresses.SetUp(_addresses.GetLink(up.Device), up: true);
                return true;
            case SetLinkDown down:
                if (_addresses.FindLink(down.Device) is not { } link) return false;
                _addresses.SetUp(link, up: false);
                return true;
            case AddAddress add:
                return _addresses.Add(LinkAddress.Alone(_addresses.GetLink(add.Device), add.Address), add.Device);
            case RemoveAddress remove:
                return _addresses.FindLink(remove.Device) is { } holder
                    && _addresses.Remove(LinkAddress.Alone(holder, remove.Address), remove.Device);
            case SetSysctl set:
                _settings.Write(set.Name, set.To);
                return true;
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "unknown step");
        }
    }
}
