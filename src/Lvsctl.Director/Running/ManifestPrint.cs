using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lvsctl.Director.Running;

/// <summary>Tells whether a manifest's files are still the same.</summary>
public static class ManifestPrint
{
    /// <summary>SHA-256 over the names and contents of the files, in lower-case hexadecimal; empty where they cannot be read.</summary>
    /// <param name="paths">Files, and directories of <c>*.yaml</c> and <c>*.yml</c>.</param>
    public static string Hash(IReadOnlyList<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            foreach (var file in Files(paths))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
                hash.AppendData(File.ReadAllBytes(file));
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
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
