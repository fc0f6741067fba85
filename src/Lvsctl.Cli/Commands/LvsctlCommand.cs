using System.CommandLine.Help;
using System.CommandLine;
using Lvsctl.Cli.Commands.Vrrp;
using Lvsctl.Director.Control;
using Lvsctl.Director.Preparation;
using Lvsctl.Director.State;
using Lvsctl.Director.Vrrp;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Cli.Commands;

/// <summary>lvsctl's own verbs. Nothing of this is loaded when it is called in ipvsadm's style.</summary>
static class LvsctlCommand
{
    // As a shell reports a program that SIGINT ended.
    const int Interrupted = 130;

    // Whoever is told to stop while it changes the table stops between two changes, and says what was done.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static int Run(string[] args) =>
        // The console's own writer hands on 256 characters at a time; long plans and listings are written in larger pieces.
        Run(args, new StreamWriter(Console.OpenStandardOutput(), bufferSize: 16 * 1024) { AutoFlush = true }, Console.Error, Workplace.ThisHost);

    public static int Run(string[] args, TextWriter output, TextWriter error, Workplace workplace)
    {
        var root = Create(workplace);
        if (args is [var verb, ..] && root.Subcommands.All(c => c.Name != verb))
        {
            error.WriteLine($"lvsctl: there is no verb '{verb}'; see 'lvsctl help'");
            return (int)ExitCode.Usage;
        }
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            foreach (var problem in parsed.Errors.Select(e => e.Message).Distinct()) error.WriteLine($"lvsctl: {problem}");
            error.WriteLine($"lvsctl: see '{Path(parsed.CommandResult.Command)} --help'");
            return (int)ExitCode.Usage;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = s_patience,
            });
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("lvsctl: stopped; what was done stays, and 'lvsctl apply' goes on from there");
            return Interrupted;
        }
        catch (Exception e) when (CodeOf(e) is { } code)
        {
            foreach (var line in e.Message.Split('\n')) error.WriteLine($"lvsctl: {line}");
            return (int)code;
        }
    }

    // Not a RootCommand, which takes its name from whatever file hosts it.
    internal static Command Create(Workplace workplace)
    {
        var root = new Command("lvsctl", """
            Load-balancer manager for Linux Virtual Server.

            Called with options, or as ipvsadm, it behaves as ipvsadm does: 'lvsctl -A -t 10.0.0.1:80 -s rr', 'lvsctl -Ln'; 'lvsctl -h' lists them.
            """);
        root.Options.Add(new HelpOption());
        root.Subcommands.Add(StatusCommand.Create(workplace));
        root.Subcommands.Add(PlanCommand.Create(workplace));
        root.Subcommands.Add(ApplyCommand.Create(workplace));
        root.Subcommands.Add(ConfirmCommand.Create(workplace));
        root.Subcommands.Add(CheckCommand.Create(workplace));
        root.Subcommands.Add(RunCommand.Create(workplace));
        root.Subcommands.Add(VrrpCommand.Create(workplace));
        root.Subcommands.Add(ReloadCommand.Create(workplace));
        root.Subcommands.Add(WhyCommand.Create(workplace));
        root.Subcommands.Add(EventsCommand.Create(workplace));
        root.Subcommands.Add(TopCommand.Create(workplace));
        foreach (var verb in IntentCommand.CreateAll(workplace)) root.Subcommands.Add(verb);
        root.Subcommands.Add(ExportCommand.Create(workplace));
        root.Subcommands.Add(ValidateCommand.Create());
        root.Subcommands.Add(ExplainCommand.Create());
        root.Subcommands.Add(SchemaCommand.Create());
        root.Subcommands.Add(RealServerCommand.Create());
        root.Subcommands.Add(VersionCommand.Create());
        root.Subcommands.Add(HelpCommand.Create(root));
        return root;
    }

    static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : command.Name;

    internal static ExitCode? CodeOf(Exception error) => error switch
    {
        IpvsException { Reason: IpvsErrorReason.NoKernelSupport or IpvsErrorReason.NotPermitted } => ExitCode.KernelOrPermission,
        AddressException { IsKernelOrPermission: true } => ExitCode.KernelOrPermission,
        SysctlException { IsPermission: true } => ExitCode.KernelOrPermission,
        PreparationException { Problem: PreparationProblem.NotPermitted } => ExitCode.KernelOrPermission,
        PreparationException { Problem: PreparationProblem.Locked } => ExitCode.Locked,
        StateException { Problem: StateProblem.NotPermitted } => ExitCode.KernelOrPermission,
        StateException { Problem: StateProblem.Locked } => ExitCode.Locked,
        ManifestException { Code: var wrong } => wrong,
        VrrpException => ExitCode.ManifestInvalid,
        ControlException { ExitCode: var code } => (ExitCode)code,
        IOException or StateException or IpvsException or AddressException or SysctlException or PreparationException or NetlinkException => ExitCode.Failed,
        _ => null,
    };
}
