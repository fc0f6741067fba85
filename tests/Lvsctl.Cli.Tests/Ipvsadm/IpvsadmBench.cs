using System.Text;
using Lvsctl.Cli.Ipvsadm;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Ipvsadm;

/// <summary>Runs command lines in this process, on a fake kernel.</summary>
sealed class IpvsadmBench
{
    public FakeKernel Kernel { get; } = new();

    public FixedNames Names { get; } = new();

    /// <summary>/proc/net/ip_vs_conn; null when it cannot be opened.</summary>
    public string? Connections { get; set; } = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n";

    public string OwnHelp { get; set; } = "";

    public sealed record Result(string Output, string Errors, int ExitCode);

    public Result Run(string line) => RunWords(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public Result Restore(string input) => RunWords(["ipvsadm", "-R"], input);

    /// <param name="words">The program's name first.</param>
    public Result RunWords(IReadOnlyList<string> words, string input = "") => RunWords(words, new MemoryStream(Encoding.UTF8.GetBytes(input)));

    public Result RunWords(IReadOnlyList<string> words, Stream input)
    {
        using var output = new MemoryStream();
        using var errors = new MemoryStream();
        var exitCode = Run(words, input, output, errors);
        return new Result(Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(errors.ToArray()), exitCode);
    }

    public int Run(IReadOnlyList<string> words, Stream input, Stream output, Stream errors)
    {
        var environment = new IpvsadmEnvironment
        {
            Input = input,
            Output = output,
            Error = errors,
            Names = Names,
            OpenKernel = () => new IpvsClient(Kernel.Connect()),
            OpenConnections = () => Connections is null ? throw new FileNotFoundException() : new MemoryStream(Encoding.UTF8.GetBytes(Connections)),
            OwnHelp = OwnHelp,
        };
        return IpvsadmProgram.Run(environment, words[0], words.Skip(1).ToArray());
    }
}
