using System.CommandLine;
using Lvsctl.Core.Preparation;
using Lvsctl.Director.Control;
using Lvsctl.Director.Preparation;

namespace Lvsctl.Cli.Commands;

static partial class RealServerCommand
{
    static Command Show()
    {
        var directory = StateDirectory();
        var command = new Command("show", "Lists what this host was prepared for, and what was changed for it") { directory };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            using var host = new RealServerHost();
            var record = new RealServerPreparation(host, RealServerPreparation.StoreIn(parsed.GetRequiredValue(directory))).Record;
            if (record.IsEmpty) output.WriteLine("nothing was prepared");
            foreach (var role in record.Roles)
            {
                output.WriteLine(role);
                foreach (var change in record.Changes.Where(c => c.Roles.Contains(role)))
                {
                    var found = change.Step is PreparationStep.SetSysctl { From: { } from } ? $"  (was {from})" : "";
                    output.WriteLine($"  {change.Step.Shell}{found}");
                }
            }
            return (int)ExitCode.Done;
        });
        return command;
    }
}
