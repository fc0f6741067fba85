using Lvsctl.Core.Health;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Control;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>What a check has to tell, and which exit code that is.</summary>
sealed class CheckReport(CheckResult result, bool dryRun)
{
    public ExitCode Code { get; } = CodeOf(result, dryRun);

    /// <summary>One line for whoever reads cron's mail; null when all went well. A server that went or came back is no trouble: that is the work.</summary>
    public string? Trouble
    {
        get
        {
            var troubles = new List<string>();
            var applied = result.Applied;
            if (applied.Report is null && !dryRun) troubles.Add($"refused by the safety gate: {string.Join("; ", applied.Refusals.Select(r => $"{r.Rule}: {r.Text}"))}; raise the limit, or say --force");
            if (applied.Report is { Failed: [var first, ..] failed }) troubles.Add($"{applied.Report.Done.Count} changes done, {failed.Count} not: {first.Step.Where()}: {first.Why}");
            if (applied.Report is { NotTried.Count: > 0 and var untried }) troubles.Add($"stopped with {untried} changes not tried");
            if (result.Abandoned > 0) troubles.Add($"the deadline passed with {result.Abandoned} of {result.Probed.Count} probes without a verdict");
            if (Unmade is { } unmade) troubles.Add(unmade);
            if (result.IsHeldBack) troubles.Add(NagiosReport.HeldBack);
            troubles.AddRange(result.News);
            return troubles.Count == 0 ? null : string.Join("; ", troubles);
        }
    }

    // The director's own faults: the servers behind them stay as they are.
    string? Unmade
    {
        get
        {
            var unmade = result.Probed.Select((outcome, target) => (outcome, target)).Where(p => p.outcome is { Verdict: ProbeVerdict.Unmade, Reason: not ProbeReason.Abandoned }).ToList();
            if (unmade.Count == 0) return null;
            var (outcome, target) = unmade[0];
            var first = $"{result.Monitor.Plan.Targets[target]}: {outcome!.Value.Detail ?? outcome.Value.Reason.Words()}";
            return unmade.Count == 1 ? $"could not probe {first}" : $"could not make {unmade.Count} of {result.Probed.Count} probes, the first {first}";
        }
    }

    public void WriteProbes(TextWriter output)
    {
        for (var i = 0; i < result.Probed.Count; i++)
        {
            var target = result.Monitor.Plan.Targets[i];
            var text = result.Probed[i] is { } outcome
                ? $"{Words(outcome)}, {outcome.Took.TotalMilliseconds:0.0} ms"
                : "not probed";
            output.WriteLine($"{target}: {text}");
        }
        foreach (var change in result.Changes)
        {
            foreach (var server in change.Servers)
                output.WriteLine($"{result.Monitor.Plan.Services[server.Server.Service].Spec.Name}/{result.Monitor.Plan.NameOf(server.Server)} is {server.To.ToString().ToLowerInvariant()}: {change.Outcome.Detail ?? change.Outcome.Reason.Words()}");
        }
    }

    static string Words(ProbeOutcome outcome)
    {
        var words = outcome.Reason.Words();
        return outcome.Detail is { } detail && detail != words ? $"{words} ({detail})" : words;
    }

    static ExitCode CodeOf(CheckResult result, bool dryRun) => result.Applied.Report switch
    {
        null when dryRun => result.Abandoned > 0 ? ExitCode.DeadlinePassed : ExitCode.Done,
        null => ExitCode.RefusedByGate,
        { NotTried.Count: > 0 } => ExitCode.AppliedInPart,
        { Failed.Count: > 0, Done.Count: 0 } => ExitCode.Failed,
        { Failed.Count: > 0 } => ExitCode.AppliedInPart,
        _ when result.Abandoned > 0 => ExitCode.DeadlinePassed,
        _ when result.Unmade > 0 => ExitCode.Failed,
        _ when result.IsHeldBack => ExitCode.RolledBack,
        _ => ExitCode.Done,
    };}

/// <summary>One line as the plugins of Nagios, Icinga and their kin print it.</summary>
sealed record NagiosReport(int Code, string Text)
{
    public const int Unknown = 3;

    public const string HeldBack = "the last apply was rolled back: what the manifest wants waits for 'lvsctl apply', and only health is seen to";

    const int Ok = 0;
    public const int Warning = 1;
    const int Critical = 2;

    public static NagiosReport Of(CheckResult result)
    {
        var plan = result.Monitor.Plan;
        var statuses = Enumerable.Range(0, plan.Services.Count).Select(i => (Status: result.Monitor.StatusOf(i), plan.Services[i].Spec)).ToList();
        var servers = statuses.Sum(s => s.Spec.Servers.Count);
        var healthy = statuses.Sum(s => s.Status.Healthy);
        var dead = statuses.Where(s => !s.Status.IsUp).Select(s => s.Spec.Name).Distinct().ToList();
        var sick = statuses.Where(s => s.Status.Healthy < s.Spec.Servers.Count).Select(s => $"{s.Spec.Name} {s.Status.Healthy}/{s.Spec.Servers.Count}").Distinct().ToList();
        var refused = result.Applied is { Report: null, Refusals.Count: > 0 };
        var failed = result.Applied.Report is { Failed.Count: > 0 } or { NotTried.Count: > 0 };

        var code = dead.Count > 0 || refused || failed ? Critical
            : result.Unmade > 0 ? Unknown
            : sick.Count > 0 || result.IsHeldBack || result.Warnings.Count > 0 ? Warning
            : Ok;
        var words = new List<string> { $"{statuses.Count} services, {healthy} of {servers} servers healthy" };
        if (dead.Count > 0) words.Add($"down: {string.Join(", ", dead)}");
        if (sick.Count > 0) words.Add(string.Join(", ", sick));
        if (refused) words.Add($"refused: {result.Applied.Refusals[0].Text}");
        if (failed) words.Add("the kernel's table could not be changed as wanted");
        if (result.Unmade > 0) words.Add($"{result.Unmade} probes could not be made");
        if (result.IsHeldBack) words.Add(HeldBack);
        words.AddRange(result.Warnings);
        var name = code switch { Ok => "OK", Warning => "WARNING", Critical => "CRITICAL", _ => "UNKNOWN" };
        var data = string.Join(' ', statuses.DistinctBy(s => s.Status.Key).Select(s => $"'{s.Spec.Name} {s.Status.Key}'={s.Status.Healthy};;;0;{s.Spec.Servers.Count}"));
        // The bar separates text from data.
        return new(code, $"LVSCTL {name} - {string.Join("; ", words).Replace('|', '/').ReplaceLineEndings(" ")} | healthy={healthy};;;0;{servers} {data}".TrimEnd());
    }
}
