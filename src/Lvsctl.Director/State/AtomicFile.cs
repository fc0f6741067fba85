using Lvsctl.Linux.Descriptors;

namespace Lvsctl.Director.State;

/// <summary>Files that are there whole or not at all, whenever the power goes.</summary>
static class AtomicFile
{
    const UnixFileMode DirectoryMode = (UnixFileMode)0b111_101_101;

    /// <summary>The file is on the disk under its name before this returns. Its directory must be there.</summary>
    public static void Write(string path, UnixFileMode mode, Action<Stream> write)
    {
        var draft = path + ".new";
        File.Delete(draft);
        using (var file = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, path, overwrite: true);
        Keep(path);
    }

    /// <summary>The file is gone for good before this returns; where there is none, that is so already.</summary>
    public static void Delete(string path)
    {
        if (!File.Exists(path)) return;
        File.Delete(path);
        Keep(path);
    }

    public static void CreateDirectory(string path)
    {
        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path, DirectoryMode);
        Keep(Path.GetFullPath(path).TrimEnd('/'));
    }

    // A name belongs to its directory: until that is on the disk, a power cut brings the old file back, or none.
    static void Keep(string path) => DirectoryDescriptor.FlushToDisk(Path.GetDirectoryName(Path.GetFullPath(path))!);
}
