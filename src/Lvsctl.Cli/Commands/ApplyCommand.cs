using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

static class ApplyCommand
{
    static readonly TimeSpan s_pollInterval = TimeSpan.FromSeconds(1);

    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var json = new Option<bool>("--json") { Description = "For programs: the plan and what became of it" };
        var wait = new Option<bool>("--wait") { Description = "Stay until servers that left the manifest have drained" };
        var command = new Command("apply", OwnVerbs.Apply);
        settings.AddPlanning(command);
        settings.AddActing(command);
        command.Options.Add(json);
        command.Options.Add(wait);
        command.SetAction(async (parsed, cancellation) =>
        {
            var cluster = ManifestInput.Read(parsed, settings.Manifest);
            var manifest = DesiredTableBuilder.Build(cluster);
            var options = settings.Apply(parsed, cluster);
            var store = settings.Store(parsed, cluster, workplace.Clock);
            using var kernel = workplace.OpenKernel();
            var director = new DirectorSettings(kernel, workplace.Settings);
            var reconciler = new Reconciler(kernel, store, workplace.Clock);
            var output = new ApplyOutput(parsed.InvocationConfiguration, workplace.Colour, parsed.GetValue(json));

            var result = await BeginAsync().ConfigureAwait(false);
            output.Add(result);
            try
            {
                // The lock is not held for as long as a drain takes: others may work meanwhile.
                while (parsed.GetValue(wait) && output.Code == ExitCode.Done && result.Planned.Plan.Draining.Count > 0)
                {
                    await Task.Delay(s_pollInterval, workplace.Clock, cancellation).ConfigureAwait(false);
                    if (await FinishAsync(result.Planned.Plan.Draining).ConfigureAwait(false) is not { } next) break;
                    output.Add(result = next);
                }
            }
            finally
            {
                output.Close();
            }
            return (int)output.Code;

            async Task<ApplyResult> BeginAsync()
            {
                using var held = await settings.LockAsync(parsed, store, cancellation).ConfigureAwait(false);
                output.Settings = director.Plan(cluster.Settings);
                // Settings first: a service may need them from its first packet on.
                return reconciler.Apply(manifest, options, cancellation, prepare: planned =>
                {
                    output.Announce(DrainAdvice.For(planned, output.Settings, workplace.Settings));
                    director.Apply(output.Settings, cluster.Settings);
                });
            }

            async Task<ApplyResult?> FinishAsync(IReadOnlyList<DrainingServer> draining)
            {
                using var held = await settings.LockAsync(parsed, store, cancellation).ConfigureAwait(false);
                return reconciler.Finish(manifest, options, draining, cancellation);
            }
        });
        return command;
    }
}
