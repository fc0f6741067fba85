using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Descriptors;

/// <summary>What .NET has no call for, because it opens no directories.</summary>
public static class DirectoryDescriptor
{
    /// <summary>The names in the directory are on the disk as they are now before this returns: what was created, renamed and deleted.</summary>
    /// <exception cref="IOException">Its HResult is the errno.</exception>
    public static void FlushToDisk(string path)
    {
        using var directory = new FileDescriptor(LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC));
        if (directory.IsInvalid) throw Failure(path);
        // A file system that keeps nothing on a disk may not know the call.
        if (LibC.fsync(directory.Number) != 0 && LibC.LastErrno is not (Errno.EINVAL or Errno.EOPNOTSUPP)) throw Failure(path);
    }

    static IOException Failure(string path)
    {
        var errno = LibC.LastErrno;
        return new IOException($"{path}: {errno.Words()}", (int)errno);
    }
}
