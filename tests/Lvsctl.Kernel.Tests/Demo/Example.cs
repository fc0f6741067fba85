using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Demo;

/// <summary>An example of the repository, run as users run it.</summary>
static class Example
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "examples");

    public static IEnumerable<string> All => Directory.GetDirectories(Folder).Where(d => File.Exists($"{d}/run")).Select(d => Path.GetFileName(d)!).Order();

    public static void MustPass(string name)
    {
        var result = Run(name, Lab.Program.Path);
        Assert.True(result.ExitCode == 0, $"{string.Join('\n', result.Output.Split('\n').Where(l => l.StartsWith("  WRONG", StringComparison.Ordinal)))}\n{result}");
        Assert.EndsWith($"\nPASS {name}\n", result.Output);
        Assert.DoesNotContain("WRONG", result.Output);
    }

    public static Command.Result Run(string name, string lvsctl)
    {
        Assert.True(Environment.GetEnvironmentVariable("LVSCTL_LAB") == "1", "examples run in the lab: use scripts/test");
        return Command.Run("env", $"LVSCTL_BIN={lvsctl}", $"{Folder}/{name}/run");
    }
}
