using System.Globalization;

namespace Lvsctl.Kernel.Tests.Lab;

/// <summary>What random tests begin with: LVSCTL_SEED, or something new each time, which the test prints.</summary>
static class Seed
{
    public static int FromEnvironment() => Setting("LVSCTL_SEED", Environment.TickCount & 0xffff);

    /// <summary>A number that the environment may set.</summary>
    public static int Setting(string name, int byDefault) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : byDefault;
}
