using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Health;

/// <summary>
/// One thing that is probed: a check that is no combination of others, against one server. Equal targets are one target, and are probed
/// once however many services share them.
/// </summary>
/// <param name="Address">Who is asked: the server, the check's own address, or the virtual address of <paramref name="Path"/>.</param>
/// <param name="Port">0 where the probe talks to no port.</param>
/// <param name="Path">Null: the server is asked directly.</param>
public sealed record ProbeTarget(CheckSpec Check, IPAddress Address, ushort Port, ForwardingPath? Path = null)
{
    /// <summary><c>web (http) at 10.0.0.1:80</c>.</summary>
    public override string ToString()
    {
        var address = Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && Port != 0 ? $"[{Address}]" : Address.ToString();
        var via = Path is { } path ? $" through {path.Server.Key.Address}" : "";
        return $"{Check.Name} ({Check.Probe.Kind}) at {address}{(Port == 0 ? "" : $":{Port}")}{via}";
    }
}

/// <summary>The way of a client's packets: to a virtual service, forwarded to one real server as the kernel would.</summary>
/// <param name="Service">The virtual service whose address is asked; never a firewall mark.</param>
/// <param name="Server">With the forwarding method, tunnel and port that the service uses for it.</param>
public sealed record ForwardingPath(ServiceKey Service, RealServer Server);
