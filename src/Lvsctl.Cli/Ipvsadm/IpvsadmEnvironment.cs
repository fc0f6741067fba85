using Lvsctl.Linux.Descriptors;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm;

/// <summary>The world of one run: a process has the system's, a test makes its own.</summary>
sealed record IpvsadmEnvironment
{
    public const string ConnectionFile = "/proc/net/ip_vs_conn";

    public required Stream Input { get; init; }

    public required Stream Output { get; init; }

    public required Stream Error { get; init; }

    public required INames Names { get; init; }

    public required Func<IpvsClient> OpenKernel { get; init; }

    /// <summary>Opens <see cref="ConnectionFile"/>.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public required Func<Stream> OpenConnections { get; init; }

    /// <summary>Reads the servers of all services at once; null where there is no such file, and netlink is asked service by service.</summary>
    public Func<TableFile?> ReadTableFile { get; init; } = static () => null;

    /// <summary>What <c>--help</c> says about lvsctl's own verbs when it is called as lvsctl.</summary>
    public string OwnHelp { get; init; } = "";

    public static IpvsadmEnvironment OfProcess() => new()
    {
        Input = DescriptorStream.StandardInput,
        Output = DescriptorStream.StandardOutput,
        Error = DescriptorStream.StandardError,
        Names = new SystemNames(),
        OpenKernel = IpvsClient.Open,
        OpenConnections = static () => File.OpenRead(ConnectionFile),
        ReadTableFile = static () => TableFile.Read(),
    };
}
