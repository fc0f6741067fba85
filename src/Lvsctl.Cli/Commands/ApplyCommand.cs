using System.CommandLine;
using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Commands;

static class ApplyCommand
{
    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var json = new Option<bool>("--json") { Description = "For programs: the plan and what became of it" };
        var wait = new Option<bool>("--wait") { Description = "Stay until servers that left the manifest have drained" };
        var within = PlanSettings.DurationOption("--confirm-within", "Stay for 'lvsctl confirm', and roll everything back where it does not come in time");
        var command = new Command("apply", OwnVerbs.Apply);
        settings.AddPlanning(command);
        settings.AddActing(command);
        command.Options.Add(settings.Socket);
        command.Options.Add(json);
        command.Options.Add(wait);
        command.Options.Add(within);
        within.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && Duration.Read(text) == TimeSpan.Zero) result.AddError("--confirm-within needs a time to confirm in, such as 60s");
        });
        command.Validators.Add(result =>
        {
            if (result.GetResult(within) is not null && result.GetValue(wait)) result.AddError("--wait and --confirm-within exclude each other: what has drained away cannot be rolled back");
        });
        command.SetAction((parsed, cancellation) => new ApplyRun(workplace, settings, parsed)
        {
            Json = parsed.GetValue(json),
            Wait = parsed.GetValue(wait),
            ConfirmWithin = parsed.GetValue(within),
        }.RunAsync(cancellation));
        return command;
    }
}
