using System.Globalization;
using Lvsctl.Core.Model;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Cli.Commands.Vrrp;

/// <summary>The VRRP process as people read it.</summary>
static class VrrpStatusText
{
    public static void Write(TextWriter output, VrrpStatusDocument status)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Director {status.Director}, process {status.Process}; {(status.RealTime ? "real-time" : "ordinary")} scheduling, memory {(status.MemoryLocked ? "locked" : "not locked")}; worst lateness {status.Lateness.WorstMs:0.0} ms, {status.Lateness.Notable} of {status.Lateness.Served} timers more than 5 ms late"));
        foreach (var router in status.Routers) Write(output, router);
    }

    static void Write(TextWriter output, VrrpRouterDocument router)
    {
        output.WriteLine();
        output.WriteLine($"{router.Name}: {router.State} for {Time(router.SinceS)}{(router.Fault is { } fault ? $" ({(fault == "group" ? $"another router of sync group {router.SyncGroup} has one" : fault)})" : "")}");
        Line("priority", router.Priority.Text + (router.Preempt ? "" : ", does not preempt"));
        if (router.HeldS is { } held) Line("held", held == double.MaxValue ? "stands back until 'lvsctl vrrp resume'" : $"stands back for {Time(held)} more; 'lvsctl vrrp resume' ends it");
        if (router.Trouble is { } trouble) Line("trouble", trouble);
        Line("speaks", $"VRRP {router.Version} on {router.Interface}, id {router.Id}, from {router.Source ?? "nowhere: the interface has no address"}{(router.SyncGroup is { } group ? $", sync group {group}" : "")}");
        Line("addresses", string.Join(", ", router.Addresses));
        if (router.Master is { } master) Line("master", $"{master.Address} (priority {master.Priority})");
        foreach (var peer in router.Peers) Line("heard", string.Create(CultureInfo.InvariantCulture, $"{peer.Address} (priority {peer.Priority}) {Time(peer.HeardS ?? 0)} ago, {peer.Adverts} times"));
        var timers = router.Timers;
        Line("timers", string.Create(CultureInfo.InvariantCulture, $"interval {timers.IntervalMs:0.###} ms, master's {timers.MasterIntervalMs:0.###} ms, skew {timers.SkewMs:0.###} ms, master down after {timers.MasterDownMs:0.###} ms"));
        var counters = router.Counters;
        Line("counters", string.Create(CultureInfo.InvariantCulture, $"sent {counters.Sent} ({counters.SendFailures} failed), received {counters.Received}, announced {counters.Announcements}, changes {counters.Transitions}, master {counters.TimesMaster} times, rivals {counters.Rivals}, late {counters.Late}"));
        if (counters.Refused.Count > 0) Line("refused", Causes(counters.Refused));
        if (counters.Remarks.Count > 0) Line("odd", Causes(counters.Remarks));

        void Line(string name, string text) => output.WriteLine($"  {name,-9} {text}");
    }

    static string Causes(IReadOnlyDictionary<string, long> causes) => string.Join(", ", causes.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value}")));

    static string Time(double seconds) => Duration.Text(TimeSpan.FromSeconds(seconds < 10 ? Math.Round(seconds, 1) : Math.Floor(seconds)));
}
