using System.CommandLine;
using System.Runtime.InteropServices;
using Lvsctl.Core.Model;
using Lvsctl.Director.Control;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;

namespace Lvsctl.Cli.Commands;

/// <summary>
/// Stays for <c>lvsctl confirm</c>, and rolls back where it does not come. It outlives its terminal: an operator who has cut his own
/// connection is who this is for.
/// </summary>
sealed class ConfirmWait(Confirmation confirmation, StateStore store, TimeProvider clock, TimeSpan within)
{
    static readonly TimeSpan s_pollInterval = TimeSpan.FromSeconds(0.5);
    // A check holds the lock for as long as it probes.
    static readonly TimeSpan s_lockPatience = TimeSpan.FromMinutes(5);

    /// <summary>Until it is disposed, the end of the terminal is none of ours. (SIGPIPE the runtime ignores by itself.)</summary>
    public static IDisposable IgnoreHangup() => PosixSignalRegistration.Create(PosixSignal.SIGHUP, static signal => signal.Cancel = true);

    /// <param name="say">For people, whether or not anybody still hears it; never waits for them.</param>
    /// <param name="armed">When the time to confirm began.</param>
    /// <param name="code">Of the apply; it stands when it is confirmed.</param>
    /// <param name="cancellation">Somebody gives up: all is rolled back at once.</param>
    public async Task<ExitCode> RunAsync(long armed, TextWriter say, TextWriter error, ExitCode code, CancellationToken cancellation)
    {
        say.WriteLine($"Confirm with 'lvsctl confirm' within {Duration.Text(within)}, or it is rolled back.");
        try
        {
            while (within - clock.GetElapsedTime(armed) is { Ticks: > 0 } left && confirmation.Outcome == ConfirmationOutcome.Pending)
                await Task.Delay(left < s_pollInterval ? left : s_pollInterval, clock, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }

        using var held = await store.LockAsync(s_lockPatience, CancellationToken.None).ConfigureAwait(false);
        switch (confirmation.Outcome)
        {
            case ConfirmationOutcome.Confirmed:
                say.WriteLine("Confirmed.");
                return code;
            case ConfirmationOutcome.RolledBack:
                say.WriteLine("Another lvsctl has rolled it back.");
                return ExitCode.RolledBack;
            case ConfirmationOutcome.Pending:
                return RollBack(confirmation, confirmation.Pending!, cancellation.IsCancellationRequested ? "Stopped" : "Not confirmed in time", say, error);
            default:
                error.WriteLine("lvsctl: the record of what to roll back is gone; what was applied stays");
                return ExitCode.Failed;
        }
    }

    /// <summary>The caller holds the lock.</summary>
    public static ExitCode RollBack(Confirmation confirmation, PendingConfirmation pending, string why, TextWriter say, TextWriter error)
    {
        const string Ways = "the next 'lvsctl apply' or 'lvsctl check' goes on with it, and 'lvsctl confirm --abandon' keeps what is there";
        RollbackReport report;
        try
        {
            report = confirmation.RollBack(pending);
        }
        catch (Exception e) when (LvsctlCommand.CodeOf(e) is { } code)
        {
            error.WriteLine($"lvsctl: {why}: could not roll back: {e.Message}; {Ways}");
            return code;
        }
        foreach (var failed in report.Failed) error.WriteLine($"lvsctl: rolling back {failed.Step.Where()}: {failed.Why}");
        foreach (var failed in report.Settings) error.WriteLine($"lvsctl: rolling back: {failed}");
        if (!report.IsComplete)
        {
            error.WriteLine($"lvsctl: {why}: rolled back in part, {report.Done.Count} done, {report.Failed.Count + report.Settings.Count} not; {Ways}");
            return ExitCode.AppliedInPart;
        }
        say.WriteLine($"{why}: rolled back, {report.Done.Count} {(report.Done.Count == 1 ? "change" : "changes")}.");
        return ExitCode.RolledBack;
    }
}
