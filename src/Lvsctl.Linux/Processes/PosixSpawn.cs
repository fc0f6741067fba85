using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Processes;

/// <summary>posix_spawn(3) as all of ours want it: in the root directory, and with signals as a program expects them.</summary>
static unsafe class PosixSpawn
{
    // More than posix_spawnattr_t (336), posix_spawn_file_actions_t (80) and sigset_t (128 bytes) need.
    const int StructureSize = 512;

    /// <param name="command">Absolute path and arguments; there is no shell.</param>
    /// <param name="environment">The whole of it, as NAME=value.</param>
    /// <param name="group">POSIX_SPAWN_SETSID: a session of its own; POSIX_SPAWN_SETPGROUP: a process group of its own.</param>
    /// <param name="input">Its standard input; -1: none.</param>
    /// <param name="output">Its standard output and error; -1: those of this process.</param>
    public static Errno Start(IReadOnlyList<string> command, IReadOnlyList<string> environment, short group, int input, int output, out int pid)
    {
        var actions = stackalloc byte[StructureSize];
        var attributes = stackalloc byte[StructureSize];
        var signals = stackalloc byte[StructureSize];
        using var arguments = new StringList(command);
        using var variables = new StringList(environment);
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        try
        {
            fixed (byte* nothing = "/dev/null\0"u8, root = "/\0"u8)
            {
                _ = input < 0 ? posix_spawn_file_actions_addopen(actions, 0, nothing, O_RDONLY, 0) : posix_spawn_file_actions_adddup2(actions, input, 0);
                for (var standard = 1; output >= 0 && standard <= 2; standard++) _ = posix_spawn_file_actions_adddup2(actions, output, standard);
                _ = posix_spawn_file_actions_addchdir_np(actions, root);
            }
            // .NET ignores SIGPIPE, and a program would inherit that.
            _ = posix_spawnattr_setflags(attributes, (short)(group | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
            _ = posix_spawnattr_setpgroup(attributes, 0);
            _ = sigfillset(signals);
            _ = posix_spawnattr_setsigdefault(attributes, signals);
            _ = sigemptyset(signals);
            _ = posix_spawnattr_setsigmask(attributes, signals);
            int child;
            var errno = (Errno)posix_spawn(&child, arguments.First, actions, attributes, arguments.Pointer, variables.Pointer);
            pid = child;
            return errno;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }
}
