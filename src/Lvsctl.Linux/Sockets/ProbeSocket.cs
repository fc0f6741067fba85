using System.Net;
using System.Text;
using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Sockets;

public enum ProbeSocketKind
{
    Tcp,
    Udp,

    /// <summary>ICMP echo without privileges (net.ipv4.ping_group_range): the kernel sees to identifier and checksum.</summary>
    Ping,

    /// <summary>ICMP by a raw socket (CAP_NET_RAW): for IPv4, what is received starts with the IP header.</summary>
    RawIcmp,
}

/// <summary>How a probe's packets leave the director.</summary>
/// <param name="Source">Empty: the kernel chooses.</param>
/// <param name="Interface">Null: by route.</param>
/// <param name="Mark">Firewall mark; 0: none.</param>
public sealed record ProbeExit(KernelEndpoint Source, string? Interface, uint Mark)
{
    public static ProbeExit Default { get; } = new(default, null, 0);
}

/// <summary>
/// An open, non-blocking socket by its number. No handle with a finaliser: ten thousand of those a second would be garbage. Whoever opens
/// one closes it.
/// </summary>
public readonly unsafe record struct ProbeSocket(int Descriptor)
{
    /// <summary>How long the kernel puts an acknowledgement off at least (TCP_DELACK_MIN is 40 ms), with a margin.</summary>
    public static readonly TimeSpan SureToBeUnacknowledged = TimeSpan.FromMilliseconds(20);

    // linux/tcp.h, struct tcp_info: tcpi_segs_out.
    const int SegmentsOutOffset = 136;

    /// <returns>What went wrong, and which call it was; the socket is open only on <see cref="Errno.OK"/>.</returns>
    public static Errno TryOpen(ProbeSocketKind kind, bool isIPv6, ProbeExit exit, out ProbeSocket socket)
    {
        var icmp = isIPv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
        var (type, protocol) = kind switch
        {
            ProbeSocketKind.Tcp => (SOCK_STREAM, IPPROTO_TCP),
            ProbeSocketKind.Udp => (SOCK_DGRAM, IPPROTO_UDP),
            ProbeSocketKind.Ping => (SOCK_DGRAM, icmp),
            _ => (SOCK_RAW, icmp),
        };
        socket = new(LibC.socket(isIPv6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
        if (socket.Descriptor < 0) return LastErrno;
        var errno = ReferenceEquals(exit, ProbeExit.Default) ? Errno.OK : socket.Leave(exit);
        if (errno != Errno.OK) socket.Close();
        return errno;
    }

    Errno Leave(ProbeExit exit)
    {
        if (exit.Mark != 0 && SetOption(SOL_SOCKET, SO_MARK, (int)exit.Mark) is not Errno.OK and var noMark) return noMark;
        if (exit.Interface is { } name)
        {
            fixed (byte* text = Encoding.UTF8.GetBytes(name))
            {
                if (setsockopt(Descriptor, SOL_SOCKET, SO_BINDTODEVICE, text, (uint)name.Length) < 0) return LastErrno;
            }
        }
        if (exit.Source.IsEmpty) return Errno.OK;
        fixed (byte* source = exit.Source.Bytes)
        {
            return bind(Descriptor, source, (uint)exit.Source.Bytes.Length) < 0 ? LastErrno : Errno.OK;
        }
    }

    /// <summary><see cref="Errno.EINPROGRESS"/> where the answer comes later.</summary>
    public Errno Connect(in KernelEndpoint to)
    {
        fixed (byte* address = to.Bytes)
        {
            return connect(Descriptor, address, (uint)to.Bytes.Length) < 0 ? LastErrno : Errno.OK;
        }
    }

    /// <summary>What became of a connection that was in progress, or what ICMP said since. Asking forgets it.</summary>
    public Errno TakeError()
    {
        int error;
        uint length = sizeof(int);
        return getsockopt(Descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? LastErrno : (Errno)error;
    }

    /// <summary><see cref="Errno.EAGAIN"/> where the kernel takes nothing now.</summary>
    public Errno Send(ReadOnlySpan<byte> bytes, out int sent)
    {
        fixed (byte* start = bytes)
        {
            sent = (int)send(Descriptor, start, (nuint)bytes.Length, MSG_NOSIGNAL);
            return sent < 0 ? LastErrno : Errno.OK;
        }
    }

    /// <summary>0 bytes of a stream: the other side has closed. <see cref="Errno.EAGAIN"/> where there is nothing now.</summary>
    public Errno Receive(Span<byte> buffer, out int received)
    {
        fixed (byte* start = buffer)
        {
            received = (int)recv(Descriptor, start, (nuint)buffer.Length, 0);
            return received < 0 ? LastErrno : Errno.OK;
        }
    }

    /// <summary>The address the kernel chose for this end.</summary>
    public Errno LocalAddress(out IPAddress address)
    {
        address = IPAddress.None;
        var bytes = stackalloc byte[28];
        uint length = 28;
        if (getsockname(Descriptor, bytes, &length) < 0) return LastErrno;
        address = new KernelEndpoint(new ReadOnlySpan<byte>(bytes, (int)length)).Address;
        return Errno.OK;
    }

    /// <summary>
    /// Before connecting: the last packet of the handshake is put off, so that <see cref="CloseUnnoticed"/> can leave it out.
    /// </summary>
    public void DelayHandshake() => SetOption(IPPROTO_TCP, TCP_QUICKACK, 0);

    /// <summary>
    /// Closes a connection that has only been made. While the handshake's last packet is unsent, a reset takes it back: the server's program
    /// is never told of a connection, and neither side keeps TIME_WAIT. Later a reset would be an error to that program, so it is closed in
    /// the ordinary way.
    /// </summary>
    /// <param name="sinceConnecting">Since the connection was asked for.</param>
    public void CloseUnnoticed(TimeSpan sinceConnecting)
    {
        if (sinceConnecting < SureToBeUnacknowledged || SegmentsOut() == 1)
        {
            var reset = new linger { l_onoff = 1, l_linger = 0 };
            setsockopt(Descriptor, SOL_SOCKET, SO_LINGER, &reset, (uint)sizeof(linger));
        }
        Close();
    }

    uint SegmentsOut()
    {
        const int Size = 256;
        var info = stackalloc byte[Size];
        uint length = Size;
        return getsockopt(Descriptor, IPPROTO_TCP, TCP_INFO, info, &length) == 0 && length >= SegmentsOutOffset + sizeof(uint)
            ? *(uint*)(info + SegmentsOutOffset)
            : uint.MaxValue;
    }

    /// <summary>Nothing more will be said; the other side may still answer.</summary>
    public void FinishSaying() => shutdown(Descriptor, SHUT_WR);

    public void Close() => close(Descriptor);

    Errno SetOption(int level, int option, int value) => setsockopt(Descriptor, level, option, &value, sizeof(int)) < 0 ? LastErrno : Errno.OK;
}
