using System.Net;
using System.Net.Sockets;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Addresses;

namespace Lvsctl.Director.Vrrp;

/// <summary>The host's devices and addresses as they were last told.</summary>
sealed class Network(AddressClient client)
{
    readonly Dictionary<string, Link> _links = [];
    readonly List<LinkAddress> _addresses = [];

    /// <exception cref="AddressException">The kernel does not say.</exception>
    public void Refresh()
    {
        _links.Clear();
        foreach (var link in client.ListLinks()) _links[link.Name] = link;
        _addresses.Clear();
        _addresses.AddRange(client.ListAddresses().Where(a => !a.IsTentative));
    }

    public void Take(in RouteChange change)
    {
        switch (change.Kind)
        {
            case RouteChangeKind.Link:
                // It may have got another name.
                Forget(change.Link!.Index);
                _links[change.Link.Name] = change.Link;
                break;
            case RouteChangeKind.LinkGone:
                var gone = change.Link!.Index;
                Forget(gone);
                _addresses.RemoveAll(a => a.LinkIndex == gone);
                break;
            case RouteChangeKind.AddressAdded:
                // A tentative one is told again when it can be used.
                if (change.Address!.IsTentative) _addresses.Remove(change.Address with { IsTentative = false });
                else if (!_addresses.Contains(change.Address)) _addresses.Add(change.Address);
                break;
            case RouteChangeKind.AddressRemoved:
                _addresses.Remove(change.Address! with { IsTentative = false });
                break;
        }
    }

    void Forget(int index)
    {
        foreach (var (name, link) in _links)
        {
            if (link.Index == index) _links.Remove(name);
        }
    }

    public Link? Find(string name) => _links.GetValueOrDefault(name);

    public bool IsWell(string name) => Find(name) is { IsUp: true, HasCarrier: true };

    public bool Has(int link, IPAddress address) => _addresses.Exists(a => a.LinkIndex == link && a.Address.Equals(address));

    /// <summary>
    /// Where a router's packets come from: as the manifest says; else, for unicast, where the other directors reach this one; else the
    /// device's first address that is no virtual one, over IPv6 a link-local one. Null: there is none.
    /// </summary>
    /// <param name="isVirtual">It may be another host's at any time. An owner may have nothing else.</param>
    public IPAddress? SourceOf(RouterPart part, Func<IPAddress, bool> isVirtual)
    {
        if (Find(part.Spec.Interface) is not { } link) return null;
        if (part.Spec.Source is { } given) return Has(link.Index, given) ? given : null;
        if (part.Spec.Unicast is not null && part.OwnAddress is { } own && own.Family() == part.Family && _addresses.Exists(a => a.Address.Equals(own))) return own;
        var mustBeLinkLocal = part.Family == IpFamily.IPv6 && (part.Spec.Unicast is null || part.Peers.All(p => p.IsIPv6LinkLocal));
        var candidates = _addresses.Where(a => a.LinkIndex == link.Index && a.Address.Family() == part.Family && (!mustBeLinkLocal || a.Address.IsIPv6LinkLocal)).Select(a => a.Address).ToList();
        return candidates.Find(a => !isVirtual(a)) ?? (part.Priority == byte.MaxValue ? candidates.FirstOrDefault() : null);
    }
}
