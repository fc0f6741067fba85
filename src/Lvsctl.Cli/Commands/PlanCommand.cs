using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Control;
using Lvsctl.Director.Intents;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

static class PlanCommand
{
    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var json = new Option<bool>("--json") { Description = "For programs" };
        var detailed = new Option<bool>("--detailed-exitcode") { Description = "Exit with 4 when there is something to do" };
        var command = new Command("plan", OwnVerbs.Plan);
        settings.AddPlanning(command);
        command.Options.Add(json);
        command.Options.Add(detailed);
        command.SetAction(parsed =>
        {
            var cluster = ManifestInput.Read(parsed, settings.Manifest);
            using var kernel = workplace.OpenKernel();
            var changes = new DirectorSettings(kernel, workplace.Settings).Plan(cluster.Settings);
            var manifest = DesiredTableBuilder.Build(cluster);
            var store = settings.Store(parsed, cluster, workplace.Clock);
            var planned = new Reconciler(kernel, store, workplace.Clock, KnownHealth.In(store, cluster, workplace.Clock)).Plan(manifest, settings.Plan(parsed));
            var refusals = SafetyGate.Check(planned.Plan, manifest, planned.Observed, settings.Limits(parsed, cluster), planned.ByHealth);
            List<string> notes = [.. DrainAdvice.For(planned, changes, workplace.Settings)];
            if (Confirmation.PendingIn(store, workplace.Settings) is { } waiting) notes.Insert(0, PendingText.Note(waiting, workplace.Clock.GetUtcNow()));

            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(PlanJson.Text(planned.Plan, changes, refusals, notes));
            else new PlanText(output, workplace.Colour).Write(planned.Plan, changes, refusals, notes);
            var pending = !planned.Plan.IsEmpty || changes.Any(c => c.Before is not null);
            return (int)(pending && parsed.GetValue(detailed) ? ExitCode.ChangesPending : ExitCode.Done);
        });
        return command;
    }
}
