using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;
using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Netlink;

/// <summary>
/// A netlink socket of the network namespace the calling thread is in. The kernel answers while it takes the request, so the calls
/// are synchronous; waiting is only for the rare answer that is late or never comes, and ends by time-out or cancellation.
/// </summary>
public sealed unsafe class NetlinkSocket : INetlinkTransport
{
    readonly FileDescriptor _socket;
    FileDescriptor? _wakeUp;

    NetlinkSocket(FileDescriptor socket) => _socket = socket;

    public static NetlinkSocket OpenGeneric() => Open(NETLINK_GENERIC);

    public static NetlinkSocket OpenRoute() => Open(NETLINK_ROUTE);

    static NetlinkSocket Open(int protocol)
    {
        var socket = new NetlinkSocket(new FileDescriptor(Check(LibC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), "opening a netlink socket")));
        try
        {
            // Connected to port 0, only the kernel can send to it: other processes could forge answers otherwise.
            var kernel = new sockaddr_nl { nl_family = AF_NETLINK };
            Check(connect(socket._socket.Number, &kernel, (uint)sizeof(sockaddr_nl)), "connecting a netlink socket");
            // Both came with Linux 4.x and only make answers shorter and clearer: without them all still works.
            socket.TrySetOption(SOL_NETLINK, NETLINK_CAP_ACK, 1);
            socket.TrySetOption(SOL_NETLINK, NETLINK_EXT_ACK, 1);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public bool TryGrowReceiveBuffer(int bytes) => TrySetOption(SOL_SOCKET, SO_RCVBUFFORCE, bytes);

    public void Send(ReadOnlySpan<byte> datagram)
    {
        fixed (byte* bytes = datagram)
        {
            while (send(_socket.Number, bytes, (nuint)datagram.Length, 0) < 0)
            {
                if (LastErrno != Errno.EINTR) throw new NetlinkException("sending to the kernel", LastErrno);
            }
        }
    }

    public bool TryReceive(Span<byte> buffer, TimeSpan timeout, out int length, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (!TryReceiveNow(buffer, out length))
        {
            if (!WaitUntilReadable(timeout, cancellation)) return false;
        }
        return true;
    }

    bool TryReceiveNow(Span<byte> buffer, out int length)
    {
        length = 0;
        fixed (byte* bytes = buffer)
        {
            var received = recv(_socket.Number, bytes, (nuint)buffer.Length, MSG_DONTWAIT | MSG_TRUNC);
            if (received < 0)
            {
                if (LastErrno is Errno.EAGAIN or Errno.EINTR) return false;
                throw new NetlinkException("receiving from the kernel", LastErrno);
            }
            // With MSG_TRUNC the true length comes back: a dump that was cut would lose entries in silence.
            if (received > buffer.Length) throw new NetlinkException("receiving from the kernel", Errno.EMSGSIZE);
            length = (int)received;
            return true;
        }
    }

    bool WaitUntilReadable(TimeSpan timeout, CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled) return Poll(timeout, wakeUp: -1);

        _wakeUp ??= new FileDescriptor(Check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "creating an eventfd"));
        using (cancellation.UnsafeRegister(static wakeUp => Signal((FileDescriptor)wakeUp!), _wakeUp))
        {
            var readable = Poll(timeout, _wakeUp.Number);
            ulong count;
            _ = read(_wakeUp.Number, &count, sizeof(ulong));
            cancellation.ThrowIfCancellationRequested();
            return readable;
        }
    }

    bool Poll(TimeSpan timeout, int wakeUp)
    {
        var descriptors = stackalloc pollfd[2];
        descriptors[0] = new pollfd { fd = _socket.Number, events = POLLIN };
        descriptors[1] = new pollfd { fd = wakeUp, events = POLLIN };
        var ready = poll(descriptors, 2, (int)Math.Clamp(Math.Ceiling(timeout.TotalMilliseconds), 0, int.MaxValue));
        // A signal looks readable: the caller tries to receive, finds nothing and waits again.
        return ready > 0 || (ready < 0 && LastErrno == Errno.EINTR);
    }

    static void Signal(FileDescriptor wakeUp)
    {
        var one = 1UL;
        _ = write(wakeUp.Number, &one, sizeof(ulong));
    }

    bool TrySetOption(int level, int option, int value) => setsockopt(_socket.Number, level, option, &value, sizeof(int)) == 0;

    static int Check(int result, string operation) => result >= 0 ? result : throw new NetlinkException(operation, LastErrno);

    public void Dispose()
    {
        _socket.Dispose();
        _wakeUp?.Dispose();
    }
}
