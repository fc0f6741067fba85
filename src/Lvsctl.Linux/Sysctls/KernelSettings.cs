using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Sysctls;

/// <summary>Kernel settings by their sysctl(8) names, in the network namespace of the calling thread.</summary>
/// <param name="root">For tests; the kernel's own is /proc/sys.</param>
public sealed class KernelSettings(string root = "/proc/sys")
{
    /// <summary>Null where there is no such setting, as when its device does not exist.</summary>
    /// <exception cref="SysctlException"/>
    public string? Read(string name)
    {
        try
        {
            return File.ReadAllText(PathOf(name)).TrimEnd('\n');
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SysctlException("read", name, ErrnoOf(e));
        }
    }

    /// <exception cref="SysctlException"/>
    public void Write(string name, string value)
    {
        try
        {
            using var file = new FileStream(PathOf(name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            // In one write: the kernel takes each as a whole new value.
            file.Write([.. System.Text.Encoding.ASCII.GetBytes(value), (byte)'\n']);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SysctlException("set", name, ErrnoOf(e));
        }
    }

    string PathOf(string name) => Path.Combine(root, name.Replace('.', '/'));

    // .NET leaves the errno in HResult, of the inner exception where it has a type of its own for it.
    static Errno ErrnoOf(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => Errno.ENOENT,
        _ when (e.InnerException ?? e).HResult is > 0 and var errno => (Errno)errno,
        _ => Errno.EIO,
    };
}

/// <summary>A kernel setting could not be read or set.</summary>
public sealed class SysctlException(string operation, string name, Errno errno)
    : Exception($"cannot {operation} {name}: {ErrnoText.Describe(errno)}{Advice(errno)}")
{
    public string Name { get; } = name;

    public Errno Errno { get; } = errno;

    public bool IsPermission => Errno is Errno.EPERM or Errno.EACCES or Errno.EROFS;

    static string Advice(Errno errno) => errno switch
    {
        Errno.EPERM or Errno.EACCES => "; run as root",
        Errno.EROFS => "; /proc/sys is read-only here, as in most containers: set it on the host, or give the container the right to",
        _ => "",
    };
}
