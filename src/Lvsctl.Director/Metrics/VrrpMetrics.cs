using Lvsctl.Core.Events;
using Lvsctl.Core.Vrrp;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Metrics;

/// <summary>What <c>lvsctl vrrp</c> does, as far as it says so.</summary>
/// <param name="status">Null: it does not answer.</param>
sealed class VrrpMetrics(VrrpStatusDocument? status)
{
    static readonly string[] s_states = [.. Enum.GetValues<VrrpState>().Select(VrrpEvents.Word)];
    static readonly string[] s_refusals = [.. Enum.GetValues<VrrpRefusal>().Where(r => r != VrrpRefusal.None).Select(VrrpEvents.Id)];
    static readonly string[] s_remarks = [.. Enum.GetValues<VrrpRemarks>().Where(r => r != VrrpRemarks.None).Select(VrrpEvents.Id)];

    public void Write(MetricsText text)
    {
        text.Gauge("lvsctl_vrrp_up", "1: lvsctl vrrp answers; 0: it does not, and all else of VRRP is missing here.").Sample(status is null ? 0 : 1);
        if (status is null) return;

        text.Gauge("lvsctl_vrrp_real_time", "1: its loop goes before ordinary processes.").Sample(status.RealTime ? 1 : 0);
        text.Gauge("lvsctl_vrrp_memory_locked", "1: its memory cannot be swapped out.").Sample(status.MemoryLocked ? 1 : 0);
        text.Counter("lvsctl_vrrp_timers_total", "Timers of virtual routers that were served.").Sample(status.Lateness.Served);
        text.Counter("lvsctl_vrrp_timers_late_total", "Those of them that were served more than 5 ms late.").Sample(status.Lateness.Notable);
        text.Gauge("lvsctl_vrrp_timer_lateness_max_seconds", "How late the latest of them was, since lvsctl vrrp started.").Sample(status.Lateness.WorstMs / 1000);

        text.Gauge("lvsctl_vrrp_state", "1: a virtual router is in this state.");
        foreach (var router in status.Routers)
        {
            foreach (var state in s_states) text.Sample(router.State == state ? 1 : 0, "router", router.Name, "state", state);
        }
        Routers(text.Gauge("lvsctl_vrrp_state_seconds", "For how long it has been in its state."), r => r.SinceS);
        text.Gauge("lvsctl_vrrp_priority", "kind=base: the manifest's; kind=effective: with what is tracked.");
        foreach (var router in status.Routers)
        {
            text.Sample(router.Priority.Base, "router", router.Name, "kind", "base");
            text.Sample(router.Priority.Value, "router", router.Name, "kind", "effective");
        }
        Routers(text.Gauge("lvsctl_vrrp_peers", "Other routers that were heard."), r => r.Peers.Count);
        Adverts(text, status.Routers);
        Routers(text.Counter("lvsctl_vrrp_transitions_total", "Changes of its state."), r => r.Counters.Transitions);
        Routers(text.Counter("lvsctl_vrrp_became_master_total", "Times that it became master."), r => r.Counters.TimesMaster);
        Routers(text.Counter("lvsctl_vrrp_announcements_total", "Gratuitous ARP packets and unsolicited neighbour advertisements."), r => r.Counters.Announcements);
        Routers(text.Counter("lvsctl_vrrp_rivals_total", "Advertisements of another master that were heard as master."), r => r.Counters.Rivals);
        Routers(text.Counter("lvsctl_vrrp_late_total", "Times that it was too late to be believed, and listened before it acted."), r => r.Counters.Late);
    }

    void Adverts(MetricsText text, IReadOnlyList<VrrpRouterDocument> routers)
    {
        Routers(text.Counter("lvsctl_vrrp_adverts_sent_total", "Advertisements that were sent."), r => r.Counters.Sent);
        Routers(text.Counter("lvsctl_vrrp_adverts_unsent_total", "Advertisements that the kernel did not take."), r => r.Counters.SendFailures);
        Routers(text.Counter("lvsctl_vrrp_adverts_received_total", "Advertisements of others that were accepted."), r => r.Counters.Received);
        Causes("lvsctl_vrrp_adverts_refused_total", "Advertisements of others that were not accepted, by what was wrong.", s_refusals, r => r.Refused);
        Causes("lvsctl_vrrp_adverts_odd_total", "Advertisements that were accepted although they are not quite as ours, by what was odd.", s_remarks, r => r.Remarks);

        void Causes(string name, string help, string[] causes, Func<VrrpCounters, IReadOnlyDictionary<string, long>> counted)
        {
            text.Counter(name, help);
            foreach (var router in routers)
            {
                foreach (var cause in causes) text.Sample(counted(router.Counters).GetValueOrDefault(cause), "router", router.Name, "cause", cause);
            }
        }
    }

    void Routers(MetricsText text, Func<VrrpRouterDocument, double> value)
    {
        foreach (var router in status!.Routers) text.Sample(value(router), "router", router.Name);
    }
}
