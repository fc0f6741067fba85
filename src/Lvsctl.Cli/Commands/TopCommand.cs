using System.CommandLine;
using Lvsctl.Cli.Commands.Top;
using Lvsctl.Director.Control;
using Lvsctl.Linux.Terminals;

namespace Lvsctl.Cli.Commands;

static class TopCommand
{
    static readonly TimeSpan s_defaultInterval = TimeSpan.FromSeconds(1);

    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var every = PlanSettings.DurationOption("--every", "How often it is read anew (default 1s)");
        every.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && Core.Model.Duration.Read(text) < TimeSpan.FromSeconds(0.1)) result.AddError("--every is 100ms or more");
        });
        var command = new Command("top", OwnVerbs.Top) { every };
        settings.AddLooking(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (workplace.ScreenHeight is null) throw new ControlException("top needs a terminal; 'lvsctl status' writes the same once, and 'lvsctl status --watch' again and again");
            using var source = await StatusSource.OpenAsync(workplace, settings, parsed, cancellation).ConfigureAwait(false);
            using var keys = KeyTerminal.Open() ?? throw new ControlException("top needs a terminal for its keys, and standard input is none");
            await new TopRun(source, parsed.InvocationConfiguration.Output, workplace.Clock, workplace.Colour)
                .RunAsync(keys, parsed.GetValue(every) ?? s_defaultInterval, cancellation).ConfigureAwait(false);
            return (int)ExitCode.Done;
        });
        return command;
    }
}
