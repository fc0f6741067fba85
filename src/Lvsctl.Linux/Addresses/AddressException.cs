using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Addresses;

/// <summary>A request about a device or an address failed. The message says what was asked, what the kernel answered and what to do.</summary>
public sealed class AddressException : Exception
{
    AddressException(string message, string operation, string? device, Errno errno)
        : base(message)
    {
        Operation = operation;
        Device = device;
        Errno = errno;
    }

    public string Operation { get; }

    public string? Device { get; }

    public Errno Errno { get; }

    /// <summary>The kernel lacks a module, or we lack a right: nothing that another command line would mend.</summary>
    public bool IsKernelOrPermission => Errno is Errno.EPERM or Errno.EACCES or Errno.EOPNOTSUPP;

    internal static AddressException For(string operation, string? device, NetlinkAnswer answer, string? advice = null)
    {
        var what = device is null ? operation : $"{operation} {device}";
        var kernel = answer.KernelText is null ? "" : $", kernel: {answer.KernelText}";
        advice ??= Advice(answer.Errno);
        return new($"cannot {what}: {ErrnoText.Describe(answer.Errno)}{kernel}{(advice is null ? "" : $"; {advice}")}", operation, device, answer.Errno);
    }

    static string? Advice(Errno errno) => errno switch
    {
        Errno.EPERM or Errno.EACCES => "this needs CAP_NET_ADMIN: run as root",
        Errno.ENODEV => "there is no such device",
        Errno.ETIMEDOUT or Errno.ENOBUFS => "the kernel gave no answer; try again",
        _ => null,
    };
}
