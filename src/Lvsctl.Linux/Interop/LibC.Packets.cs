using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

// Raw sockets: ip(7), ipv6(7), packet(7).
static unsafe partial class LibC
{
    public const int AF_PACKET = 17;

    public const int SOL_IP = 0;
    public const int IP_HDRINCL = 3;
    public const int IP_MULTICAST_IF = 32;
    public const int IP_MULTICAST_LOOP = 34;
    public const int IP_ADD_MEMBERSHIP = 35;
    public const int IP_MULTICAST_ALL = 49;

    public const int SOL_IPV6 = 41;
    public const int IPV6_UNICAST_HOPS = 16;
    public const int IPV6_MULTICAST_IF = 17;
    public const int IPV6_MULTICAST_HOPS = 18;
    public const int IPV6_MULTICAST_LOOP = 19;
    public const int IPV6_ADD_MEMBERSHIP = 20;
    public const int IPV6_MULTICAST_ALL = 29;
    public const int IPV6_RECVPKTINFO = 49;
    public const int IPV6_PKTINFO = 50;
    public const int IPV6_RECVHOPLIMIT = 51;
    public const int IPV6_HOPLIMIT = 52;
    public const int IPV6_TCLASS = 67;

    public const int SO_PRIORITY = 12;

    [StructLayout(LayoutKind.Sequential)]
    public struct ip_mreqn
    {
        public uint imr_multiaddr;
        public uint imr_address;
        public int imr_ifindex;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ipv6_mreq
    {
        public fixed byte ipv6mr_multiaddr[16];
        public int ipv6mr_interface;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct in6_pktinfo
    {
        public fixed byte ipi6_addr[16];
        public int ipi6_ifindex;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_ll
    {
        public ushort sll_family;
        public ushort sll_protocol;
        public int sll_ifindex;
        public ushort sll_hatype;
        public byte sll_pkttype;
        public byte sll_halen;
        public fixed byte sll_addr[8];
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct cmsghdr
    {
        public nuint cmsg_len;
        public int cmsg_level;
        public int cmsg_type;
    }

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint sendto(int sockfd, void* buf, nuint len, int flags, void* dest_addr, uint addrlen);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint sendmsg(int sockfd, msghdr* msg, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recvmsg(int sockfd, msghdr* msg, int flags);
}
