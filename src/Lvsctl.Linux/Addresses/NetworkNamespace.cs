using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Addresses;

public static unsafe class NetworkNamespace
{
    /// <summary>
    /// A name for the network namespace of the calling thread, good until the next boot: its cookie, which is never given out twice, or
    /// before Linux 5.14 the number of its inode, which may be once it is gone.
    /// </summary>
    public static string Identify()
    {
        using var socket = new FileDescriptor(LibC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NetlinkConstants.NETLINK_ROUTE));
        if (socket.IsInvalid) throw new NetlinkException("opening a netlink socket", LastErrno);
        ulong cookie;
        uint length = sizeof(ulong);
        if (getsockopt(socket.Number, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0) return $"netns-{cookie}";

        // net:[4026531840]
        var link = File.ResolveLinkTarget("/proc/thread-self/ns/net", returnFinalTarget: false)?.Name ?? "";
        return $"netns-inode-{new string([.. link.Where(char.IsAsciiDigit)])}";
    }
}
