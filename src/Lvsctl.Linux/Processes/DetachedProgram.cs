using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Processes;

/// <summary>
/// A program that goes on whatever becomes of this one: in a session of its own, so that no terminal's Ctrl-C reaches it, and with this
/// process's standard output and error, which it must be able to do without. Nobody else's children are looked at.
/// </summary>
public sealed unsafe class DetachedProgram
{
    // siginfo_t of SIGCHLD: si_signo, si_errno, si_code, then (on 64 bits after padding) si_pid, si_uid, si_status.
    const int CodeOffset = 8;
    const int StatusOffset = 24;
    const int SigInfoSize = 128;

    DetachedProgram(int pid) => Pid = pid;

    public int Pid { get; }

    /// <param name="command">Absolute path and arguments; there is no shell.</param>
    /// <param name="environment">The whole of it, as NAME=value.</param>
    /// <returns>Why not, for people; null: it is started.</returns>
    public static string? TryStart(IReadOnlyList<string> command, IReadOnlyList<string> environment, out DetachedProgram? program)
    {
        var errno = PosixSpawn.Start(command, environment, POSIX_SPAWN_SETSID, input: -1, output: -1, out var pid);
        program = errno == Errno.OK ? new DetachedProgram(pid) : null;
        return errno == Errno.OK ? null : $"{command[0]}: {ErrnoText.Describe(errno)}";
    }

    /// <summary>It has ended: its exit code, or the negative number of the signal that ended it. Null: it runs. Not to be asked again after an answer.</summary>
    public int? TakeExit()
    {
        var info = stackalloc byte[SigInfoSize];
        new Span<byte>(info, SigInfoSize).Clear();
        if (waitid(P_PID, (uint)Pid, info, WEXITED | WNOHANG) < 0) return LastErrno == Errno.EINTR ? null : 255;
        if (*(int*)info == 0) return null;
        var status = *(int*)(info + StatusOffset);
        return *(int*)(info + CodeOffset) == CLD_EXITED ? status : -status;
    }
}
