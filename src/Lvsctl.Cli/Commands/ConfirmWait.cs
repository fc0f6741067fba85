using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using Lvsctl.Core.Model;
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

    /// <param name="say">For people, whether or not anybody still hears it.</param>
    /// <param name="code">Of the apply; it stands when it is confirmed.</param>
    /// <param name="cancellation">Somebody gives up: all is rolled back at once.</param>
    public async Task<ExitCode> RunAsync(TextWriter say, TextWriter error, ExitCode code, CancellationToken cancellation)
    {
        using (await store.LockAsync(s_lockPatience, CancellationToken.None).ConfigureAwait(false)) confirmation.Arm(within);
        say.WriteLine($"Confirm with 'lvsctl confirm' within {Duration.Text(within)}, or it is rolled back.");
        var started = clock.GetTimestamp();
        try
        {
            while (within - clock.GetElapsedTime(started) is { Ticks: > 0 } left && confirmation.Outcome == ConfirmationOutcome.Pending)
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
        var report = confirmation.RollBack(pending);
        foreach (var failed in report.Failed) error.WriteLine($"lvsctl: {ApplyOutput.Where(failed.Step)}: {failed.Error?.Message ?? "not done, because what had to come before it failed"}");
        if (report.Failed.Count > 0)
        {
            error.WriteLine($"lvsctl: {why}: rolled back in part, {report.Done.Count} done, {report.Failed.Count} not; the next 'lvsctl apply' goes on with it");
            return ExitCode.AppliedInPart;
        }
        say.WriteLine($"{why}: rolled back, {report.Done.Count} {(report.Done.Count == 1 ? "change" : "changes")}.");
        return ExitCode.RolledBack;
    }
}

/// <summary>Whoever listens may go away; what is said then is lost, and nothing else is.</summary>
sealed class EnduringWriter(TextWriter listener) : TextWriter
{
    public override Encoding Encoding => listener.Encoding;

    public override void Write(char value) => Try(() => listener.Write(value));

    public override void Write(string? value) => Try(() => listener.Write(value));

    public override void WriteLine(string? value) => Try(() => listener.WriteLine(value));

    public override void Flush() => Try(listener.Flush);

    static void Try(Action say)
    {
        try
        {
            say();
        }
        catch (IOException)
        {
        }
    }
}
