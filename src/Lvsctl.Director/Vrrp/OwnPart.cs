using System.Net;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Director.Vrrp;

/// <summary>The part that this host takes in one virtual router.</summary>
/// <param name="Priority">Base, 1..255.</param>
/// <param name="OwnAddress">Where the manifest says that the other directors reach this one; null: it names none.</param>
/// <param name="Peers">Of a unicast router.</param>
public sealed record RouterPart(VrrpRouterSpec Spec, byte Priority, IPAddress? OwnAddress, IReadOnlyList<IPAddress> Peers, byte[] Password)
{
    public string Name => Spec.Name;

    public IpFamily Family => Spec.Addresses[0].Address.Family();

    /// <summary>Advertised, then excluded: as outputs of the election count them.</summary>
    public IReadOnlyList<VirtualAddress> Addresses { get; } = [.. Spec.Addresses, .. Spec.Excluded];
}

/// <summary>What this host has to do with the manifest's virtual routers.</summary>
/// <param name="Who">The director's name in the manifest, or the host's where it names none.</param>
/// <param name="Routers">Those in which it takes part.</param>
public sealed record OwnPart(string Who, IReadOnlyList<RouterPart> Routers)
{
    /// <param name="node">The director's name as the command line has it; null: by the host's name.</param>
    /// <param name="readPassword">The content of a password file.</param>
    /// <exception cref="VrrpException">The manifest does not say what this host is to do; the message says what to do about it.</exception>
    public static OwnPart Of(ClusterSpec cluster, string? node, string hostName, Func<string, byte[]> readPassword)
    {
        if (cluster.VrrpRouters.Count == 0) throw new VrrpException("the manifest has no virtual routers: there is nothing to do for 'lvsctl vrrp'; see 'lvsctl explain vrrp'");
        var self = Self(cluster, node, hostName);
        var who = self?.Name ?? node ?? hostName;
        var routers = new List<RouterPart>();
        foreach (var router in cluster.VrrpRouters.AsEnumerable())
        {
            if (PriorityOf(router, self) is not { } priority) continue;
            IReadOnlyList<IPAddress> peers = router.Unicast is not { } unicast ? []
                : unicast.Peers.Count > 0 ? [.. unicast.Peers.AsEnumerable().Where(p => !p.Equals(self?.Address))]
                : [.. cluster.Directors.AsEnumerable().Where(d => d != self).Select(d => d.Address)];
            routers.Add(new(router, priority, self?.Address, peers, router.Authentication is { } authentication ? readPassword(authentication.PasswordFile) : []));
        }
        return routers.Count > 0 ? new(who, routers) : throw new VrrpException($"no virtual router of the manifest names {who} among its priorities: there is nothing to do here");
    }

    /// <summary>The manifest gives this host something to do.</summary>
    /// <exception cref="VrrpException">It does not say which of its directors this host is.</exception>
    public static bool Is(ClusterSpec cluster, string? node, string hostName)
    {
        if (cluster.VrrpRouters.Count == 0) return false;
        var self = Self(cluster, node, hostName);
        return cluster.VrrpRouters.Any(r => PriorityOf(r, self) is not null);
    }

    static DirectorSpec? Self(ClusterSpec cluster, string? node, string hostName)
    {
        if (cluster.Directors.Count == 0) return null;
        var short_ = hostName.Split('.')[0];
        var directors = cluster.Directors.AsEnumerable();
        var self = node is not null
            ? directors.FirstOrDefault(d => d.Name == node)
            : directors.FirstOrDefault(d => d.Host == hostName) ?? directors.FirstOrDefault(d => d.Host == short_ || d.Host.Split('.')[0] == hostName);
        return self ?? throw new VrrpException(node is not null
            ? $"the manifest has no director '{node}'; it has {string.Join(", ", directors.Select(d => d.Name))}"
            : $"this host is called {hostName}, and the manifest's directors are on {string.Join(", ", directors.Select(d => d.Host))}: say which one it is with --node, or in the manifest with directors.NAME.host");
    }

    static byte? PriorityOf(VrrpRouterSpec router, DirectorSpec? self)
    {
        if (router.Priorities.Count == 0) return router.Priority;
        foreach (var each in router.Priorities)
        {
            if (each.Director == self?.Name) return each.Priority;
        }
        return null;
    }

    /// <summary>The password without its line end.</summary>
    /// <exception cref="VrrpException">The file cannot be read, or is empty.</exception>
    public static byte[] ReadPassword(string path)
    {
        try
        {
            var text = Encoding.UTF8.GetBytes(File.ReadAllText(path).TrimEnd('\r', '\n'));
            return text.Length > 0 ? text : throw new VrrpException($"the VRRP password file {path} is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VrrpException($"cannot read the VRRP password file: {e.Message}");
        }
    }
}
