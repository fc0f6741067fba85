using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Addresses.RouteConstants;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Addresses;

public enum RouteChangeKind
{
    /// <summary>A device came or changed.</summary>
    Link,
    LinkGone,
    AddressAdded,
    AddressRemoved,

    /// <summary>There was more than the kernel could tell: anything may have changed.</summary>
    Unknown,
}

/// <param name="Link">Of the first two kinds.</param>
/// <param name="Address">Of the other two.</param>
public readonly record struct RouteChange(RouteChangeKind Kind, Link? Link, LinkAddress? Address);

/// <summary>Hears of every change of devices and addresses in the network namespace of the thread that opened it. Needs no privilege.</summary>
public sealed unsafe class RouteMonitor : IDisposable
{
    readonly FileDescriptor _socket;
    readonly byte[] _buffer = new byte[64 * 1024];

    RouteMonitor(FileDescriptor socket) => _socket = socket;

    /// <summary>Readable when there is something to hear.</summary>
    public int Descriptor => _socket.Number;

    /// <exception cref="NetlinkException">No netlink socket could be had.</exception>
    public static RouteMonitor Open()
    {
        var socket = new FileDescriptor(LibC.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NetlinkConstants.NETLINK_ROUTE));
        if (socket.IsInvalid) throw new NetlinkException("opening a netlink socket", LastErrno);
        var groups = new sockaddr_nl { nl_family = AF_NETLINK, nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
        if (bind(socket.Number, &groups, (uint)sizeof(sockaddr_nl)) == 0) return new(socket);
        var errno = LastErrno;
        socket.Dispose();
        throw new NetlinkException("hearing of changed devices and addresses", errno);
    }

    /// <summary>Hands on what has happened since the last call, in order, and does not wait.</summary>
    public void Read(List<RouteChange> into)
    {
        fixed (byte* bytes = _buffer)
        {
            while (true)
            {
                var length = recv(_socket.Number, bytes, (nuint)_buffer.Length, MSG_DONTWAIT | MSG_TRUNC);
                if (length >= 0 && length <= _buffer.Length)
                {
                    Take(_buffer.AsSpan(0, (int)length), into);
                    continue;
                }
                var errno = length < 0 ? LastErrno : Errno.ENOBUFS;
                if (errno is Errno.EINTR) continue;
                if (errno is Errno.EAGAIN) return;
                into.Add(new(RouteChangeKind.Unknown, null, null));
                if (errno is not Errno.ENOBUFS) return;
            }
        }
    }

    internal static void Take(ReadOnlySpan<byte> datagram, List<RouteChange> into)
    {
        while (NetlinkMessage.TryTake(ref datagram, out var message))
        {
            switch (message.Type)
            {
                case RTM_NEWLINK or RTM_DELLINK when !IsOfAnotherFamily(message.Payload) && Link.Read(message.Payload) is { } link:
                    into.Add(new(message.Type == RTM_NEWLINK ? RouteChangeKind.Link : RouteChangeKind.LinkGone, link, null));
                    break;
                case RTM_NEWADDR or RTM_DELADDR when LinkAddress.Read(message.Payload) is { } address:
                    into.Add(new(message.Type == RTM_NEWADDR ? RouteChangeKind.AddressAdded : RouteChangeKind.AddressRemoved, null, address));
                    break;
            }
        }
    }

    // A bridge tells of its ports, and of one taken off as if the device were gone (AF_BRIDGE).
    static bool IsOfAnotherFamily(ReadOnlySpan<byte> payload) => payload.IsEmpty || payload[0] != AF_UNSPEC;

    public void Dispose() => _socket.Dispose();
}
