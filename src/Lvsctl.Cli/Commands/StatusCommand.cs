using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lvsctl.Core.Model;
using Lvsctl.Director.Control;
using Lvsctl.Director.Status;

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
        var command = new Command("status", OwnVerbs.Status);
        settings.AddLooking(command);
        command.Options.Add(json);
        command.Options.Add(watch);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var source = await StatusSource.OpenAsync(workplace, settings, parsed, cancellation).ConfigureAwait(false);
            var isJson = parsed.GetValue(json);
            var output = parsed.InvocationConfiguration.Output;
            var routers = new RouterLine(parsed, settings);
            if (parsed.GetResult(watch) is null)
            {
                // At once: ten thousand servers are as many lines, and each would be a write of its own.
                using var whole = new StringWriter();
                Write(whole, await source.ReadAsync(cancellation).ConfigureAwait(false), routers, isJson, workplace.Colour);
                output.Write(whole.ToString());
                return (int)ExitCode.Done;
            }
            var interval = parsed.GetValue(watch) ?? s_defaultInterval;
            await new StatusWatch(output, workplace.ScreenHeight, workplace.Clock).RunAsync(async () =>
            {
                using var text = new StringWriter();
                if (!isJson) text.WriteLine($"{TimeText.Of(workplace.Clock.GetUtcNow())}, every {Duration.Text(interval)}");
                Write(text, await source.ReadAsync(cancellation).ConfigureAwait(false), routers, isJson, workplace.Colour);
                if (!isJson) text.WriteLine();
                return text.ToString();
            }, interval, cancellation).ConfigureAwait(false);
            return (int)ExitCode.Done;
        });
        return command;
    }

    static void Write(TextWriter output, StatusDocument document, RouterLine routers, bool json, bool colour)
    {
        if (json) output.WriteLine(JsonSerializer.Serialize(document, StatusJson.Readable.StatusDocument));
        else new StatusText(output, colour).Write(document, routers.Read());
    }

    static TimeSpan? Interval(string text)
    {
        var interval = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 86_400 ? TimeSpan.FromSeconds(seconds) : Duration.Read(text);
        return interval >= TimeSpan.FromSeconds(0.1) && interval <= TimeSpan.FromDays(1) ? interval : null;
    }
}
