using Lvsctl.Core.Health;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Director.Logging;

public sealed partial class DirectorLog
{
    public void Started(int services, int servers, int targets) =>
        Event("director.started").Information("lvsctl runs: {Services} services, {Servers} servers, {Probes} probes", services, servers, targets);

    public void Stopping(string why) => Event("director.stopping").Information("lvsctl stops: {Why}; the kernel's table stays", why);

    public void Flushed(int entries) => Event("director.flushed").Information("{Entries} entries of lvsctl's were removed, as flush-on-exit wants it", entries);

    public void Reloaded(int kept, int added, int gone) =>
        Event("config.reloaded").Information("manifest reloaded: {Kept} probes go on, {Added} are new, {Gone} are gone", kept, added, gone);

    public void ReloadRefused(string why) => Event("config.refused").Error("manifest refused, the old one stays in force: {Why}", why);

    public void ServerChanged(string service, string server, HealthState state, string check, ProbeOutcome outcome, StateChange change, TimeSpan? sinceOk)
    {
        var name = state == HealthState.Up ? "server.up" : "server.down";
        var log = Event(name).ForContext("Reason", outcome.Reason.Words()).ForContext("RttMs", outcome.Took.TotalMilliseconds).ForContext("Threshold", change.Threshold);
        if (state == HealthState.Up) log.Information("{Service}/{Server} is up (check {Check}, {Count} in a row)", service, server, check, change.Count);
        else log.ForContext("LastOkS", sinceOk?.TotalSeconds).Warning("{Service}/{Server} is down: {Detail} (check {Check}, {Count} in a row)", service, server, outcome.Detail ?? outcome.Reason.Words(), check, Math.Abs(change.Count));
    }

    public void ServiceChanged(ServiceChange change)
    {
        var (before, after) = (change.Before, change.After);
        if (before.HasQuorum != after.HasQuorum)
        {
            if (after.HasQuorum) Event("service.quorum").Information("{Service} has its quorum: {Healthy} healthy", after.Name, after.Healthy);
            else Event("service.no-quorum").Error("{Service} lost its quorum: {Healthy} healthy", after.Name, after.Healthy);
        }
        if (before.FallbackStandsIn != after.FallbackStandsIn)
        {
            if (after.FallbackStandsIn) Event("service.fallback").Warning("the fallback of {Service} stands in", after.Name);
            else Event("service.fallback-over").Information("the fallback of {Service} is not needed any more", after.Name);
        }
        if (before.KeptIn != after.KeptIn && after.KeptIn > 0) Event("service.floor").Warning("{Service} keeps {KeptIn} sick servers in, as min-healthy wants it", after.Name, after.KeptIn);
    }

    public void Probed(ProbeTarget target, in ProbeOutcome outcome) =>
        Event("probe").Debug("{Target}: {Result}, {TookMs} ms", target.ToString(), outcome.Detail ?? outcome.Reason.Words(), outcome.Took.TotalMilliseconds);

    public void ProbeUnmade(ProbeTarget target, in ProbeOutcome outcome) =>
        Event("probe.unmade").Warning("cannot probe {Target}: {Why}; its server stays as it is", target.ToString(), outcome.Detail ?? outcome.Reason.Words());

    public void ProbeMadeAgain(ProbeTarget target) => Event("probe.made-again").Information("{Target} can be probed again", target.ToString());

    public void Step(PlanStep step) =>
        Event("apply.step").Information("{Action} {What}{Because}", step.Action.ToString().ToLowerInvariant(), step.Server is null ? step.Service : $"{step.Service}/{step.Server}", step.Because is { } because ? $": {because}" : "");

    public void StepFailed(PlanStep step, string why) =>
        Event("apply.failed").Error("{Action} {What} failed: {Why}", step.Action.ToString().ToLowerInvariant(), step.Server is null ? step.Service : $"{step.Service}/{step.Server}", why);

    /// <summary>Somebody else changed what is lvsctl's.</summary>
    public void Drifted(int steps) => Event("drift.repaired").Warning("somebody changed the kernel's table behind lvsctl: {Steps} changes to mend it", steps);

    public void Refused(string rule, string text) => Event("plan.refused").Error("refused by the safety gate ({Rule}): {Text}; only what health wants is done", rule, text);

    public void Degraded(string why) => Event("director.degraded").Error("the kernel's table cannot be seen to: {Why}; trying again", why);

    public void Recovered() => Event("director.recovered").Information("the kernel's table can be seen to again");

    public void Warning(string text) => Event("warning").Warning("{Text}", text);
}
