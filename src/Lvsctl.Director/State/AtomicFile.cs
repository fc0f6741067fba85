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
    }

    public static void CreateDirectory(string path) => Directory.CreateDirectory(path, DirectoryMode);
}
