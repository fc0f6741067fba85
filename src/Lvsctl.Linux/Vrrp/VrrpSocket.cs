using System.Runtime.InteropServices;
using System.Text;
using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Vrrp;

/// <summary>
/// A raw socket for one protocol (112, or 51 where authentication headers are used) of one family: of one interface and its group, or for
/// unicast of all interfaces. Needs CAP_NET_RAW. Nothing is allocated for a packet.
/// </summary>
public sealed unsafe class VrrpSocket : IDisposable
{
    const int ControlLength = 128;
    const int HopLimit = 255;
    const int ClassSelector6 = 0xc0;

    // TC_PRIO_CONTROL, by which a busy queue lets it go first.
    const int ControlPriority = 7;

    readonly FileDescriptor _socket;
    readonly IpFamily _family;
    readonly int _interface;

    VrrpSocket(FileDescriptor socket, IpFamily family, int @interface) => (_socket, _family, _interface) = (socket, family, @interface);

    public int Descriptor => _socket.Number;

    /// <param name="name">The interface to hear the group on; null: unicast.</param>
    /// <param name="index">The interface's number.</param>
    /// <exception cref="IOException">It cannot be had; the message says why.</exception>
    public static VrrpSocket Open(IpFamily family, byte protocol, string? name, int index)
    {
        var where = name ?? "all interfaces";
        var socket = new VrrpSocket(new FileDescriptor(LibC.socket((int)family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)), family, name is null ? 0 : index);
        if (socket._socket.IsInvalid)
        {
            var errno = LastErrno;
            throw new IOException($"no raw socket for VRRP: {ErrnoText.Describe(errno)}{(errno is Errno.EPERM or Errno.EACCES ? "; it needs CAP_NET_RAW: run as root" : "")}", (int)errno);
        }
        try
        {
            socket.Set(SOL_SOCKET, SO_PRIORITY, ControlPriority, where);
            if (name is not null) socket.BindTo(name);
            if (family == IpFamily.IPv6) socket.SetUpIPv6(name is not null, where);
            else socket.SetUpIPv4(name is not null, where);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    void SetUpIPv4(bool isMulticast, string where)
    {
        Set(SOL_IP, IP_HDRINCL, 1, where);
        Set(SOL_IP, IP_MULTICAST_ALL, 0, where);
        if (!isMulticast) return;
        Set(SOL_IP, IP_MULTICAST_LOOP, 0, where);
        var group = new ip_mreqn { imr_ifindex = _interface };
        WireAddress.Group(IpFamily.IPv4).Write(new Span<byte>(&group.imr_multiaddr, 4));
        Set(SOL_IP, IP_ADD_MEMBERSHIP, &group, sizeof(ip_mreqn), where);
        Set(SOL_IP, IP_MULTICAST_IF, &group, sizeof(ip_mreqn), where);
    }

    void SetUpIPv6(bool isMulticast, string where)
    {
        Set(SOL_IPV6, IPV6_RECVPKTINFO, 1, where);
        Set(SOL_IPV6, IPV6_RECVHOPLIMIT, 1, where);
        Set(SOL_IPV6, IPV6_UNICAST_HOPS, HopLimit, where);
        Set(SOL_IPV6, IPV6_MULTICAST_HOPS, HopLimit, where);
        Set(SOL_IPV6, IPV6_TCLASS, ClassSelector6, where);
        // Since Linux 4.20; without it a unicast socket may hear the group of another, which is refused by its destination.
        var none = 0;
        _ = setsockopt(Descriptor, SOL_IPV6, IPV6_MULTICAST_ALL, &none, sizeof(int));
        if (!isMulticast) return;
        Set(SOL_IPV6, IPV6_MULTICAST_LOOP, 0, where);
        Set(SOL_IPV6, IPV6_MULTICAST_IF, _interface, where);
        var group = new ipv6_mreq { ipv6mr_interface = _interface };
        WireAddress.Group(IpFamily.IPv6).Write(new Span<byte>(group.ipv6mr_multiaddr, 16));
        Set(SOL_IPV6, IPV6_ADD_MEMBERSHIP, &group, sizeof(ipv6_mreq), where);
    }

    void BindTo(string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name)) Set(SOL_SOCKET, SO_BINDTODEVICE, text, Encoding.UTF8.GetByteCount(name), name);
    }

    void Set(int level, int option, int value, string where) => Set(level, option, &value, sizeof(int), where);

    void Set(int level, int option, void* value, int length, string where)
    {
        if (setsockopt(Descriptor, level, option, value, (uint)length) == 0) return;
        var errno = LastErrno;
        throw new IOException($"cannot set up the VRRP socket on {where}: {ErrnoText.Describe(errno)}", (int)errno);
    }

