using System.CommandLine;
using Lvsctl.Director.Control;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

static class ExplainCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("topic")
        {
            Description = "A path of keys as services.web.check.http (names may be left out), a code as LVS020, or 'codes' for a list of these",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = static _ => "",
        };
        var command = new Command("explain", OwnVerbs.Explain) { topic };
        command.SetAction(parsed =>
        {
            if (ManifestExplanation.Write(parsed.GetValue(topic) ?? "", parsed.InvocationConfiguration.Output) is not { } problem) return (int)ExitCode.Done;
            parsed.InvocationConfiguration.Error.WriteLine($"lvsctl: {problem}");
            return (int)ExitCode.Usage;
        });
        return command;
    }
}
