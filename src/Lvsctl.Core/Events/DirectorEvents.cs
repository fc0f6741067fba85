using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using static Lvsctl.Core.Events.EventFields;

namespace Lvsctl.Core.Events;

/// <summary>Puts facts into words: what the log, the journal and the notifications say.</summary>
public static class DirectorEvents
{
    public static DirectorEvent Started(int services, int servers, int probes) =>
        new(EventKinds.DirectorStarted, $"lvsctl runs: {services} services, {servers} servers, {probes} probes", [new(Services, services), new(Servers, servers), new(Probes, probes)]);

    public static DirectorEvent Stopping(string why, bool flushes) =>
        new(EventKinds.DirectorStopping, flushes ? $"lvsctl stops: {why}; what is its own in the kernel's table goes, as flush-on-exit wants it" : $"lvsctl stops: {why}; the kernel's table stays", [new(Reason, why)]);

    public static DirectorEvent Flushed(int entries) => new(EventKinds.DirectorFlushed, $"{entries} entries of lvsctl's were removed, as flush-on-exit wants it", [new(EventFields.Steps, entries)]);

    public static DirectorEvent Degraded(string why) => new(EventKinds.DirectorDegraded, $"the kernel's table cannot be seen to: {why}; trying again", [new(Reason, why)]);

    public static DirectorEvent Recovered(TimeSpan after) =>
        new(EventKinds.DirectorRecovered, $"the kernel's table can be seen to again, after {Duration.Text(Rounded(after))}", [new(Seconds, after.TotalSeconds)]);

    public static DirectorEvent HeldUp(TimeSpan time) =>
        new(EventKinds.DirectorHeldUp, $"the director was held up for {Duration.Text(Rounded(time))}; that time does not count as the servers'", [new(Seconds, time.TotalSeconds)]);

    public static DirectorEvent ClockStepped(TimeSpan by) =>
        new(EventKinds.ClockStepped, $"the wall clock was set {Duration.Text(Rounded(by.Duration()))} {(by > TimeSpan.Zero ? "forward" : "back")}; probes and time-outs go on, drains end at the new clock's time", [new(Seconds, by.TotalSeconds)]);

    public static DirectorEvent Warning(string text) => new(EventKinds.DirectorWarning, text, []);

    public static DirectorEvent Reloaded(int kept, int added, int gone) =>
        new(EventKinds.ConfigReloaded, $"manifest reloaded: {kept} probes go on, {added} are new, {gone} are gone", [new(Kept, kept), new(Added, added), new(Gone, gone)]);

    public static DirectorEvent VrrpReloaded(int routers) => new(EventKinds.ConfigReloaded, $"lvsctl vrrp has read its manifest again: virtual routers: {routers}", []);

    public static DirectorEvent ReloadRefused(string why) => new(EventKinds.ConfigRefused, $"manifest refused, the old one stays in force: {why}", [new(Reason, why)]);

    public static DirectorEvent Refused(string rule, string text) =>
        new(EventKinds.PlanRefused, $"refused by the safety gate ({rule}): {text}; only what health wants is done", [new(Rule, rule), new(Reason, text)]);

    public static DirectorEvent ServerChanged(string service, string server, HealthState state, string check, in ProbeOutcome outcome, StateChange change, TimeSpan? sinceOk)
    {
        var count = Math.Abs(change.Count);
        var reason = outcome.Reason.Words();
        List<EventField> fields =
        [
            new(Service, service), new(Server, server), new(Check, check), new(Reason, reason), new(RttMs, Math.Round(outcome.Took.TotalMilliseconds, 3)),
            new(state == HealthState.Up ? Successes : Fails, count), new(Threshold, change.Threshold),
        ];
        if (outcome.Detail is { } detail) fields.Add(new(Detail, detail));
        if (sinceOk is { } since) fields.Add(new(LastOkSeconds, Math.Round(since.TotalSeconds, 3)));
        if (state == HealthState.Up) return new(EventKinds.ServerUp, $"{service}/{server} is up (check {check}, {count} in a row)", [.. fields]);
        var held = change.IsHeld ? "; it came and went too often and is held down" : "";
        return new(EventKinds.ServerDown, $"{service}/{server} is down: {outcome.Detail ?? reason} (check {check}, {count} in a row){held}", [.. fields]);
    }

