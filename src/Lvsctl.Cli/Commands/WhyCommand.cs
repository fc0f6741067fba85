using System.CommandLine;
using System.Text.Json;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Control;
using Lvsctl.Director.Events;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.Status;

namespace Lvsctl.Cli.Commands;

static class WhyCommand
{
    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var name = new Argument<string>("SERVER") { Description = "The manifest's name of a server, as rs1 or web/rs1, or of a service" };
        var service = new Option<string?>("--service") { Description = "Only in this service; otherwise in every service that has a server of that name", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "For programs: all the facts" };
        var command = new Command("why", OwnVerbs.Why);
        command.Arguments.Add(name);
        command.Options.Add(service);
        settings.AddLooking(command);
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (cluster, _) = StatusSource.Manifest(parsed, settings);
            using var daemon = await DaemonWay.FindAsync(workplace, settings, parsed, cluster, mustBeAsked: false, cancellation).ConfigureAwait(false);
            var (server, of) = (parsed.GetRequiredValue(name), parsed.GetValue(service));
            var document = daemon is not null
                ? await daemon.Client.GetAsync(OperatorRoutes.WhyOf(server, of), WhyJson.Default.WhyDocument, cancellation).ConfigureAwait(false)
                : Own(workplace, settings, parsed, ManifestInput.Read(parsed, settings.Manifest)).Of(server, of);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(document, WhyJson.Readable.WhyDocument));
            else new WhyText(output, workplace.Colour).Write(document);
            return (int)ExitCode.Done;
        });
        return command;
    }

    static WhyReport Own(Workplace workplace, PlanSettings settings, ParseResult parsed, ClusterSpec cluster)
    {
        using var kernel = workplace.OpenKernel();
        var store = settings.Store(parsed, cluster, workplace.Clock);
        var planned = new Reconciler(kernel, store, workplace.Clock, KnownHealth.In(store, cluster, workplace.Clock)).Plan(DesiredTableBuilder.Build(cluster), PlanOptions.Default);
        return new(cluster, planned, store.Read(), KnownHealth.Facts(store, cluster, workplace.Clock)) { Journal = () => new JournalReader(EventJournal.In(store.Directory), 0) };
    }
}
