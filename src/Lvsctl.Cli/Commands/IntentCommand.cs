using System.CommandLine;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>drain, maintain, weight and resume: what operators want of a server beside the manifest. They are kept until they are taken back.</summary>
static class IntentCommand
{
    public static IEnumerable<Command> CreateAll(Workplace workplace)
    {
        yield return Drain(workplace);
        yield return Maintain(workplace);
        yield return Weight(workplace);
        yield return Resume(workplace);
    }

    static Command Drain(Workplace workplace)
    {
        var target = new IntentTarget();
        var deadline = PlanSettings.DurationOption("--deadline", "How long connections may take to end (default 10m)");
        var then = new Option<DrainEnd>("--then")
        {
            Description = "What happens once it is drained: remove it from the table, or hold it there with weight 0",
            HelpName = "remove|hold",
            CustomParser = static result =>
            {
                switch (result.Tokens[0].Value)
                {
                    case "remove": return DrainEnd.Remove;
                    case "hold": return DrainEnd.Hold;
                    default:
                        result.AddError($"--then is remove or hold, not '{result.Tokens[0].Value}'");
                        return default;
                }
            },
        };
        var wait = new Option<bool>("--wait") { Description = "Stay until it is drained, or taken back by resume, and show the progress" };
        var command = target.Command("drain", OwnVerbs.Drain, deadline, then, wait);
        command.SetAction((parsed, cancellation) => IntentRun.RunAsync(workplace, target.Settings, parsed, target.Request(parsed, "drain") with
        {
            Deadline = parsed.GetValue(deadline) is { } time ? Duration.Text(time) : null,
            Then = parsed.GetValue(then).ToString().ToLowerInvariant(),
        }, parsed.GetValue(wait), cancellation));
        return command;
    }

    static Command Maintain(Workplace workplace)
    {
        var target = new IntentTarget();
        var command = target.Command("maintain", OwnVerbs.Maintain);
        command.SetAction((parsed, cancellation) => IntentRun.RunAsync(workplace, target.Settings, parsed, target.Request(parsed, "maintain"), wait: false, cancellation));
        return command;
    }

    static Command Weight(Workplace workplace)
    {
        var target = new IntentTarget();
        var weight = new Argument<int>("WEIGHT") { Description = "0..2147483647; 0 takes no new connections" };
        weight.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var number) || number < 0)) result.AddError("a weight is a number from 0 to 2147483647");
        });
        var command = target.Command("weight", OwnVerbs.Weight);
        command.Arguments.Add(weight);
        command.SetAction((parsed, cancellation) =>
            IntentRun.RunAsync(workplace, target.Settings, parsed, target.Request(parsed, "weight") with { Weight = parsed.GetValue(weight) }, wait: false, cancellation));
        return command;
    }

    static Command Resume(Workplace workplace)
    {
        var target = new IntentTarget();
        var command = target.Command("resume", OwnVerbs.Resume);
        command.SetAction((parsed, cancellation) => IntentRun.RunAsync(workplace, target.Settings, parsed, target.Request(parsed, "resume"), wait: false, cancellation));
        return command;
    }
}
