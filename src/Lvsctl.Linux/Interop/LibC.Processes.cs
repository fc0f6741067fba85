using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

// Programs that others wrote: posix_spawn(3), users, and what becomes of children.
static unsafe partial class LibC
{
    public const int O_NONBLOCK = 0x800;

    public const short POSIX_SPAWN_SETPGROUP = 0x2;
    public const short POSIX_SPAWN_SETSIGDEF = 0x4;
    public const short POSIX_SPAWN_SETSIGMASK = 0x8;
    public const short POSIX_SPAWN_SETSID = 0x80;

    public const int SIGKILL = 9;
    public const int P_PID = 1;
    public const int WNOHANG = 1;
    public const int WEXITED = 4;
    public const int WNOWAIT = 0x1000000;
    public const int CLD_EXITED = 1;

    public const int SYS_pidfd_open = 434;
    public const int F_SETFL = 4;

    public const uint MFD_CLOEXEC = 1;
    public const int SEEK_SET = 0;

    // linux/prctl.h
    public const int PR_CAP_AMBIENT = 47;
    public const int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    [StructLayout(LayoutKind.Sequential)]
    public struct passwd
    {
        public byte* pw_name;
        public byte* pw_passwd;
        public uint pw_uid;
        public uint pw_gid;
        public byte* pw_gecos;
        public byte* pw_dir;
        public byte* pw_shell;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct group
    {
        public byte* gr_name;
        public byte* gr_passwd;
        public uint gr_gid;
        public byte** gr_mem;
    }

    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe2(int* pipefd, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int memfd_create(byte* name, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint lseek(int fd, nint offset, int whence);

    /// <returns>The error number; these functions leave errno alone.</returns>
    [LibraryImport(Library)]
    public static partial int posix_spawn(int* pid, byte* path, void* file_actions, void* attrp, byte** argv, byte** envp);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_init(void* attr);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_destroy(void* attr);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setflags(void* attr, short flags);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setpgroup(void* attr, int pgroup);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigdefault(void* attr, void* sigdefault);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigmask(void* attr, void* sigmask);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(void* file_actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(void* file_actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addopen(void* file_actions, int fildes, byte* path, int oflag, uint mode);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_adddup2(void* file_actions, int fildes, int newfildes);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addchdir_np(void* file_actions, byte* path);

    [LibraryImport(Library)]
    public static partial int sigemptyset(void* set);

    [LibraryImport(Library)]
    public static partial int sigfillset(void* set);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int sig);

    /// <param name="infop">A siginfo_t, 128 bytes.</param>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitid(int idtype, uint id, void* infop, int options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nint first, nint second, nint third);

    [LibraryImport(Library)]
    public static partial int getpwnam_r(byte* name, passwd* pwd, byte* buf, nuint buflen, passwd** result);

    [LibraryImport(Library)]
    public static partial int getpwuid_r(uint uid, passwd* pwd, byte* buf, nuint buflen, passwd** result);

    [LibraryImport(Library)]
    public static partial int getgrnam_r(byte* name, group* grp, byte* buf, nuint buflen, group** result);

    [LibraryImport(Library)]
    public static partial int getgrouplist(byte* user, uint group, uint* groups, int* ngroups);

    [LibraryImport(Library)]
    public static partial uint geteuid();

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getgroups(int size, uint* list);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int madvise(void* addr, nuint length, int advice);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(int fd, int cmd, nint arg);
}
