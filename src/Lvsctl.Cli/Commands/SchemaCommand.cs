using System.CommandLine;
using Lvsctl.Director.Control;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", OwnVerbs.Schema);
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(ManifestSchema.Text());
            return (int)ExitCode.Done;
        });
        return command;
    }
}
