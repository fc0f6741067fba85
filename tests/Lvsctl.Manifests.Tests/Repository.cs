using System.Runtime.CompilerServices;

namespace Lvsctl.Manifests.Tests;

/// <summary>The files that are tested, or test.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Invalid { get; } = Path.Combine(Root, "tests", "Manifests", "invalid");

    public static bool UpdatesGolden => Environment.GetEnvironmentVariable("LVSCTL_UPDATE_GOLDEN") == "1";

    /// <summary>All files of the repository with one of the endings, by their path in it.</summary>
    public static IEnumerable<string> Files(params string[] endings) =>
        Walk(Root).Where(f => endings.Any(e => f.EndsWith(e, StringComparison.Ordinal))).Select(f => Path.GetRelativePath(Root, f)).Order(StringComparer.Ordinal);

    static IEnumerable<string> Walk(string directory) => Directory.EnumerateFiles(directory).Concat(
        Directory.EnumerateDirectories(directory).Where(d => Path.GetFileName(d) is not (".git" or "artifacts" or "node_modules" or "bin" or "obj")).SelectMany(Walk));

    static string FindRoot([CallerFilePath] string here = "")
    {
        var directory = Path.GetDirectoryName(here);
        while (directory is not null && !File.Exists(Path.Combine(directory, "lvsctl.sln"))) directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException($"no lvsctl.sln above {here}");
    }
}
