using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

public static class ErrnoText
{
    /// <summary>libc's words for it, as strerror(3) gives them: <c>No such device</c>.</summary>
    public static string Words(this Errno errno) => Marshal.GetPInvokeErrorMessage((int)errno);

    /// <summary><c>No such device (ENODEV)</c>.</summary>
    public static string Describe(Errno errno) => $"{errno.Words()} ({errno})";
}