    /// <summary>One for each thing that the service gained or lost.</summary>
    public static IEnumerable<DirectorEvent> ServiceChanged(ServiceChange change)
    {
        var (before, after) = (change.Before, change.After);
        Cluster.ValueList<EventField> fields = [new(Service, after.Name), new(Healthy, after.Healthy), new(Serving, after.Serving), new(KeptIn, after.KeptIn)];
        if (before.HasQuorum != after.HasQuorum)
        {
            yield return after.HasQuorum
                ? new(EventKinds.ServiceQuorum, $"{after.Name} has its quorum: {after.Healthy} healthy", fields)
                : new(EventKinds.ServiceNoQuorum, $"{after.Name} lost its quorum: {after.Healthy} healthy", fields);
        }
        if (before.FallbackStandsIn != after.FallbackStandsIn)
        {
            yield return after.FallbackStandsIn
                ? new(EventKinds.ServiceFallback, $"the fallback of {after.Name} stands in", fields)
                : new(EventKinds.ServiceFallbackOver, $"the fallback of {after.Name} is not needed any more", fields);
        }
        if (IsServed(before) != IsServed(after))
        {
            yield return IsServed(after)
                ? new(EventKinds.ServiceServed, $"{after.Name} is answered again", fields)
                : new(EventKinds.ServiceUnserved, $"nobody is left to answer for {after.Name}", fields);
        }
        if (before.KeptIn != after.KeptIn && after.KeptIn > 0) yield return new(EventKinds.ServiceFloor, $"{after.Name} keeps {after.KeptIn} sick servers in, as min-healthy wants it", fields);

        static bool IsServed(ServiceStatus status) => status.Serving > 0 || status.FallbackStandsIn;
    }

    public static DirectorEvent Probed(ProbeTarget target, in ProbeOutcome outcome) =>
        new(EventKinds.Probe, $"{target}: {outcome.Detail ?? outcome.Reason.Words()}, {outcome.Took.TotalMilliseconds:0.###} ms",
            [new(Check, target.Check.Name), new(Target, target.ToString()), new(Reason, outcome.Reason.Words()), new(RttMs, Math.Round(outcome.Took.TotalMilliseconds, 3))]);

    public static DirectorEvent ProbeUnmade(ProbeTarget target, in ProbeOutcome outcome) =>
        new(EventKinds.ProbeUnmade, $"cannot probe {target}: {outcome.Detail ?? outcome.Reason.Words()}; its server stays as it is", [new(Check, target.Check.Name), new(Target, target.ToString()), new(Reason, outcome.Reason.Words())]);

    public static DirectorEvent ProbeMadeAgain(ProbeTarget target) =>
        new(EventKinds.ProbeMadeAgain, $"{target} can be probed again", [new(Check, target.Check.Name), new(Target, target.ToString())]);

    public static DirectorEvent ProbeWarning(ProbeTarget target, string warning) =>
        new(EventKinds.ProbeWarning, $"{target}: {warning}", [new(Check, target.Check.Name), new(Target, target.ToString()), new(Detail, warning)]);

    public static DirectorEvent Step(PlanStep step) =>
        new(EventKinds.ApplyStep, $"{Verb(step)} {Name(step)}{(step.Because is { } because ? $": {because}" : "")}", StepFields(step));

    public static DirectorEvent StepFailed(PlanStep step, string why) => new(EventKinds.ApplyFailed, $"{Verb(step)} {Name(step)} failed: {why}; trying again", [.. StepFields(step), new(Reason, why)]);

    /// <summary>Somebody else changed what is lvsctl's.</summary>
    public static DirectorEvent Drifted(int steps) => new(EventKinds.DriftRepaired, $"somebody changed the kernel's table behind lvsctl: {steps} changes to mend it", [new(EventFields.Steps, steps)]);

