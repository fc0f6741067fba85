using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Control;
using Lvsctl.Director.Intents;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;

namespace Lvsctl.Cli.Commands;

/// <summary>One apply, from the manifest to the last thing that it waits for.</summary>
sealed class ApplyRun(Workplace workplace, PlanSettings settings, ParseResult parsed)
{
    static readonly TimeSpan s_pollInterval = TimeSpan.FromSeconds(1);

    public bool Json { get; init; }

    /// <summary>Until what left the manifest has drained.</summary>
    public bool Wait { get; init; }

    /// <summary>Null: it need not be confirmed.</summary>
    public TimeSpan? ConfirmWithin { get; init; }

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var cluster = ManifestInput.Read(parsed, settings.Manifest);
        var manifest = DesiredTableBuilder.Build(cluster);
        var options = settings.Apply(parsed, cluster);
        var store = settings.Store(parsed, cluster, workplace.Clock);
        using var daemon = await DaemonWay.FindAsync(workplace, settings, parsed, cluster, mustBeAsked: true, cancellation).ConfigureAwait(false);
        if (daemon is not null)
        {
            daemon.MustHave(parsed.GetRequiredValue(settings.Manifest));
            await daemon.MustAcceptAsync(cancellation).ConfigureAwait(false);
        }
        using var kernel = workplace.OpenKernel();
        var director = new DirectorSettings(kernel, workplace.Settings);
        var reconciler = new Reconciler(kernel, store, workplace.Clock, KnownHealth.In(store, cluster, workplace.Clock));
        var confirmation = new Confirmation(kernel, workplace.Settings, store, workplace.Clock);

        // The change itself may cut the connection that the operator sits at: nobody hears, or nobody reads.
        using var hangup = ConfirmWithin is null ? null : ConfirmWait.IgnoreHangup();
        var streams = parsed.InvocationConfiguration;
        var (text, error) = ConfirmWithin is null ? (streams.Output, streams.Error) : (new EnduringWriter(streams.Output, workplace.ListenerPatience), new EnduringWriter(streams.Error, workplace.ListenerPatience));
        var output = new ApplyOutput(text, error, workplace.Colour, Json);
        var (say, code, armed, isDisputed) = (Json ? error : text, ExitCode.Done, 0L, false);
        try
        {
            if (await BeginAsync().ConfigureAwait(false) is not { } result) return (int)code;
            output.Add(result);
            code = output.Code;
            // The lock is not held for as long as a drain takes: others may work meanwhile.
            while (Wait && code == ExitCode.Done && result.Planned.Plan.Draining.Count > 0)
            {
                await Task.Delay(s_pollInterval, workplace.Clock, cancellation).ConfigureAwait(false);
                if (await FinishAsync(result.Planned.Plan.Draining).ConfigureAwait(false) is not { } next) break;
                output.Add(result = next);
                code = output.Code;
            }
            if (confirmation.HasBegun) await ConfirmAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (confirmation.HasBegun)
        {
            await ConfirmAsync().ConfigureAwait(false);
        }
        catch (Exception) when (confirmation.HasBegun)
        {
            await UndoAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            output.Close();
            if (ConfirmWithin is not null)
            {
                text.Flush();
                error.Flush();
            }
        }
        return (int)(isDisputed && code == ExitCode.Done ? ExitCode.Failed : code);

        // Null when an earlier apply had to be rolled back instead.
        async Task<ApplyResult?> BeginAsync()
        {
            using var held = await settings.LockAsync(parsed, store, cancellation).ConfigureAwait(false);
            if (confirmation.Pending is { } pending)
            {
                if (workplace.Clock.GetUtcNow() < pending.Deadline)
                    throw new ManifestException(ExitCode.Locked, $"an earlier apply waits until {PendingText.Time(pending)} to be confirmed; say 'lvsctl confirm', or wait until it is rolled back; nothing was changed");
                code = ConfirmWait.RollBack(confirmation, pending, $"An earlier apply was not confirmed by {PendingText.Time(pending)}", say, error);
                output.Confirmation = code == ExitCode.RolledBack ? "rolled_back" : "unknown";
                await AgreeAsync().ConfigureAwait(false);
                say.WriteLine("Nothing of the manifest was applied; that is for the next 'lvsctl apply'.");
                return null;
            }
            var (before, isFirst) = (store.Read(), true);
            output.Settings = director.Plan(cluster.Settings);
            ApplyResult result;
            try
            {
                result = reconciler.Apply(manifest, options, cancellation, Prepare);
            }
            finally
            {
                // Before anything is said, and before anybody can confirm it.
                if (confirmation.HasBegun) confirmation.Arm(ConfirmWithin!.Value);
                armed = workplace.Clock.GetTimestamp();
            }
            if (result.Report is not null) await AgreeAsync().ConfigureAwait(false);
            return result;

            void Prepare(PlannedTable planned)
            {
                if (ConfirmWithin is { } within) confirmation.Keep(planned, output.Settings, before, within);
                if (!confirmation.HasBegun) confirmation.Supersede();
                output.Announce(DrainAdvice.For(planned, output.Settings, workplace.Settings));
                // Settings first: a service may need them from its first packet on.
                if (isFirst) director.Apply(output.Settings, cluster.Settings);
                isFirst = false;
            }
        }

        async Task<ApplyResult?> FinishAsync(IReadOnlyList<DrainingServer> draining)
        {
            using var held = await settings.LockAsync(parsed, store, cancellation).ConfigureAwait(false);
            return reconciler.Finish(manifest, options, draining, cancellation);
        }

        // While the lock is held: the director must not put back what its old manifest wants.
        async Task AgreeAsync()
        {
            if (daemon is not null && await daemon.ReloadAsync().ConfigureAwait(false) is { } trouble)
            {
                error.WriteLine($"lvsctl: {trouble}");
                isDisputed = true;
            }
        }

        // What was said to be undone unless it is confirmed is not left half done; but what failed first is what is to be told.
        async Task UndoAsync()
        {
            try
            {
                using var held = await settings.LockAsync(parsed, store, CancellationToken.None).ConfigureAwait(false);
                if (confirmation.Pending is { } pending) ConfirmWait.RollBack(confirmation, pending, "It failed", say, error);
            }
            catch (Exception e) when (LvsctlCommand.CodeOf(e) is not null)
            {
                error.WriteLine($"lvsctl: could not roll back: {e.Message}; the next 'lvsctl apply' does once the time to confirm is over");
            }
        }

        async Task ConfirmAsync()
        {
            code = await new ConfirmWait(confirmation, store, workplace.Clock, ConfirmWithin!.Value).RunAsync(armed, say, error, code, cancellation).ConfigureAwait(false);
            if (code == ExitCode.RolledBack) await AgreeAsync().ConfigureAwait(false);
            output.Confirmation = code == ExitCode.RolledBack ? "rolled_back" : confirmation.Outcome is ConfirmationOutcome.Confirmed ? "confirmed" : "unknown";
        }
    }
}
