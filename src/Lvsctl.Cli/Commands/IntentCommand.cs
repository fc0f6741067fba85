using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;

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
        command.SetAction((parsed, cancellation) => IntentRun.RunAsync(workplace, target, parsed,
            new DrainWish(workplace.Clock.GetUtcNow(), parsed.GetValue(deadline) ?? TimeSpan.FromMinutes(10), parsed.GetValue(then)), parsed.GetValue(wait), cancellation));
        return command;
    }

    static Command Maintain(Workplace workplace)
    {
        var target = new IntentTarget();
        var command = target.Command("maintain", OwnVerbs.Maintain);
        command.SetAction((parsed, cancellation) => IntentRun.RunAsync(workplace, target, parsed, new MaintainWish(workplace.Clock.GetUtcNow()), wait: false, cancellation));
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
            IntentRun.RunAsync(workplace, target, parsed, new WeightWish(workplace.Clock.GetUtcNow(), parsed.GetValue(weight)), wait: false, cancellation));
        return command;
    }

    static Command Resume(Workplace workplace)
    {
        var target = new IntentTarget();
        var command = target.Command("resume", OwnVerbs.Resume);
        command.SetAction((parsed, cancellation) => IntentRun.RunAsync(workplace, target, parsed, new ResumeWish(), wait: false, cancellation));
        return command;
    }
}

/// <summary>Turns the intents in force into those that should be, for one server.</summary>
abstract record IntentWish
{
    /// <param name="intents">Those in force.</param>
    /// <param name="server">The manifest's name.</param>
    /// <param name="service">The manifest's name, or null for every service that has such a server.</param>
    public abstract IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service);

    /// <summary>The same wish again, or one for all services, takes the place of the earlier ones.</summary>
    protected static IEnumerable<Intent> Without(IReadOnlyList<Intent> intents, IntentKind? kind, string server, string? service) =>
        intents.Where(i => i.Server != server || (kind is not null && i.Kind != kind) || (service is not null && i.Service != service));
}

sealed record DrainWish(DateTimeOffset Now, TimeSpan Deadline, DrainEnd Then) : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) =>
        [.. Without(intents, IntentKind.Drain, server, service), new Intent(IntentKind.Drain, server, service, Now) { Deadline = Now + Deadline, Then = Then }];
}

sealed record MaintainWish(DateTimeOffset Now) : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) =>
        [.. Without(intents, IntentKind.Maintain, server, service), new Intent(IntentKind.Maintain, server, service, Now)];
}

sealed record WeightWish(DateTimeOffset Now, int Weight) : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) =>
        [.. Without(intents, IntentKind.Weight, server, service), new Intent(IntentKind.Weight, server, service, Now) { Weight = Weight }];
}

sealed record ResumeWish : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) =>
        [.. Without(intents, kind: null, server, service)];
}
