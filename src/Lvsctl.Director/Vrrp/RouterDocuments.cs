using Lvsctl.Core.Events;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Director.Vrrp;

/// <summary>A router at work as its document.</summary>
static class RouterDocuments
{
    public static VrrpRouterDocument Of(RouterRun run, TimeSpan now)
    {
        var (spec, election) = (run.Part.Spec, run.Election);
        var interval = election.MasterInterval;
        return new(run.Name, spec.Id, spec.Version, spec.Interface, run.Source?.ToString(), VrrpEvents.Word(election.State), Seconds(now - election.Since),
            election.Fault == RouterFault.None ? null : VrrpEvents.Id(election.Fault), spec.SyncGroup)
        {
            Priority = new(run.Effective.Base, election.Priority, run.Effective.ToString()),
            Preempt = spec.Preempt,
            HeldS = election.HeldUntil is not { } until ? null : until == TimeSpan.MaxValue ? double.MaxValue : Seconds(until - now),
            Timers = new(spec.Interval.TotalMilliseconds, interval.TotalMilliseconds, Milliseconds(VrrpTimers.Skew(spec.Version, election.Priority, interval)),
                Milliseconds(VrrpTimers.MasterDown(spec.Version, election.Priority, interval)), election.Deadline == TimeSpan.MaxValue ? null : Milliseconds(election.Deadline - now)),
            Master = election.Master is { } master ? new(master.ToString(), election.MasterPriority, null, null) : null,
            Addresses = [.. run.Addresses.Select(a => $"{a} {a.Device}")],
            Peers = [.. run.Peers.OrderBy(p => p.Key).Select(p => new VrrpPeerDocument(p.Key.ToString(), p.Value.Priority, Seconds(now - p.Value.At), p.Value.Adverts))],
            Counters = Counters(run),
            Trouble = run.Trouble,
        };
    }

    static VrrpCounters Counters(RouterRun run)
    {
        var (counters, ledger) = (run.Counters, run.Ledger);
        return new(counters.Sent, counters.SendFailures, counters.Received, counters.Transitions, counters.TimesMaster, counters.Announcements, counters.Rivals, counters.Late,
            Enum.GetValues<VrrpRefusal>().Where(c => ledger[c] > 0).ToDictionary(VrrpEvents.Id, c => ledger[c]),
            Enum.GetValues<VrrpRemarks>().Where(r => r != VrrpRemarks.None && ledger[r] > 0).ToDictionary(VrrpEvents.Id, r => ledger[r]));
    }

    static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
