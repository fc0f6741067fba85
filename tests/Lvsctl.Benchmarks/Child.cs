using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Lvsctl.Benchmarks;

/// <summary>One run of a program: what it took, from its start to its end.</summary>
readonly record struct Run(TimeSpan Time, int ExitCode);

/// <summary>
/// Starts programs by posix_spawn and waits by waitpid, because .NET's Process adds its own pipes and threads to the time.
/// </summary>
static unsafe partial class Child
{
    const int O_WRONLY = 1;

    /// <summary>One for a busybox whose <c>time</c> takes ru_maxrss for the KiB it is, and 4 for one that takes it for pages (seen: 1.35).</summary>
    static readonly Lazy<long> s_busyboxUnit = new(() => BusyboxPeak("busybox", ["dd", "if=/dev/zero", "of=/dev/null", "bs=32M", "count=1"], "/dev/null") > 64 * 1024 ? 4 : 1);

    public static Run Time(string program, string[] arguments, string standardInput = "/dev/null")
    {
        var actions = stackalloc byte[256];
        Check(posix_spawn_file_actions_init(actions), program);
        Check(posix_spawn_file_actions_addopen(actions, 0, standardInput, 0, 0), program);
        Check(posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0), program);
        Check(posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0), program);
        string?[] argv = [program, .. arguments, null];
        string?[] environment = [.. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(e => $"{e.Key}={e.Value}"), null];

        var started = Stopwatch.GetTimestamp();
        Check(posix_spawnp(out var pid, program, actions, null, argv, environment), program);
        if (waitpid(pid, out var status, 0) < 0) throw new InvalidOperationException($"waitpid: {Marshal.GetLastPInvokeErrorMessage()}");
        var time = Stopwatch.GetElapsedTime(started);
        Check(posix_spawn_file_actions_destroy(actions), program);
        return new Run(time, (status >> 8) & 0xff);
    }

    /// <summary>
    /// The largest resident size of a run of its own, in MiB. Not from wait4 of a child of ours: until its exec a spawned child has our
    /// memory, and ours is what the kernel would report. So busybox, which is small, starts the program and asks.
    /// </summary>
    public static double PeakMiB(string program, string[] arguments, string standardInput = "/dev/null") =>
        BusyboxPeak(program, arguments, standardInput) / s_busyboxUnit.Value / 1024.0;

    static long BusyboxPeak(string program, string[] arguments, string standardInput)
    {
        var report = Path.GetTempFileName();
        try
        {
            var run = Time("busybox", ["time", "-o", report, "-f", "%M", program, .. arguments], standardInput);
            if (run.ExitCode != 0) throw new InvalidOperationException($"{program} under busybox time: exit code {run.ExitCode}");
            return long.Parse(File.ReadLines(report).Last(), CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(report);
        }
    }

    // These return the errno instead of setting it.
    static void Check(int errno, string program)
    {
        if (errno != 0) throw new InvalidOperationException($"{program}: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawnp(out int pid, string file, byte* fileActions, byte* attributes, string?[] argv, string?[] envp);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, out int status, int options);
}
