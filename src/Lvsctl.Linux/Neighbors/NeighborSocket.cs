using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Neighbors;

/// <summary>Sends Ethernet frames and hears none (AF_PACKET without a protocol). Needs CAP_NET_RAW.</summary>
public sealed unsafe class NeighborSocket : IDisposable
{
    readonly FileDescriptor _socket;

    NeighborSocket(FileDescriptor socket) => _socket = socket;

    /// <exception cref="IOException">It cannot be had; the message says why.</exception>
    public static NeighborSocket Open()
    {
        var socket = new FileDescriptor(LibC.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket.IsInvalid) return new(socket);
        var errno = LastErrno;
        throw new IOException($"no packet socket for announcing addresses: {ErrnoText.Describe(errno)}; it needs CAP_NET_RAW: run as root", (int)errno);
    }

    public Errno Send(ReadOnlySpan<byte> frame, int @interface)
    {
        var to = new sockaddr_ll { sll_family = AF_PACKET, sll_ifindex = @interface };
        fixed (byte* bytes = frame)
        {
            return sendto(_socket.Number, bytes, (nuint)frame.Length, 0, &to, (uint)sizeof(sockaddr_ll)) < 0 ? LastErrno : Errno.OK;
        }
    }

    public void Dispose() => _socket.Dispose();
}
