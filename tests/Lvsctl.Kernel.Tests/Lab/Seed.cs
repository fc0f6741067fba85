using System.Globalization;

namespace Lvsctl.Kernel.Tests.Lab;

/// <summary>What random tests begin with: LVSCTL_SEED, or else the same each time, so that a change is what makes a test fail. The test prints it.</summary>
static class Seed
{
    public static int FromEnvironment() => Setting("LVSCTL_SEED", 20261122);

    /// <summary>A number that the environment may set.</summary>
    public static int Setting(string name, int byDefault) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : byDefault;
}
