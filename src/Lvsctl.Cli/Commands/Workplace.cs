using Lvsctl.Linux.Descriptors;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Cli.Commands;

/// <summary>What the verbs work on: the kernel, the time, and whether people see colours.</summary>
sealed record Workplace(Func<IpvsClient> OpenKernel, KernelSettings Settings, TimeProvider Clock, bool Colour)
{
    /// <summary>How many lines people see at a time; null when standard output is no terminal.</summary>
    public Func<int>? ScreenHeight { get; init; }

    /// <summary>Nobody reads standard output any more.</summary>
    public Func<bool> IsAbandoned { get; init; } = static () => false;

    /// <summary>How long the end of an apply that had to be confirmed waits for whoever does not read what it says.</summary>
    public TimeSpan ListenerPatience { get; init; } = TimeSpan.FromSeconds(5);

    public static Workplace ThisHost { get; } = new(IpvsClient.Open, new KernelSettings(), TimeProvider.System, Terminal.WantsColour())
    {
        IsAbandoned = static () => StandardOutput.IsAbandoned,
        ScreenHeight = Terminal.IsScreen() ? static () => Console.WindowHeight : null,
    };
}
