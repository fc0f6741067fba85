using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Vrrp;

namespace Lvsctl.Director.Vrrp;

/// <param name="Interface">Null: unicast, of all interfaces.</param>
/// <param name="Index">The interface's: one that is made anew under the same name is another.</param>
readonly record struct PortKey(IpFamily Family, byte Protocol, string? Interface, int Index);

/// <summary>A socket and the routers that speak through it.</summary>
sealed class Port(PortKey key, VrrpSocket socket)
{
    public PortKey Key => key;

    public VrrpSocket Socket => socket;

    public List<(RouterSet Set, int Router)> Routers { get; } = [];

    /// <summary>Ids are an interface's: of several unicast routers with one id it is the one that was written to.</summary>
    public bool TryFind(byte id, WireAddress destination, out (RouterSet Set, int Router) found)
    {
        found = default;
        foreach (var each in Routers)
        {
            var wire = each.Set.Runs[each.Router].Wire;
            if (wire.RouterId != id) continue;
            found = each;
            if (wire.Source == destination || key.Interface is not null) return true;
        }
        return found.Set is not null;
    }
}
