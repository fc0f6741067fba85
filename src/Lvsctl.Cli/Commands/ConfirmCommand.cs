using System.CommandLine;
using Lvsctl.Core.Model;
using Lvsctl.Director.Control;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

/// <summary>The other half of <c>apply --confirm-within</c>. It needs no kernel: whoever can still say it has not been locked out.</summary>
static class ConfirmCommand
{
    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var command = new Command("confirm", OwnVerbs.Confirm);
        command.Options.Add(settings.Manifest);
        command.Options.Add(settings.StateDirectory);
        command.Options.Add(settings.LockTimeout);
        command.Options.Add(settings.Socket);
        var abandon = new Option<bool>("--abandon") { Description = "Also when the time is over: what is there stays, and nothing of it is rolled back any more" };
        command.Options.Add(abandon);
        command.SetAction(async (parsed, cancellation) =>
        {
            // The manifest is read only to learn where the state is.
            var store = settings.StateDirectoryGiven(parsed) is { } directory
                ? new StateStore(directory, workplace.Clock)
                : settings.Store(parsed, ManifestInput.Read(parsed, settings.Manifest), workplace.Clock);
            using var held = await settings.LockAsync(parsed, store, cancellation).ConfigureAwait(false);
            var streams = parsed.InvocationConfiguration;
            if (Confirmation.PendingIn(store, workplace.Settings) is not { } pending)
            {
                var wasRolledBack = store.ReadConfirmation() is { Outcome: ConfirmationOutcome.RolledBack };
                streams.Error.WriteLine(wasRolledBack ? "lvsctl: nothing waits to be confirmed; the last apply that did was rolled back" : "lvsctl: nothing waits to be confirmed");
                return (int)(wasRolledBack ? ExitCode.RolledBack : ExitCode.Failed);
            }
            if (workplace.Clock.GetUtcNow() >= pending.Deadline && !parsed.GetValue(abandon))
            {
                streams.Error.WriteLine($"lvsctl: too late: the time to confirm ended at {PendingText.Time(pending)}; the next 'lvsctl apply' rolls it back, and 'lvsctl confirm --abandon' keeps it");
                return (int)ExitCode.DeadlinePassed;
            }
            Confirmation.Confirm(store, pending);
            // It held the old table; now it may go on.
            if (parsed.GetValue(abandon)) await ReloadDaemonAsync(workplace, settings, parsed, cancellation).ConfigureAwait(false);
            streams.Output.WriteLine("Confirmed: what was applied stays.");
            return (int)ExitCode.Done;
        });
        return command;
    }

    static async Task ReloadDaemonAsync(Workplace workplace, PlanSettings settings, ParseResult parsed, CancellationToken cancellation)
    {
        var cluster = ManifestReader.Read(parsed.GetRequiredValue(settings.Manifest)).Cluster;
        using var daemon = await DaemonWay.FindAsync(workplace, settings, parsed, cluster, mustBeAsked: false, cancellation).ConfigureAwait(false);
        if (daemon is not null && await daemon.ReloadAsync().ConfigureAwait(false) is { } trouble) parsed.InvocationConfiguration.Error.WriteLine($"lvsctl: {trouble}");
    }
}

/// <summary>An apply that waits to be confirmed, in words.</summary>
static class PendingText
{
    public static string Time(PendingConfirmation pending) => TimeText.Of(pending.Deadline);

    /// <summary>What a plan has to say about it.</summary>
    public static string Note(PendingConfirmation pending, DateTimeOffset now) => now < pending.Deadline
        ? $"Note: an apply waits until {Time(pending)} for 'lvsctl confirm'; until then no other apply is let in."
        : $"Note: an apply was not confirmed by {Time(pending)}: the next 'lvsctl apply' rolls it back, and does nothing else.";
}
