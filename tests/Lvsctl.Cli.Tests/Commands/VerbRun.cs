using Lvsctl.Cli.Commands;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>One call of lvsctl with a verb, with a fake kernel where it needs one.</summary>
sealed record VerbRun(int Code, string Output, string Error)
{
    public static VerbRun Of(string args, FakeKernel? kernel = null, bool colour = false)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var workplace = new Workplace(() => new IpvsClient((kernel ?? new FakeKernel()).Connect()), new KernelSettings(), TimeProvider.System, colour);
        var code = LvsctlCommand.Run(args.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error, workplace);
        return new(code, output.ToString(), error.ToString());
    }
}
