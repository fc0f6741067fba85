using static Lvsctl.Core.Cluster.NotifyEvent;
using static Lvsctl.Core.Events.EventLevel;

namespace Lvsctl.Core.Events;

/// <summary>All kinds of events there are. A test keeps the list.</summary>
public static class EventKinds
{
    static readonly List<EventKind> s_all = [];

    public static readonly EventKind DirectorStarted = Add("director.started", Info, Director, "lvsctl runs.");
    public static readonly EventKind DirectorStopping = Add("director.stopping", Info, Director, "lvsctl was told to stop.");
    public static readonly EventKind DirectorFlushed = Add("director.flushed", Info, Director, "What was lvsctl's was removed on stopping, as flush-on-exit wants it.");
    public static readonly EventKind DirectorDegraded = Add("director.degraded", Error, Director, "The kernel's table cannot be seen to; it is tried again.");
    public static readonly EventKind DirectorRecovered = Add("director.recovered", Info, Director, "The kernel's table can be seen to again.");
    public static readonly EventKind DirectorHeldUp = Add("director.held-up", Warning, Director, "The director's loop was held up: by load, a stopped process or a sleeping machine.");
    public static readonly EventKind DirectorWarning = Add("director.warning", Warning, Director, "Something of the director's own wants to be looked at.");
    public static readonly EventKind ClockStepped = Add("clock.stepped", Warning, Director, "Somebody set the wall clock.");
    public static readonly EventKind ConfigReloaded = Add("config.reloaded", Info, Config, "Another manifest is in force.");
    public static readonly EventKind ConfigRefused = Add("config.refused", Error, Config, "The manifest cannot be used; the old one stays in force.");
    public static readonly EventKind PlanRefused = Add("plan.refused", Error, Config, "The safety gate refused; only what health wants is done.");
    public static readonly EventKind ServerUp = Add("server.up", Info, Server, "A server's checks say it is well.");
    public static readonly EventKind ServerDown = Add("server.down", Warning, Server, "A server's checks say it is sick.");
    public static readonly EventKind ServiceQuorum = Add("service.quorum", Info, Service, "A service has its quorum again.");
    public static readonly EventKind ServiceNoQuorum = Add("service.no-quorum", Error, Service, "A service lost its quorum.");
    public static readonly EventKind ServiceFallback = Add("service.fallback", Warning, Service, "A service's fallback stands in.");
    public static readonly EventKind ServiceFallbackOver = Add("service.fallback-over", Info, Service, "A service's fallback is not needed any more.");
    public static readonly EventKind ServiceFloor = Add("service.floor", Warning, Service, "A service keeps sick servers in, as min-healthy wants it.");
    public static readonly EventKind ServiceUnserved = Add("service.unserved", Error, Service, "Nobody is left to answer for a service.");
    public static readonly EventKind ServiceServed = Add("service.served", Info, Service, "Somebody answers for a service again.");
    public static readonly EventKind Probe = Add("probe", Debug, null, "A probe was made.");
    public static readonly EventKind ProbeUnmade = Add("probe.unmade", Warning, Director, "The director itself cannot make a probe; the server stays as it is.");
    public static readonly EventKind ProbeMadeAgain = Add("probe.made-again", Info, Director, "A probe that could not be made can be made again.");
    public static readonly EventKind ProbeWarning = Add("probe.warning", Warning, Director, "A good answer that wants to be looked at, such as a certificate that ends soon.");
    public static readonly EventKind ApplyStep = Add("apply.step", Info, null, "One entry of the kernel's table was changed.");
    public static readonly EventKind ApplyFailed = Add("apply.failed", Error, Director, "The kernel refused a change; it is tried again.");
    public static readonly EventKind DriftRepaired = Add("drift.repaired", Warning, Director, "Somebody changed the kernel's table behind lvsctl, and it was mended.");
    public static readonly EventKind IntentTaken = Add("intent.taken", Info, Config, "An operator asked something of a server: drain, maintain or weight.");
    public static readonly EventKind IntentReturned = Add("intent.returned", Info, Config, "An operator took back what was asked of a server.");
    public static readonly EventKind DrainProgress = Add("drain.progress", Info, null, "What a draining server still holds.");
    public static readonly EventKind DrainDone = Add("drain.done", Info, Config, "A server has drained, or its time was up.");
    public static readonly EventKind NotifyFailed = Add("notify.failed", Warning, null, "A notification could not be delivered yet; it is tried again.");
    public static readonly EventKind NotifyDelivered = Add("notify.delivered", Info, null, "Notifications can be delivered again.");
    public static readonly EventKind NotifyGivenUp = Add("notify.given-up", Error, null, "A notification was not delivered in its time, or its place in the queue was lost.");
    public static readonly EventKind VrrpStarted = Add("vrrp.started", Info, null, "lvsctl vrrp runs.");
    public static readonly EventKind VrrpStopping = Add("vrrp.stopping", Info, null, "lvsctl vrrp was told to stop.");
    public static readonly EventKind VrrpFound = Add("vrrp.found", Info, null, "The director found lvsctl vrrp at work, and left it so.");
    public static readonly EventKind VrrpDied = Add("vrrp.died", Error, Cluster.NotifyEvent.Vrrp, "lvsctl vrrp ended, and nobody had told it to.");
    public static readonly EventKind VrrpTransition = Add("vrrp.transition", Info, Cluster.NotifyEvent.Vrrp, "A virtual router changed its state.");
    public static readonly EventKind VrrpGroup = Add("vrrp.group", Info, Cluster.NotifyEvent.Vrrp, "All routers of a sync group have come to the same state.");
    public static readonly EventKind VrrpRival = Add("vrrp.rival", Error, Cluster.NotifyEvent.Vrrp, "Two routers were master at once.");
    public static readonly EventKind VrrpRivalGone = Add("vrrp.rival-gone", Info, Cluster.NotifyEvent.Vrrp, "Another master that was heard is silent again.");
    public static readonly EventKind VrrpLate = Add("vrrp.late", Warning, Cluster.NotifyEvent.Vrrp, "A virtual router's timer was served too late, and it acted upon that.");
    public static readonly EventKind VrrpRefused = Add("vrrp.refused", Warning, null, "An advertisement was not accepted.");
    public static readonly EventKind VrrpRemark = Add("vrrp.remark", Warning, null, "An advertisement was accepted that is not quite as ours.");
    public static readonly EventKind VrrpPriority = Add("vrrp.priority", Info, null, "Something tracked changed what a virtual router's priority is.");
    public static readonly EventKind VrrpAddress = Add("vrrp.address", Warning, Cluster.NotifyEvent.Vrrp, "Somebody took a virtual address away from its master, and it was put back.");
    public static readonly EventKind VrrpTrouble = Add("vrrp.trouble", Error, Cluster.NotifyEvent.Vrrp, "A virtual router cannot do something; it is tried again.");
    public static readonly EventKind JournalDamaged = Add("journal.damaged", Warning, Director, "Parts of the journal could not be read; the rest is kept.");
    public static readonly EventKind Repeated = Add("repeated", Info, null, "What was said before happened so many times more.");

    public static IReadOnlyList<EventKind> All => s_all;

    /// <summary>A kind that this lvsctl does not know, of a newer one's journal, keeps its id.</summary>
    public static EventKind Find(string id, EventLevel level) => s_all.Find(k => k.Id == id) ?? new(id, level, null, "Unknown to this lvsctl.");

    static EventKind Add(string id, EventLevel level, Cluster.NotifyEvent? topic, string meaning)
    {
        var kind = new EventKind(id, level, topic, meaning);
        s_all.Add(kind);
        return kind;
    }
}