    /// <param name="datagram">As <see cref="VrrpTransmitter"/> writes it.</param>
    /// <param name="source">Of IPv6; IPv4's is in the datagram.</param>
    /// <param name="interface">Through which a link-local peer is reached.</param>
    public Errno Send(ReadOnlySpan<byte> datagram, WireAddress source, WireAddress destination, int @interface)
    {
        fixed (byte* bytes = datagram)
        {
            return _family == IpFamily.IPv6 ? SendIPv6(bytes, datagram.Length, source, destination, @interface) : SendIPv4(bytes, datagram.Length, destination);
        }
    }

    Errno SendIPv4(byte* bytes, int length, WireAddress destination)
    {
        // sockaddr_in: family, port, address, padding.
        var to = stackalloc byte[16];
        *(ushort*)to = AF_INET;
        destination.Write(new Span<byte>(to + 4, 4));
        return sendto(Descriptor, bytes, (nuint)length, 0, to, 16) < 0 ? LastErrno : Errno.OK;
    }

    Errno SendIPv6(byte* bytes, int length, WireAddress source, WireAddress destination, int @interface)
    {
        // sockaddr_in6: family, port, flow, address, scope.
        var to = stackalloc byte[28];
        *(ushort*)to = AF_INET6;
        destination.Write(new Span<byte>(to + 8, 16));
        *(int*)(to + 24) = @interface;
        var control = stackalloc byte[64];
        var head = (cmsghdr*)control;
        head->cmsg_len = (nuint)(sizeof(cmsghdr) + sizeof(in6_pktinfo));
        head->cmsg_level = SOL_IPV6;
        head->cmsg_type = IPV6_PKTINFO;
        var info = (in6_pktinfo*)(control + sizeof(cmsghdr));
        source.Write(new Span<byte>(info->ipi6_addr, 16));
        info->ipi6_ifindex = @interface;
        var data = new iovec { iov_base = bytes, iov_len = (nuint)length };
        var message = new msghdr { msg_name = to, msg_namelen = 28, msg_iov = &data, msg_iovlen = 1, msg_control = control, msg_controllen = Align(head->cmsg_len) };
        return sendmsg(Descriptor, &message, 0) < 0 ? LastErrno : Errno.OK;
    }

    /// <returns>False: nothing waits, or what waited was no whole datagram (<paramref name="errno"/> is OK then, and more may wait).</returns>
    /// <param name="received">Of the buffer's own bytes.</param>
    /// <param name="errno"><see cref="Errno.EAGAIN"/>: nothing waits.</param>
    public bool TryReceive(Span<byte> buffer, out ReceivedDatagram received, out Errno errno)
    {
        received = default;
        errno = Errno.OK;
        var from = stackalloc byte[28];
        var control = stackalloc byte[ControlLength];
        fixed (byte* bytes = buffer)
        {
            var data = new iovec { iov_base = bytes, iov_len = (nuint)buffer.Length };
            var message = new msghdr { msg_name = from, msg_namelen = 28, msg_iov = &data, msg_iovlen = 1, msg_control = control, msg_controllen = ControlLength };
            var length = recvmsg(Descriptor, &message, MSG_DONTWAIT);
            if (length < 0)
            {
                errno = LastErrno;
                return false;
            }
            if ((message.msg_flags & MSG_TRUNC) != 0) return false;
            if (_family == IpFamily.IPv4) return ReceivedDatagram.TryReadIPv4(buffer[..(int)length], out received);
            if (!ReadControl(message, out var destination, out var hopLimit)) return false;
            received = ReceivedDatagram.IPv6(WireAddress.Read(new ReadOnlySpan<byte>(from + 8, 16)), destination, hopLimit, buffer[..(int)length]);
            return true;
        }
    }

    static bool ReadControl(in msghdr message, out WireAddress destination, out byte hopLimit)
    {
        destination = default;
        hopLimit = 0;
        var seen = 0;
        var control = new ReadOnlySpan<byte>(message.msg_control, (int)message.msg_controllen);
        while (control.Length >= sizeof(cmsghdr))
        {
            var head = MemoryMarshal.Read<cmsghdr>(control);
            if (head.cmsg_len < (nuint)sizeof(cmsghdr) || head.cmsg_len > (nuint)control.Length) break;
            var body = control[sizeof(cmsghdr)..(int)head.cmsg_len];
            if (head.cmsg_level == SOL_IPV6 && head.cmsg_type == IPV6_PKTINFO && body.Length >= 16)
            {
                destination = WireAddress.Read(body[..16]);
                seen |= 1;
            }
            else if (head.cmsg_level == SOL_IPV6 && head.cmsg_type == IPV6_HOPLIMIT && body.Length >= sizeof(int))
            {
                hopLimit = (byte)MemoryMarshal.Read<int>(body);
                seen |= 2;
            }
            control = control[Math.Min((int)Align(head.cmsg_len), control.Length)..];
        }
        return seen == 3;
    }

    static nuint Align(nuint length) => (length + (nuint)sizeof(nuint) - 1) & ~((nuint)sizeof(nuint) - 1);

    public void Dispose() => _socket.Dispose();
}
