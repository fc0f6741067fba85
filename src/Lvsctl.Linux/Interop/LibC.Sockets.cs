using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

// Internet sockets and epoll(7).
static unsafe partial class LibC
{
    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_NONBLOCK = 0x800;

    public const int IPPROTO_ICMP = 1;
    public const int IPPROTO_TCP = 6;
    public const int IPPROTO_UDP = 17;
    public const int IPPROTO_ICMPV6 = 58;

    public const int SO_ERROR = 4;
    public const int SO_LINGER = 13;
    public const int SO_BINDTODEVICE = 25;
    public const int SO_MARK = 36;

    public const int TCP_INFO = 11;
    public const int TCP_QUICKACK = 12;

    public const int MSG_NOSIGNAL = 0x4000;
    public const int SHUT_WR = 1;

    public const int SYS_epoll_pwait2 = 441;
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;
    public const uint EPOLLIN = 0x1;
    public const uint EPOLLOUT = 0x4;
    public const uint EPOLLERR = 0x8;
    public const uint EPOLLHUP = 0x10;
    public const uint EPOLLRDHUP = 0x2000;

    public const int RLIMIT_NOFILE = 7;

    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public nint tv_sec;
        public nint tv_nsec;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct linger
    {
        public int l_onoff;
        public int l_linger;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct rlimit
    {
        public ulong rlim_cur;
        public ulong rlim_max;
    }

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bind(int sockfd, void* addr, uint addrlen);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getsockname(int sockfd, void* addr, uint* addrlen);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int shutdown(int sockfd, int how);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    /// <param name="ev">A struct epoll_event, which is packed on x86 alone; see <see cref="Sockets.Poller"/>.</param>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_ctl(int epfd, int op, int fd, void* ev);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_wait(int epfd, void* events, int maxevents, int timeout);

    /// <summary>epoll_pwait2, which older C libraries than the kernel do not have, and a program that is bound to it would not start there.</summary>
    /// <param name="timeout">Null: for ever.</param>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint epoll_pwait2(nint number, nint epfd, void* events, nint maxevents, timespec* timeout, void* sigmask, nint sigsetsize);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, rlimit* rlim);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setrlimit(int resource, rlimit* rlim);
}
