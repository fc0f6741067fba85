using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Sockets;

public static unsafe class DescriptorLimit
{
    /// <summary>Lets this process have as many descriptors as it may (the hard limit of RLIMIT_NOFILE), and says how many that is.</summary>
    public static int Raise()
    {
        rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 1024;
        var most = limit with { rlim_cur = limit.rlim_max };
        if (limit.rlim_cur < limit.rlim_max && setrlimit(RLIMIT_NOFILE, &most) == 0) limit = most;
        return (int)Math.Min(limit.rlim_cur, int.MaxValue);
    }
}
