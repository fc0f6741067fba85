using System.Globalization;
using System.Text;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Running;

/// <summary>Tells whether a manifest's files are still the same.</summary>
public static class ManifestPrint
{
    /// <summary>Over the names and contents of the files, 16 hexadecimal digits; empty where they cannot be read. It tells versions apart, and proves nothing.</summary>
    /// <param name="paths">Files, and directories of <c>*.yaml</c> and <c>*.yml</c>.</param>
    public static string Hash(IReadOnlyList<string> paths)
    {
        // Not SHA-256: OpenSSL would be loaded for it, which takes more memory than all the rest of a small director's own.
        var hash = StableHash.Empty;
        try
        {
            foreach (var file in Files(paths)) hash = hash.With(file).With(File.ReadAllBytes(file));
            return hash.Mixed().ToString("x16", CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Changes when somebody writes, replaces, adds or removes a file. Cheap enough for every second.</summary>
    public static string Stamp(IReadOnlyList<string> paths)
    {
        var text = new StringBuilder();
        try
        {
            foreach (var file in Files(paths))
            {
                var info = new FileInfo(file);
                text.Append(CultureInfo.InvariantCulture, $"{file} {info.LastWriteTimeUtc.Ticks} {(info.Exists ? info.Length : -1)}\n");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            text.Append(e.Message);
        }
        return text.ToString();
    }

    static IEnumerable<string> Files(IReadOnlyList<string> paths) => paths.SelectMany(InPath);

    static IEnumerable<string> InPath(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Where(f => f.EndsWith(".yaml", StringComparison.Ordinal) || f.EndsWith(".yml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        : [path];
}
