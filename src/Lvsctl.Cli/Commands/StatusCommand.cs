using System.CommandLine;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Cli.Commands;

static class StatusCommand
{
    /// <summary>Where the table comes from, and whether people see it in colour.</summary>
    public sealed record View(Func<IpvsClient> Open, bool Colour);

    public static Command Create(View view)
    {
        var json = new Option<bool>("--json") { Description = "For programs: the same document as 'lvsctl -L --json'" };
        var command = new Command("status", "Shows the kernel's table: services, their real servers, and what they carry") { json };
        command.SetAction(parsed =>
        {
            using var ipvs = view.Open();
            var output = parsed.InvocationConfiguration.Output;
            StatusText.Write(output, ipvs.GetInfo(), ipvs.ReadTableOnce(), view.Colour);
            return (int)ExitCode.Done;
        });
        return command;
    }
}
