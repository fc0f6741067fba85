using System.CommandLine;
using Lvsctl.Director.Control;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

static class ReloadCommand
{
    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var command = new Command("reload", OwnVerbs.Reload);
        settings.AddLooking(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var own = ManifestReader.Read(parsed.GetRequiredValue(settings.Manifest));
            var cluster = own.Cluster;
            var streams = parsed.InvocationConfiguration;
            using var daemon = await DaemonWay.FindAsync(workplace, settings, parsed, cluster, mustBeAsked: true, cancellation).ConfigureAwait(false);
            if (daemon is null)
            {
                streams.Error.WriteLine($"lvsctl: no director answers at {DaemonWay.SocketOf(settings, parsed, cluster)}: start it with 'lvsctl run', name its socket with --socket, or say 'lvsctl apply', which needs none");
                return (int)ExitCode.Failed;
            }
            var reload = await daemon.Client.PostAsync(DirectorRoutes.Reload, ControlJson.Default.ReloadDocument, cancellation).ConfigureAwait(false);
            if (reload.Refused is { } refused)
            {
                // The director's words are one line; where we see the same mistakes, each has its own.
                if (refused == string.Join("; ", own.Errors)) foreach (var error in own.Errors) streams.Error.WriteLine(error);
                else streams.Error.WriteLine(refused);
                streams.Error.WriteLine("lvsctl: the manifest is refused; the old one stays in force");
                return (int)ExitCode.ManifestInvalid;
            }
            streams.Output.WriteLine($"Reloaded: {reload.Kept} probes go on, {reload.Added} are new, {reload.Gone} are gone.");
            if (reload.Waits is { } waits) streams.Error.WriteLine($"lvsctl: {waits}");
            return (int)ExitCode.Done;
        });
        return command;
    }
}
