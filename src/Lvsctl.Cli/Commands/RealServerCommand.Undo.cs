using System.CommandLine;
using Lvsctl.Core.Model;
using Lvsctl.Core.Preparation;
using Lvsctl.Director.Control;
using Lvsctl.Director.Preparation;

namespace Lvsctl.Cli.Commands;

static partial class RealServerCommand
{
    static Command Undo()
    {
        var vips = Vip(required: false, "A virtual address that this host is to serve no more; may be given several times");
        var forward = Forward(required: false, "Only what was prepared for dr or for tun");
        var all = new Option<bool>("--all") { Description = "All that was prepared" };
        var print = Print("Change nothing; print the shell commands of the same effect");
        var directory = StateDirectory();
        var command = new Command("undo", """
            Restores what 'lvsctl realserver prepare' found. What several addresses need goes with the last of them;
            what somebody else has changed since then stays, and is reported.
            """) { vips, forward, all, print, directory };
        command.Validators.Add(result =>
        {
            if (result.GetResult(vips) is null == result.GetResult(all) is null) result.AddError("undo needs either --vip or --all");
        });
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            using var host = new RealServerHost();
            var preparation = new RealServerPreparation(host, RealServerPreparation.StoreIn(parsed.GetRequiredValue(directory)));
            var wanted = parsed.GetValue(vips) ?? [];
            var method = parsed.GetValue(forward);
            var roles = preparation.Record.Roles
                .Where(r => (parsed.GetValue(all) || wanted.Contains(r.Vip)) && (method is null || method == r.Forward)).ToList();
            const string Nothing = "nothing to undo";
            if (parsed.GetValue(print))
            {
                PrintScript(output, preparation.PlanUndo(roles), Nothing);
                return (int)ExitCode.Done;
            }
            if (roles.Count == 0)
            {
                output.WriteLine(Nothing);
                return (int)ExitCode.Done;
            }

            var plan = preparation.Undo(roles, step => output.WriteLine($"  {step.Shell}"));
            foreach (var note in plan.Notes) parsed.InvocationConfiguration.Error.WriteLine($"lvsctl: {note}");
            output.WriteLine($"undone for {Join(roles)}: {Count(plan.Steps.Count, "change")}{StillPrepared(plan.Record)}");
            return (int)ExitCode.Done;
        });
        return command;
    }

    static string StillPrepared(PreparationRecord record) => record.IsEmpty ? "" : $"; still prepared for {Join(record.Roles)}";
}
