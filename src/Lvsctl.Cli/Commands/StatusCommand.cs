using System.CommandLine;
using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Reconcile;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

static class StatusCommand
{
    static readonly TimeSpan s_defaultInterval = TimeSpan.FromSeconds(2);

    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var json = new Option<bool>("--json") { Description = "For programs: the document of 'lvsctl -L --json' with names, wishes and reasons" };
        var watch = new Option<TimeSpan?>("--watch")
        {
            Description = "Show it again every so many seconds (default 2) until Ctrl-C",
            HelpName = "SECONDS",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = static result =>
            {
                if (result.Tokens.Count == 0) return s_defaultInterval;
                if (Interval(result.Tokens[0].Value) is { } interval) return interval;
                result.AddError($"--watch is a number of seconds, 0.1 or more, not '{result.Tokens[0].Value}'");
                return null;
            },
        };
        var command = new Command("status", OwnVerbs.Status) { settings.Manifest, settings.StateDirectory, json, watch };
        command.SetAction(async (parsed, cancellation) =>
        {
            var cluster = Manifest(parsed, settings);
            using var kernel = workplace.OpenKernel();
            var isJson = parsed.GetValue(json);
            var output = parsed.InvocationConfiguration.Output;

            StatusReport Report()
            {
                var info = kernel.GetInfo();
                if (cluster is null) return StatusReport.WithoutManifest(info, kernel.ReadTableOnce());
                var store = settings.Store(parsed, cluster, workplace.Clock);
                var planned = new Reconciler(kernel, store, workplace.Clock, KnownHealth.In(store, cluster, workplace.Clock)).Plan(DesiredTableBuilder.Build(cluster), PlanOptions.Default);
                return StatusReport.Of(info, planned, store.Read());
            }

            if (parsed.GetResult(watch) is null)
            {
                Write(output, Report(), isJson, workplace.Colour);
                return (int)ExitCode.Done;
            }
            var interval = parsed.GetValue(watch) ?? s_defaultInterval;
            await new StatusWatch(output, workplace.ScreenHeight, workplace.Clock).RunAsync(() =>
            {
                using var text = new StringWriter();
                if (!isJson) text.WriteLine($"{TimeText.Of(workplace.Clock.GetUtcNow())}, every {Duration.Text(interval)}");
                Write(text, Report(), isJson, workplace.Colour);
                if (!isJson) text.WriteLine();
                return text.ToString();
            }, interval, cancellation).ConfigureAwait(false);
            return (int)ExitCode.Done;
        });
        return command;
    }

    static void Write(TextWriter output, StatusReport report, bool json, bool colour)
    {
        if (json) output.WriteLine(StatusJson.Text(report));
        else new StatusText(output, colour).Write(report);
    }

    // Nobody has to have a manifest; whoever names one wants it read.
    static ClusterSpec? Manifest(ParseResult parsed, PlanSettings settings)
    {
        if (parsed.GetResult(settings.Manifest) is { Implicit: false }) return ManifestInput.Read(parsed, settings.Manifest);
        var result = ManifestReader.Read([ManifestReader.DefaultPath]);
        if (result.Cluster is null && !result.IsUnreadable)
            parsed.InvocationConfiguration.Error.WriteLine($"lvsctl: the manifest in {ManifestReader.DefaultPath} has errors ('lvsctl validate' lists them); this is the kernel's table alone");
        return result.Cluster;
    }

    static TimeSpan? Interval(string text)
    {
        var interval = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 86_400 ? TimeSpan.FromSeconds(seconds) : Duration.Read(text);
        return interval >= TimeSpan.FromSeconds(0.1) && interval <= TimeSpan.FromDays(1) ? interval : null;
    }
}
