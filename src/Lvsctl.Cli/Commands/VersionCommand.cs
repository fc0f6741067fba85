using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lvsctl.Director.Control;

namespace Lvsctl.Cli.Commands;

static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", OwnVerbs.Version);
        command.SetAction(parsed =>
        {
            var version = typeof(VersionCommand).Assembly.GetName().Version!.ToString(3);
            var form = RuntimeFeature.IsDynamicCodeSupported ? RuntimeInformation.FrameworkDescription : $"native, {RuntimeInformation.FrameworkDescription}";
            parsed.InvocationConfiguration.Output.WriteLine($"lvsctl {version} ({form}, {RuntimeInformation.RuntimeIdentifier})");
            return (int)ExitCode.Done;
        });
        return command;
    }
}
