using Lvsctl.Cli.Commands;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>One call of lvsctl with a verb, with a fake kernel where it needs one.</summary>
sealed record VerbRun(int Code, string Output, string Error)
{
    public static VerbRun Of(string args, FakeKernel? kernel = null, bool colour = false) =>
        Of(args, new Workplace(() => new IpvsClient((kernel ?? new FakeKernel()).Connect()), new KernelSettings(), TimeProvider.System, colour));

    public static VerbRun Of(string args, Workplace workplace)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = LvsctlCommand.Run(args.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error, workplace);
        return new(code, output.ToString(), error.ToString());
    }
}
