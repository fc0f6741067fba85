using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lvsctl.Benchmarks.Vrrp;

/// <summary>Exact waiting, by the clock of <see cref="Stopwatch.GetTimestamp"/>, which on Linux is CLOCK_MONOTONIC in nanoseconds.</summary>
static unsafe partial class Beat
{
    const int CLOCK_MONOTONIC = 1;
    const int TIMER_ABSTIME = 1;

    public static void Until(long timestamp)
    {
        var until = stackalloc long[2];
        (until[0], until[1]) = Math.DivRem(timestamp, 1_000_000_000);
        // A signal ends it early.
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, until, null) != 0) { }
    }

    public static long After(long timestamp, TimeSpan time) => timestamp + time.Ticks * 100;

    public static double Milliseconds(long from, long to) => (to - from) / 1e6;

    [LibraryImport("libc")]
    private static partial int clock_nanosleep(int clock, int flags, long* time, long* left);
}
