using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Director.Intents;

/// <summary>What really happens to clients of servers that a plan takes out, where it is not what one expects. Each kind is said once.</summary>
public static class DrainAdvice
{
    const string ExpireNodestConn = "net.ipv4.vs.expire_nodest_conn";
    const string ExpireQuiescentTemplate = "net.ipv4.vs.expire_quiescent_template";

    /// <param name="changes">Settings that are changed first, so that the servers meet them as they will be.</param>
    public static IReadOnlyList<string> For(PlannedTable planned, IReadOnlyList<SettingChange> changes, KernelSettings settings)
    {
        var leaving = planned.Plan.Steps.Where(s => s.TakesOutOfService || s is { Action: PlanAction.Remove, ServerKey: not null }).ToList();
        if (leaving.Count == 0) return [];
        var services = leaving.Select(s => s.ServiceKey).ToHashSet();
        var pools = planned.Observed.Where(p => services.Contains(p.Service.Service.Key)).ToDictionary(p => p.Service.Service.Key);
        var quiesced = leaving.Where(s => s.Action != PlanAction.Remove).ToList();
        var notes = new List<string>();

        if (leaving.Exists(s => s.Action == PlanAction.Remove && HasFlows(Service(s))) && IsOff(ExpireNodestConn))
        {
            notes.Add($"Note: with {ExpireNodestConn}=0 a UDP flow whose server is gone is dropped until it pauses for its time-out (300 s); "
                + "set expire-nodest-conn: true under settings, and it moves to another server at once.");
        }
        if (quiesced.Exists(s => HasFlows(Service(s))))
            notes.Add("Note: a UDP flow stays with a server at weight 0 for as long as its packets come; only new flows go to other servers.");
        if (quiesced.Exists(s => Service(s).IsPersistent) && IsOff(ExpireQuiescentTemplate))
        {
            notes.Add($"Note: with {ExpireQuiescentTemplate}=0 clients that are bound to the server by persistence still get new connections to it until their binding ends; "
                + "set expire-quiescent-template: true under settings, and they move to another server with their next connection.");
        }
        if (quiesced.Exists(s => s is { BeginsDrain: true, Change: TableChange.SetServer { Server.Forward: ForwardingMethod.Nat } } && IsBusy(s)))
            notes.Add("Note: in NAT mode the kernel counts a closed connection as inactive for two more minutes, and the drain waits for these too.");
        return notes;

        VirtualService Service(PlanStep step) => pools[step.ServiceKey].Service.Service;

        bool IsBusy(PlanStep step) => pools[step.ServiceKey].Servers.Any(s => s.Server.Key == step.ServerKey && (s.ActiveConnections, s.InactiveConnections) != (0, 0));

        bool IsOff(string place) => (changes.FirstOrDefault(c => c.Place == place && c.Before is not null)?.After ?? Read(place)) == "0";

        // What cannot be read is not there to be advised about.
        string? Read(string place)
        {
            try
            {
                return settings.Read(place);
            }
            catch (SysctlException)
            {
                return null;
            }
        }
    }

    // A service that schedules each packet alone remembers no flow.
    static bool HasFlows(VirtualService service) =>
        service.Key.Protocol is TransportProtocol.Udp or TransportProtocol.Sctp && (service.Flags & ServiceFlags.OnePacket) == 0;
}
