using System.CommandLine;
using System.Globalization;
using Lvsctl.Core.Model;
using Lvsctl.Director.Control;
using Lvsctl.Director.Events;
using Lvsctl.Director.State;

namespace Lvsctl.Cli.Commands;

static class EventsCommand
{
    static readonly TimeSpan s_watchEvery = TimeSpan.FromSeconds(1);

    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay, and show what happens until Ctrl-C; also while the director is started again" };
        var since = new Option<string?>("--since") { Description = "Only what happened since then: a time such as 2026-11-22T09:00:00Z, or how long ago, such as 10m", HelpName = "TIME" };
        var json = new Option<bool>("--json") { Description = "For programs: the journal's own lines, one JSON object each" };
        var service = new Option<string?>("--service") { Description = "Only about this service and its servers", HelpName = "NAME" };
        var server = new Option<string?>("--server") { Description = "Only about servers of this name", HelpName = "NAME" };
        var kind = new Option<string?>("--kind") { Description = "Only kinds that begin so: server, server.down, apply", HelpName = "PREFIX" };
        since.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && Since(text, default) is null) result.AddError($"--since is a time such as 2026-11-22T09:00:00Z, or how long ago, such as 10m, not '{text}'");
        });
        var command = new Command("events", OwnVerbs.Events) { follow, since, service, server, kind, json };
        settings.AddLooking(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (cluster, _) = StatusSource.Manifest(parsed, settings);
            var from = parsed.GetValue(since) is { } text ? Since(text, workplace.Clock.GetUtcNow()) : null;
            var filter = new EventFilter(from, parsed.GetValue(service), parsed.GetValue(server), parsed.GetValue(kind));
            var output = new EventText(parsed.InvocationConfiguration.Output, workplace.Colour, parsed.GetValue(json));
            var directory = settings.StateDirectoryGiven(parsed) ?? cluster?.Daemon.StateDirectory;
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var watch = workplace.Clock.CreateTimer(_ =>
            {
                if (workplace.IsAbandoned()) ended.Cancel();
            }, null, parsed.GetValue(follow) ? s_watchEvery : Timeout.InfiniteTimeSpan, s_watchEvery);
            try
            {
                using var daemon = await DaemonWay.FindAsync(workplace, settings, parsed, cluster, mustBeAsked: false, ended.Token).ConfigureAwait(false);
                var source = new EventSource(daemon?.Client, directory ?? StateStore.DefaultDirectory, workplace.Clock) { Lost = parsed.InvocationConfiguration.Error.WriteLine };
                var entries = source.ReadAsync(from, parsed.GetValue(follow), ended.Token);
                // Who waits for more wants what there is at once.
                await foreach (var entry in (parsed.GetValue(follow) ? entries : entries.ByTime()).ConfigureAwait(false))
                {
                    if (filter.Lets(entry)) output.Write(entry);
                }
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // Somebody has seen enough.
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    internal static DateTimeOffset? Since(string text, DateTimeOffset now) =>
        Duration.Read(text) is { } ago ? now == default || ago > now - DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : now - ago
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : null;
}

/// <param name="Kind">The beginning of the kind's id.</param>
sealed record EventFilter(DateTimeOffset? Since, string? Service, string? Server, string? Kind)
{
    public bool Lets(JournalEntry entry) =>
        !(entry.Time < Since)
        && (Service is null || entry.Event.Service == Service)
        && (Server is null || entry.Event.Server == Server)
        && (Kind is null || entry.Event.Kind.Id.StartsWith(Kind, StringComparison.Ordinal));
}
