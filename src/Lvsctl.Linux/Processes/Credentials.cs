using System.Runtime.InteropServices;
using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Processes;

/// <summary>Who the calling thread is, by the system calls themselves; see <see cref="ProgramSpawner"/>.</summary>
static unsafe class Credentials
{
    const nint Unchanged = -1;

    // x86-64 and the generic table (arm64, riscv) number them differently.
    static readonly (int SetGroups, int SetResUid, int SetResGid) s_calls =
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? (116, 117, 119) : (159, 147, 149);

    static readonly uint[] s_ownGroups = OwnGroups();

    /// <summary>Leaves only the saved user as it is, which is the way back.</summary>
    public static Errno Become(UserIdentity user)
    {
        // Somebody who is that user already needs no privilege for it, and only root can drop all of its own.
        if (geteuid() is not 0 and var self) return self == user.User ? Errno.OK : Errno.EPERM;
        var errno = SetGroups([.. user.Groups]);
        if (errno != Errno.OK) return errno;
        var changed = syscall(s_calls.SetResGid, (nint)user.Group, (nint)user.Group, Unchanged) >= 0
            && syscall(s_calls.SetResUid, (nint)user.User, (nint)user.User, Unchanged) >= 0;
        if (changed) return Errno.OK;
        errno = LastErrno;
        Return();
        return errno;
    }

    public static void Return()
    {
        // The user first: the rest needs its capabilities. Who had nothing to leave is refused, and stays who it is.
        if (syscall(s_calls.SetResUid, 0, 0, Unchanged) < 0) return;
        _ = syscall(s_calls.SetResGid, 0, 0, Unchanged);
        _ = SetGroups(s_ownGroups);
    }

    static Errno SetGroups(uint[] groups)
    {
        fixed (uint* list = groups)
        {
            return syscall(s_calls.SetGroups, groups.Length, (nint)list, 0) < 0 ? LastErrno : Errno.OK;
        }
    }

    static uint[] OwnGroups()
    {
        var groups = new uint[Math.Max(0, getgroups(0, null))];
        fixed (uint* list = groups)
        {
            _ = getgroups(groups.Length, list);
        }
        return groups;
    }
}
