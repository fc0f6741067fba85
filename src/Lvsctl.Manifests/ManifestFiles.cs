using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests;

/// <summary>Finds and reads the files of a manifest.</summary>
static class ManifestFiles
{
    /// <summary>A directory stands for its <c>*.yaml</c> and <c>*.yml</c> in the order of their names; <c>-</c> for standard input.</summary>
    public static IEnumerable<ManifestSource> Load(IEnumerable<string> paths, Report report)
    {
        var room = Limits.Bytes;
        var seen = new HashSet<string>();
        foreach (var path in paths)
        {
            foreach (var file in Expand(path, report))
            {
                if (!seen.Add(Path.GetFullPath(file)) || Read(file, ref room, report) is not { } source) continue;
                yield return source;
            }
        }
    }

    static List<string> Expand(string path, Report report)
    {
        if (path == "-") return ["/dev/stdin"];
        if (!Directory.Exists(path)) return [path];
        try
        {
            var files = Directory.EnumerateFiles(path)
                .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" && !Path.GetFileName(f).StartsWith('.'))
                .Order(StringComparer.Ordinal).Take(Limits.Files).ToList();
            if (files.Count == 0) Complain(report, path, "there is no *.yaml in this directory");
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(report, path, e.Message);
            return [];
        }
    }

    static ManifestSource? Read(string path, ref int room, Report report)
    {
        try
        {
            // Not by its length: a pipe or a device has none, or a wrong one.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var bytes = new byte[file.CanSeek ? (int)Math.Min(file.Length, room) + 1 : 64 * 1024];
            var length = 0;
            while (file.Read(bytes, length, bytes.Length - length) is > 0 and var read)
            {
                length += read;
                if (length > room)
                {
                    report.Add(Code.TooMuch, Place.WholeFile(report.AddFile(path)), $"all files together are larger than {Limits.Bytes / (1024 * 1024)} MiB");
                    room = 0;
                    return null;
                }
                if (length == bytes.Length) Array.Resize(ref bytes, Math.Min(bytes.Length * 2, room + 1));
            }
            room -= length;
            return new(path == "/dev/stdin" ? "-" : path, bytes.AsMemory(0, length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(report, path, e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file or directory",
                UnauthorizedAccessException => "you may not read it",
                _ => e.Message,
            });
            return null;
        }
    }

    static void Complain(Report report, string path, string text) => report.Add(Code.CannotRead, Place.WholeFile(report.AddFile(path)), text);
}
