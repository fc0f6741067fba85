using System.CommandLine;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Control;
using Lvsctl.Director.Metrics;
using Lvsctl.Director.Probing;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;

namespace Lvsctl.Cli.Commands;

/// <summary>The cron form of the director: says nothing when all went well, and one line on standard error otherwise.</summary>
static class CheckCommand
{
    // A pass a minute ends before the next one begins.
    static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(50);

    static readonly Option<bool> s_dryRun = new("--dry-run") { Description = "Probe and show what would be done; change nothing, neither in the kernel nor on disk" };
    static readonly Option<bool> s_nagios = new("--nagios") { Description = "One line and performance data for monitoring systems, and their exit codes: 0 OK, 1 warning, 2 critical, 3 unknown" };
    static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Tell every probe's outcome and every change" };
    static readonly Option<string> s_textfile = new("--textfile") { Description = "Write metrics there for node_exporter's textfile collector; overrides the manifest", HelpName = "PATH" };
    static readonly Option<TimeSpan?> s_deadlineOption = PlanSettings.DurationOption("--deadline", "For all the probing (default 50s); what has not answered by then is not judged");

    static readonly Option<int> s_rounds = new("--rounds")
    {
        Description = "Probe a server up to so often while its successes or failures are being counted, so that one call can reach rise and fall",
        HelpName = "N",
        DefaultValueFactory = static _ => 1,
    };

    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var command = new Command("check", OwnVerbs.Check);
        settings.AddPlanning(command);
        settings.AddActing(command);
        foreach (var option in (Option[])[s_dryRun, s_rounds, s_deadlineOption, s_textfile, s_nagios, s_verbose]) command.Options.Add(option);
        command.Validators.Add(static result =>
        {
            if (result.GetResult(s_rounds) is { Implicit: false } && result.GetValue(s_rounds) is < 1 or > 1000) result.AddError("--rounds is a number from 1 to 1000");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!parsed.GetValue(s_nagios)) return (int)await RunAsync(workplace, settings, parsed, cancellation).ConfigureAwait(false);
            try
            {
                return (int)await RunAsync(workplace, settings, parsed, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was, a monitoring system reads one line and four codes.
                parsed.InvocationConfiguration.Output.WriteLine($"LVSCTL UNKNOWN - {e.Message.ReplaceLineEndings(" ")}");
                return NagiosReport.Unknown;
            }
        });
        return command;
    }

    static async Task<int> RunAsync(Workplace workplace, PlanSettings settings, ParseResult parsed, CancellationToken cancellation)
    {
        var began = workplace.Clock.GetTimestamp();
        var streams = parsed.InvocationConfiguration;
        var verbose = parsed.GetValue(s_verbose);
        var cluster = ManifestInput.Read(parsed, settings.Manifest, withWarnings: verbose);
        var dryRun = parsed.GetValue(s_dryRun);
        var store = settings.Store(parsed, cluster, workplace.Clock);
        using var held = dryRun ? null : await settings.LockAsync(parsed, store, cancellation).ConfigureAwait(false);
        // What both had learnt would be one's own at a time.
        if (!dryRun && store.IsDaemonAtWork()) throw new StateException(StateProblem.Locked, $"lvsctl run is at work with {store.Directory} and probes already");
        using var kernel = workplace.OpenKernel();
        var confirmation = new Confirmation(kernel, workplace.Settings, store, workplace.Clock);
        var (hold, rolledBack) = (confirmation.Hold, ExitCode.Done);
        if (!dryRun && confirmation.Pending is { } pending && workplace.Clock.GetUtcNow() >= pending.Deadline)
        {
            rolledBack = ConfirmWait.RollBack(confirmation, pending, $"An apply was not confirmed by {PendingText.Time(pending)}", streams.Error, streams.Error);
            if (rolledBack == ExitCode.RolledBack)
            {
                if (!parsed.GetValue(s_nagios)) return (int)rolledBack;
                streams.Output.WriteLine("LVSCTL WARNING - an apply that was not confirmed was rolled back");
                return NagiosReport.Warning;
            }
            // It is tried again next time; servers that die meanwhile do not wait for it.
            hold = new Hold(pending, IsUndone: true);
        }
        var director = new DirectorSettings(kernel, workplace.Settings);
        var options = new CheckOptions(settings.Apply(parsed, cluster), parsed.GetValue(s_deadlineOption) ?? s_deadline, parsed.GetValue(s_rounds), dryRun) { Hold = hold };
        var run = new CheckRun(cluster, kernel, store, new HealthStore(store.Directory), ProbeSettings.Of(cluster.Daemon), workplace.Clock);
        var changes = director.Plan(cluster.Settings);
        var result = run.Run(options, cancellation, prepare: _ => director.Apply(changes, cluster.Settings));
        // Whoever still has time to confirm is at work on it.
        if (hold is not null) result = result with { IsHeldBack = hold.IsUndone && (result.IsHeldBack || changes.Any(c => c.Before is not null)) };

        var report = new CheckReport(result, dryRun);
        if (verbose) report.WriteProbes(streams.Output);
        if (verbose || dryRun) new PlanText(streams.Output, workplace.Colour).Write(result.Applied.Planned.Plan, changes, result.Applied.Report is null ? [] : result.Applied.Refusals);
        if ((parsed.GetValue(s_textfile) ?? cluster.Metrics.Textfile) is { } path && !dryRun) CheckMetrics.Of(result, workplace.Clock.GetUtcNow(), workplace.Clock.GetElapsedTime(began)).WriteFile(path);
        if (parsed.GetValue(s_nagios))
        {
            var nagios = NagiosReport.Of(result);
            streams.Output.WriteLine(nagios.Text);
            return nagios.Code;
        }
        if (report.Trouble is { } trouble) streams.Error.WriteLine($"lvsctl: {trouble}");
        return (int)(rolledBack != ExitCode.Done && report.Code is ExitCode.Done or ExitCode.RolledBack ? rolledBack : report.Code);
    }
}
