using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lvsctl.Benchmarks;

/// <summary>One run of a program: what it took, from its start to its end, and its largest resident size.</summary>
readonly record struct Run(TimeSpan Time, long PeakKiB, int ExitCode);

/// <summary>
/// Starts programs by posix_spawn and waits by wait4, because .NET's Process cannot tell a child's peak memory and adds its own pipes and
/// threads to the time.
/// </summary>
static unsafe partial class Child
{
    const int O_WRONLY = 1;

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
        Check(posix_spawn(out var pid, program, actions, null, argv, environment), program);
        // struct rusage: two struct timeval, then ru_maxrss in KiB.
        var usage = stackalloc long[18];
        if (wait4(pid, out var status, 0, usage) < 0) throw new InvalidOperationException($"wait4: {Marshal.GetLastPInvokeErrorMessage()}");
        var time = Stopwatch.GetElapsedTime(started);
        Check(posix_spawn_file_actions_destroy(actions), program);
        return new Run(time, usage[4], (status >> 8) & 0xff);
    }

    // These return the errno instead of setting it.
    static void Check(int errno, string program)
    {
        if (errno != 0) throw new InvalidOperationException($"{program}: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int pid, string path, byte* fileActions, byte* attributes, string?[] argv, string?[] envp);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int wait4(int pid, out int status, int options, long* usage);
}
