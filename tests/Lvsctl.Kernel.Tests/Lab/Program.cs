namespace Lvsctl.Kernel.Tests.Lab;

/// <summary>The program under test.</summary>
static class Program
{
    public static string Path { get; } = System.IO.Path.GetFullPath(
        Environment.GetEnvironmentVariable("LVSCTL_BIN") ?? "artifacts/bin/lvsctl", Repository.Root);
}
