using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Processes;

/// <summary>What a thread that must not be late may ask of the kernel. None of it is needed to work.</summary>
public static unsafe class RealTime
{
    /// <summary>Round-robin scheduling for the calling thread, before every ordinary one. Threads and programs that it starts do not inherit it.</summary>
    /// <param name="priority">1..99.</param>
    /// <returns>Why not, for people; null: it is so.</returns>
    public static string? TryPrefer(int priority)
    {
        var wanted = new sched_param { sched_priority = priority };
        return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &wanted) == 0
            ? null
            : $"no real-time scheduling: {ErrnoText.Describe(LastErrno)}; it needs CAP_SYS_NICE, or LimitRTPRIO in the unit";
    }

    /// <summary>The process's memory, once touched, stays in memory.</summary>
    /// <returns>Why not, for people; null: it is so.</returns>
    public static string? TryLockMemory()
    {
        // A thread that becomes another user to start a program maps memory without any capability, and is held to the limit for all there is.
        var none = new rlimit { rlim_cur = RLIM_INFINITY, rlim_max = RLIM_INFINITY };
        var isUnlimited = setrlimit(RLIMIT_MEMLOCK, &none) == 0;
        // What a runtime reserves and never touches is not filled in.
        return mlockall(MCL_CURRENT | MCL_ONFAULT | (isUnlimited ? MCL_FUTURE : 0)) == 0
            ? null
            : $"memory is not locked: {ErrnoText.Describe(LastErrno)}; it needs CAP_IPC_LOCK, or LimitMEMLOCK=infinity in the unit";
    }
}
