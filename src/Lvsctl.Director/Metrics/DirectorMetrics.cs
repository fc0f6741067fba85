using System.Reflection;
using System.Runtime.InteropServices;
using Lvsctl.Core.Events;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Running;

namespace Lvsctl.Director.Metrics;

/// <summary>All that the daemon tells Prometheus.</summary>
/// <param name="vrrp">Null: virtual routers are none of this host's business.</param>
/// <param name="events">Since the start, by the id of their kind.</param>
/// <param name="journalDropped">Entries that the disk did not take for too long.</param>
sealed class DirectorMetrics(
    DirectorView view,
    TableLabels labels,
    KernelReading kernel,
    VrrpMetrics? vrrp,
    IReadOnlyDictionary<string, long> events,
    long journalDropped,
    IReadOnlyList<NotificationSample> notifications)
{
    static readonly LabelSet[] s_bounds = [.. DirectorCounters.DurationBounds.Select(b => LabelSet.Of("le", $"{b}")), LabelSet.Of("le", "+Inf")];
    static readonly LabelSet s_up = LabelSet.Of("direction", "up");
    static readonly LabelSet s_down = LabelSet.Of("direction", "down");

    /// <summary>As in <c>lvsctl --version</c>.</summary>
    public static string Version { get; } = typeof(DirectorMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Each step of it is a place where what was written so far may be sent.</summary>
    public IEnumerable<int> Write(MetricsText text)
    {
        foreach (var step in Table(text)) yield return step;
        foreach (var step in Transitions(text)) yield return step;
        foreach (var step in Traffic(text)) yield return step;
        Probes(text);
        yield return 0;
        Plan(text);
        Manifest(text);
        Work(text);
        vrrp?.Write(text);
        Events(text);
        yield return 0;
        Process(text);
        text.End();
    }

    IEnumerable<int> Table(MetricsText text) => new TableMetrics(
        labels,
        use => view.States[use.Service][use.Server],
        service => view.Services[service],
        view.Last?.Planned,
        (service, server) => kernel.Find(service, server)?.Server.Weight).Write(text);

    IEnumerable<int> Transitions(MetricsText text)
    {
        text.Counter("lvsctl_server_transitions_total", "Times that a server came up or went down.");
        for (var s = 0; s < view.Plan.Services.Count; s++)
        {
            var spec = view.Plan.Services[s].Spec;
            for (var i = 0; i < spec.Servers.Count; i++)
            {
                var (ups, downs) = view.Counters.Transitions.GetValueOrDefault((spec.Name, spec.Servers[i].Name));
                var server = labels[new TargetUse(s, i)];
                text.Sample(ups, server, s_up);
                text.Sample(downs, server, s_down);
            }
            yield return s;
        }
    }

    // By the kernel's own counters, which begin anew when an entry is added.
    IEnumerable<int> Traffic(MetricsText text)
    {
        text.Gauge("lvsctl_kernel_readable", "1: the counters of connections and bytes could be read for this answer; 0: they are missing in it.").Sample(kernel.Trouble is null ? 1 : 0);
        if (kernel.Trouble is not null) yield break;

        Services("lvsctl_service_connections_total", "Connections that were made, since the service is in the kernel's table.", t => t.Connections);
        Services("lvsctl_service_incoming_bytes_total", "Bytes from clients, of IP packets.", t => t.InBytes);
        Services("lvsctl_service_outgoing_bytes_total", "Bytes to clients, of IP packets; 0 where they do not come through the director.", t => t.OutBytes);
        foreach (var step in Servers(text.Gauge("lvsctl_server_connections_active", "Established connections; always 0 for UDP."), s => s.ActiveConnections)) yield return step;
        foreach (var step in Servers(text.Gauge("lvsctl_server_connections_inactive", "All other connections that the kernel remembers."), s => s.InactiveConnections)) yield return step;
        foreach (var step in Servers(text.Counter("lvsctl_server_connections_total", "Connections that were made, since the server is in the kernel's table."), s => s.Statistics.Connections)) yield return step;
        foreach (var step in Servers(text.Counter("lvsctl_server_incoming_bytes_total", "Bytes from clients, of IP packets."), s => s.Statistics.InBytes)) yield return step;
        foreach (var step in Servers(text.Counter("lvsctl_server_outgoing_bytes_total", "Bytes to clients, of IP packets; 0 where they do not come through the director."), s => s.Statistics.OutBytes)) yield return step;

        void Services(string name, string help, Func<TrafficStatistics, double> value)
        {
            text.Counter(name, help);
            for (var s = 0; s < view.Plan.Services.Count; s++)
            {
                if (kernel.Pools.GetValueOrDefault(view.Plan.Services[s].Key) is { } pool) text.Sample(value(pool.Service.Statistics), labels[s]);
            }
        }
    }

    IEnumerable<int> Servers(MetricsText text, Func<ObservedServer, double> value)
    {
        for (var s = 0; s < view.Plan.Services.Count; s++)
        {
            var service = view.Plan.Services[s];
            if (kernel.Pools.GetValueOrDefault(service.Key) is not { } pool) continue;
            for (var i = 0; i < service.Spec.Servers.Count; i++)
            {
                var spec = service.Spec.Servers[i];
                if (pool.Servers.GetValueOrDefault(new(spec.Address, Core.Cluster.DesiredTableBuilder.Port(spec, service.Key))) is { } there) text.Sample(value(there), labels[new TargetUse(s, i)]);
            }
            yield return s;
        }
    }

    void Probes(MetricsText text)
    {
        var checks = view.Counters.Checks.OrderBy(c => c.Key.Check, StringComparer.Ordinal).ThenBy(c => c.Key.Kind, StringComparer.Ordinal).Select(c => (Labels: LabelSet.Of("check", c.Key.Check, "kind", c.Key.Kind), c.Value)).ToList();
        text.Counter("lvsctl_probes_total", "Probes that ended; result=unmade: the director itself could not make them.");
        foreach (var (check, counted) in checks)
        {
            text.Sample(counted.Up, check.With("result", "up"));
            text.Sample(counted.Down, check.With("result", "down"));
            text.Sample(counted.Unmade, check.With("result", "unmade"));
        }
        text.Histogram("lvsctl_probe_duration_seconds", "What probes took to their verdict.");
        foreach (var (check, counted) in checks)
        {
            var below = 0L;
            for (var b = 0; b < s_bounds.Length; b++) text.Sample(below += counted.Durations[b], check, s_bounds[b], "_bucket"u8);
            text.Sample(counted.Duration, check, suffix: "_sum"u8);
            text.Sample(below, check, suffix: "_count"u8);
        }

        var (unmade, warnings) = (0, 0);
        foreach (var tracker in view.Trackers)
        {
            if (tracker.Last is not { } last) continue;
            if (last.Verdict == ProbeVerdict.Unmade) unmade++;
            if (last.Warning is not null) warnings++;
        }
        text.Gauge("lvsctl_probe_targets", "Addresses and ports that are probed.").Sample(view.Plan.Targets.Count);
        text.Gauge("lvsctl_probe_targets_unmade", "Those of them that the director itself cannot probe now.").Sample(unmade);
        text.Gauge("lvsctl_probe_targets_warning", "Those of them whose last answer was good and wants to be looked at, such as a certificate that ends soon.").Sample(warnings);
        text.Gauge("lvsctl_probes_pending", "Probes under way or in line.").Sample(view.Pending);
    }

    void Plan(MetricsText text)
    {
        text.Gauge("lvsctl_degraded", "1: the kernel's table cannot be seen to.").Sample(view.Trouble is null ? 0 : 1);
        if (view.Last is { } last)
        {
            // What was refused or failed is wanted still.
            var pending = Math.Max(0, last.Planned.Plan.Steps.Count - (last.Report?.Done.Count ?? 0));
            text.Gauge("lvsctl_plan_pending", "Changes that are wanted and were not made.").Sample(pending);
            text.Gauge("lvsctl_plan_refused", "1: the safety gate refused the plan.").Sample(last.Refusals.Count > 0 ? 1 : 0);
            text.Gauge("lvsctl_foreign_entries", "Entries of the kernel's table that are not lvsctl's.").Sample(last.Planned.Plan.Foreign.Count);
            text.Gauge("lvsctl_last_run_timestamp_seconds", "When the last pass over the kernel's table ended.").Sample(Seconds(last.At));
            text.Gauge("lvsctl_last_run_duration_seconds", "What it took.").Sample(view.Counters.LastPassSeconds);
            if (last.LastSuccess is { } success) text.Gauge("lvsctl_last_successful_apply_timestamp_seconds", "When the kernel's table was last known to be as wanted.").Sample(Seconds(success));
        }
        text.Gauge("lvsctl_waits_for_people", "1: an apply waits to be confirmed or was rolled back, and only health changes the table.").Sample(view.Waits is null ? 0 : 1);
        text.Gauge("lvsctl_intents", "What operators asked of servers and have not taken back.");
        foreach (var kind in Enum.GetValues<IntentKind>()) text.Sample(view.State.Intents.Count(i => i.Kind == kind), "kind", Name(kind));
    }

    void Manifest(MetricsText text)
    {
        text.Gauge("lvsctl_manifest_info", "Always 1; hash: tells versions of the manifest in force apart.").Sample(1, "cluster", view.Cluster.Name, "hash", view.Manifest.Hash);
        text.Gauge("lvsctl_manifest_read_timestamp_seconds", "When the manifest in force was read.").Sample(Seconds(view.Manifest.ReadAt));
        text.Gauge("lvsctl_manifest_refused", "1: there is a newer manifest, which cannot be used.").Sample(view.Manifest.Refused is null ? 0 : 1);
        text.Counter("lvsctl_reloads_total", "Manifests that were read after the first.");
        text.Sample(view.Counters.ReloadsDone, "result", "done");
        text.Sample(view.Counters.ReloadsRefused, "result", "refused");
    }

    void Work(MetricsText text)
    {
        text.Counter("lvsctl_passes_total", "Passes over the kernel's table.").Sample(view.Counters.Passes);
        text.Counter("lvsctl_pass_seconds_total", "What they took together.").Sample(view.Counters.PassSeconds);
        text.Counter("lvsctl_steps_total", "Entries of the kernel's table that were changed.");
        foreach (var action in Enum.GetValues<PlanAction>()) text.Sample(view.Counters.Steps.GetValueOrDefault(action), "action", Name(action));
        text.Counter("lvsctl_steps_failed_total", "Changes that the kernel refused.").Sample(view.Counters.StepsFailed);
        text.Counter("lvsctl_drift_repaired_total", "Times that somebody else's changes to the kernel's table were mended.").Sample(view.Counters.Drifts);
        text.Counter("lvsctl_kernel_errors_total", "Times that the kernel, or the state's disk, could not be worked with.").Sample(view.Counters.KernelErrors);
        text.Gauge("lvsctl_loop_longest_turn_seconds", "The longest that the director's loop was held up, within the last minute or two.").Sample(view.Counters.LongestTurn);
    }

    void Events(MetricsText text)
    {
        text.Counter("lvsctl_events_total", "What happened, by the kind of event.");
        foreach (var kind in EventKinds.All.Where(k => k.Level > EventLevel.Debug)) text.Sample(events.GetValueOrDefault(kind.Id), "event", kind.Id);
        text.Counter("lvsctl_journal_dropped_total", "Events that the disk did not take for so long that they were given up.").Sample(journalDropped);
        if (notifications.Count == 0) return;
        text.Counter("lvsctl_notifications_total", "Notifications by target; result=failed: attempts that are made again, given-up: never delivered.");
        foreach (var sample in notifications)
        {
            text.Sample(sample.Delivered, "target", sample.Target, "kind", sample.Kind, "result", "delivered");
            text.Sample(sample.FailedAttempts, "target", sample.Target, "kind", sample.Kind, "result", "failed");
            text.Sample(sample.GivenUp, "target", sample.Target, "kind", sample.Kind, "result", "given-up");
        }
        text.Gauge("lvsctl_notifications_waiting", "Notifications that are to be delivered.");
        foreach (var sample in notifications) text.Sample(sample.Waiting, "target", sample.Target, "kind", sample.Kind);
    }

    static void Process(MetricsText text)
    {
        text.Gauge("lvsctl_build_info", "Always 1.").Sample(1, "version", Version, "runtime", RuntimeInformation.FrameworkDescription);
        ProcessFigures.Write(text);
    }

    static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