    /// <param name="who">As the kernel says of the caller: <c>root</c>, <c>uid 1000</c>.</param>
    public static DirectorEvent Asked(Intent intent, string who)
    {
        var (verb, more) = intent.Kind switch
        {
            IntentKind.Drain => ("drain", $"until {TimeText.Of(intent.Deadline ?? intent.Since)}, then {intent.Then.ToString().ToLowerInvariant()}"),
            IntentKind.Maintain => ("maintain", "until resumed"),
            _ => ("weight", $"{intent.Weight} until resumed"),
        };
        return new(EventKinds.IntentTaken, $"{who} asked: {verb} {Whom(intent.Service, intent.Server)}, {more}", [.. Where(intent.Service, intent.Server), new(Kind, verb), new(Who, who)]);
    }

    public static DirectorEvent TakenBack(string? service, string server, string who) =>
        new(EventKinds.IntentReturned, $"{who} asked: resume {Whom(service, server)}", [.. Where(service, server), new(Kind, "resume"), new(Who, who)]);

    public static DirectorEvent DrainProgressed(string service, string server, long active, long inactive, long persistent, TimeSpan left) =>
        new(EventKinds.DrainProgress, $"{service}/{server} drains: {active} active and {inactive} inactive connections, {persistent} persistence templates, {Duration.Text(Rounded(left))} left",
            [new(Service, service), new(Server, server), new(Active, active), new(Inactive, inactive), new(Persistent, persistent), new(LeftSeconds, Math.Round(left.TotalSeconds))]);

    public static DirectorEvent Drained(string service, string server, bool isLate) =>
        new(EventKinds.DrainDone, isLate ? $"{service}/{server} has not drained in its time; what is left of it ends now" : $"{service}/{server} has drained", [new(Service, service), new(Server, server)]);

    public static DirectorEvent NotifyFailed(string target, string why) => new(EventKinds.NotifyFailed, $"{target} cannot be told: {why}", [new(NotifyTarget, target), new(Reason, why)]);

    /// <param name="failures">Tries in vain.</param>
    public static DirectorEvent NotifyDelivered(string target, int failures) =>
        new(EventKinds.NotifyDelivered, $"{target} can be told again, after {failures} tries in vain", [new(NotifyTarget, target), new(Fails, failures)]);

    public static DirectorEvent NotifyGivenUp(string target, long events, string why) =>
        new(EventKinds.NotifyGivenUp, $"{target} is not told of {events} {(events == 1 ? "event" : "events")}: {why}", [new(NotifyTarget, target), new(Times, events), new(Reason, why)]);

    public static DirectorEvent JournalDamaged(string what) => new(EventKinds.JournalDamaged, what, []);

    /// <param name="times">More than the first.</param>
    public static DirectorEvent Repeated(DirectorEvent what, int times) =>
        new(EventKinds.Repeated, $"{times} times more: {what.Text}", [new(EventFields.Repeated, what.Kind.Id), new(Times, times)]);

    static string Verb(PlanStep step) => step.Action.ToString().ToLowerInvariant();

    static string Name(PlanStep step) => step.Server is null ? step.Service : $"{step.Service}/{step.Server}";

    static Cluster.ValueList<EventField> StepFields(PlanStep step)
    {
        List<EventField> fields = [new(EventFields.Action, Verb(step)), new(Service, step.Service)];
        if (step.Server is { } server) fields.Add(new(Server, server));
        if (step.Because is { } because) fields.Add(new(Because, because));
        return [.. fields];
    }

    static string Whom(string? service, string server) => service is null ? server : $"{service}/{server}";

    static List<EventField> Where(string? service, string server) => service is null ? [new(Server, server)] : [new(Service, service), new(Server, server)];

    static TimeSpan Rounded(TimeSpan time) => time.TotalSeconds < 10 ? TimeSpan.FromMilliseconds(Math.Round(time.TotalMilliseconds)) : TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));
}
