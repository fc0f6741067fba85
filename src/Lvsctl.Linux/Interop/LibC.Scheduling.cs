using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

// sched(7) and mlock(2).
static unsafe partial class LibC
{
    public const int SCHED_RR = 2;
    public const int SCHED_RESET_ON_FORK = 0x40000000;

    public const int RLIMIT_MEMLOCK = 8;
    public const ulong RLIM_INFINITY = ulong.MaxValue;

    public const int MCL_CURRENT = 1;
    public const int MCL_FUTURE = 2;
    public const int MCL_ONFAULT = 4;

    [StructLayout(LayoutKind.Sequential)]
    public struct sched_param
    {
        public int sched_priority;
    }

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sched_setscheduler(int pid, int policy, sched_param* param);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int mlockall(int flags);
}
