using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Cli.Commands;

/// <summary>What really happens to clients of a server that is drained, where weight 0 alone does not do it.</summary>
static class DrainAdvice
{
    const string ExpireNodestConn = "net.ipv4.vs.expire_nodest_conn";
    const string ExpireQuiescentTemplate = "net.ipv4.vs.expire_quiescent_template";

    public static IEnumerable<string> For(DesiredTable manifest, string server, string? service, KernelSettings settings)
    {
        var services = manifest.Services.Where(s => (service is null || s.Name == service) && s.Servers.Any(r => r.Name == server)).ToList();
        if (services.Exists(s => s.Service.Key.Protocol is TransportProtocol.Udp or TransportProtocol.Sctp) && settings.Read(ExpireNodestConn) == "0")
        {
            yield return $"Note: with {ExpireNodestConn}=0 a UDP flow whose server is gone is dropped until it pauses for its time-out (300 s); "
                + "set expire-nodest-conn: true under settings, and it moves to another server at once.";
        }
        if (services.Exists(s => s.Service.Key.Protocol == TransportProtocol.Tcp && s.Servers.Any(r => r.Name == server && r.Server.Forward == ForwardingMethod.Nat)))
        {
            yield return "Note: in NAT mode the kernel counts a closed connection as inactive for two more minutes, and the drain waits for these too.";
        }
        if (services.Exists(s => s.Service.IsPersistent) && settings.Read(ExpireQuiescentTemplate) == "0")
        {
            yield return $"Note: with {ExpireQuiescentTemplate}=0 clients that are bound to the server by persistence still get new connections to it until their binding ends; "
                + "set expire-quiescent-template: true under settings, and they move to another server with their next connection.";
        }
    }
}
