using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Processes;

/// <summary>
/// A program that goes on whatever becomes of this one: in a session of its own, so that no terminal's Ctrl-C reaches it, and with this
/// process's standard output and error, which it must be able to do without. Nobody else's children are looked at.
/// </summary>
public sealed unsafe class DetachedProgram
{
    // More than posix_spawnattr_t (336), posix_spawn_file_actions_t (80) and sigset_t (128 bytes) need.
    const int SpawnStructureSize = 512;

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
        program = null;
        var actions = stackalloc byte[SpawnStructureSize];
        var attributes = stackalloc byte[SpawnStructureSize];
        var signals = stackalloc byte[SpawnStructureSize];
        using var arguments = new StringList(command);
        using var variables = new StringList(environment);
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        try
        {
            fixed (byte* nothing = "/dev/null\0"u8, root = "/\0"u8)
            {
                _ = posix_spawn_file_actions_addopen(actions, 0, nothing, O_RDONLY, 0);
                _ = posix_spawn_file_actions_addchdir_np(actions, root);
            }
            _ = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
            _ = sigfillset(signals);
            _ = posix_spawnattr_setsigdefault(attributes, signals);
            _ = sigemptyset(signals);
            _ = posix_spawnattr_setsigmask(attributes, signals);
            int child;
            var errno = (Errno)posix_spawn(&child, arguments.First, actions, attributes, arguments.Pointer, variables.Pointer);
            if (errno != Errno.OK) return $"{command[0]}: {ErrnoText.Describe(errno)}";
            program = new DetachedProgram(child);
            return null;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
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
