using System.CommandLine;
using Lvsctl.Core.Preparation;
using Lvsctl.Director.Control;
using Lvsctl.Director.Preparation;

namespace Lvsctl.Cli.Commands;

static partial class RealServerCommand
{
    static Command Prepare()
    {
        var vips = Vip(required: true, "A virtual address that this host is to serve; may be given several times");
        var forward = Forward(required: true, "How directors send packets here: dr (direct routing) or tun (IP in IP)");
        var print = Print("Change nothing; print the shell commands of the same effect");
        var directory = StateDirectory();
        var command = new Command("prepare", """
            Takes a virtual address on without telling the network about it, which is the director's to do:
            the address alone (/32 or /128) on lo, or on tunl0 or ip6tnl0 for a tunnel, and the kernel's ARP settings for it.
            Does nothing twice. Lasts until the next boot or until 'lvsctl realserver undo'.
            """) { vips, forward, print, directory };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var roles = parsed.GetRequiredValue(vips).Select(v => new RealServerRole(v, parsed.GetRequiredValue(forward)!.Value)).Distinct().ToList();
            using var host = new RealServerHost();
            var preparation = new RealServerPreparation(host, RealServerPreparation.StoreIn(parsed.GetRequiredValue(directory)));
            if (parsed.GetValue(print))
            {
                PrintScript(output, preparation.PlanPrepare(roles), $"nothing to do: {Join(roles)} is prepared already");
                return (int)ExitCode.Done;
            }

            var begun = 0;
            try
            {
                var plan = preparation.Prepare(roles, step =>
                {
                    begun++;
                    output.WriteLine($"  {step.Shell}");
                });
                foreach (var note in plan.Notes) parsed.InvocationConfiguration.Error.WriteLine($"lvsctl: {note}");
                output.WriteLine(plan.Steps.Count == 0
                    ? $"nothing to do: {Join(roles)} is prepared already"
                    : $"prepared for {Join(roles)}: {Count(plan.Steps.Count, "change")}");
            }
            catch (Exception) when (begun > 1)
            {
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"lvsctl: prepared in part; 'lvsctl realserver undo {string.Join(' ', roles.Select(r => $"--vip {r.Vip}"))}' takes that back");
                throw;
            }
            return (int)ExitCode.Done;
        });
        return command;
    }
}
