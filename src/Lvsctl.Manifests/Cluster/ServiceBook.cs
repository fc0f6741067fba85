using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>What services have in common: no two listen on the same, and all of them fit into the kernel.</summary>
sealed class ServiceBook
{
    readonly Dictionary<ServiceKey, (string Service, Place Place)> _listens = [];
    readonly HashSet<IPAddress> _reportedVips = [];
    long _tableEntries;

    /// <summary>Addresses that virtual routers carry; null without any virtual router.</summary>
    public HashSet<IPAddress>? Carried { get; set; }

    /// <summary>Where a virtual router asks for connection sync, if one does.</summary>
    public Place? SyncConnections { get; set; }

    /// <summary>Those of the keys that nobody else listens on.</summary>
    public ValueList<ServiceKey> Listen(IReadOnlyList<Located<ServiceKey[]>>? parts, string service, ReadContext context)
    {
        var keys = new List<ServiceKey>();
        foreach (var part in parts ?? [])
        {
            foreach (var key in part.Value)
            {
                if (_listens.TryAdd(key, (service, part.Place))) keys.Add(key);
                else context.Complain(Code.ListenTaken, part.Place, Taken(key, service, part.Place, context));
            }
            if (_listens.Count > Limits.TableEntries)
            {
                context.Complain(Code.TooMuch, part.Place,
                    $"with service '{service}' there would be more than {Limits.TableEntries} keys in the kernel's table");
                context.Report.GiveUp();
                break;
            }
            if (keys.Count > Limits.Listens)
            {
                context.Complain(Code.TooMuch, part.Place, $"service '{service}' listens on more than {Limits.Listens} keys");
                break;
            }
            WarnIfNotCarried(part, context);
        }
        return keys.ToValueList();
    }

    string Taken(ServiceKey key, string service, Place place, ReadContext context)
    {
        var first = _listens[key];
        var who = first.Service == service ? "this service" : $"service '{first.Service}'";
        return $"{who} listens on {key} already, at {context.Report.Describe(first.Place, place)}";
    }

    void WarnIfNotCarried(Located<ServiceKey[]> part, ReadContext context)
    {
        if (Carried is null || part.Value[0].IsFirewallMark) return;
        var vip = part.Value[0].Address;
        if (Carried.Contains(vip) || !_reportedVips.Add(vip)) return;
        context.Complain(Code.NotCarried, part.Place, $"no virtual router carries {vip}");
    }

    /// <summary>False when there are more servers than any kernel should have; that has been reported then.</summary>
    public bool HasRoomFor(ServiceSpec service, long servers, Place place, ReadContext context)
    {
        var wanted = Math.Max(1, service.Listen.Count) * servers;
        if (_tableEntries + wanted <= Limits.TableEntries)
        {
            _tableEntries += wanted;
            return true;
        }
        context.Report.GiveUp();
        context.Complain(Code.TooMuch, place,
            $"with service '{service.Name}' the kernel's table would have more than {Limits.TableEntries} servers");
        return false;
    }
}
