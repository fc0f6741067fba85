using Lvsctl.Cli.Commands;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>One call of lvsctl with a verb, with a fake kernel where it needs one.</summary>
sealed record VerbRun(int Code, string Output, string Error)
{
    public static VerbRun Of(string args, FakeKernel? kernel = null, bool colour = false)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var view = new StatusCommand.View(() => new IpvsClient((kernel ?? new FakeKernel()).Connect()), colour);
        var code = LvsctlCommand.Run(args.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error, view);
        return new(code, output.ToString(), error.ToString());
    }
}
