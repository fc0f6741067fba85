using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Netlink;

/// <summary>Talking to the kernel failed: the socket could not be had, or what came over it made no sense.</summary>
public sealed class NetlinkException(string operation, Errno errno, string? kernelText = null)
    : Exception($"{operation}: {ErrnoText.Describe(errno)}{(kernelText is null ? "" : $" (kernel: {kernelText})")}")
{
    /// <summary>The system call or the request, in words.</summary>
    public string Operation { get; } = operation;

    public Errno Errno { get; } = errno;

    /// <summary>Trying the same again later may succeed.</summary>
    public bool IsTransient => Errno is Errno.EINTR or Errno.EAGAIN or Errno.EBUSY or Errno.ENOBUFS or Errno.ENOMEM or Errno.ETIMEDOUT;

    internal static NetlinkException Malformed() => new("reading the kernel's answer", Errno.EBADMSG);
}
