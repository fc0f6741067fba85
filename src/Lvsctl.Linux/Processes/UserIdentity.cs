using System.Runtime.InteropServices;
using System.Text;
using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Processes;

/// <summary>A user of this machine, with all the groups it is in.</summary>
public sealed unsafe record UserIdentity(string Name, uint User, uint Group, IReadOnlyList<uint> Groups)
{
    /// <summary>Null when there is no such user.</summary>
    public static UserIdentity? Find(string name)
    {
        var buffer = new byte[16 * 1024];
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'), memory = buffer)
        {
            passwd entry;
            passwd* found;
            if (getpwnam_r(text, &entry, memory, (nuint)buffer.Length, &found) != 0 || found is null) return null;

            var count = 64;
            var groups = new uint[count];
            while (true)
            {
                fixed (uint* list = groups)
                {
                    if (getgrouplist(text, entry.pw_gid, list, &count) >= 0) return new(name, entry.pw_uid, entry.pw_gid, groups[..count]);
                }
                groups = new uint[count];
            }
        }
    }

    /// <summary>The user's name; null when nobody has that number.</summary>
    public static string? NameOf(uint user)
    {
        var buffer = new byte[16 * 1024];
        fixed (byte* memory = buffer)
        {
            passwd entry;
            passwd* found;
            return getpwuid_r(user, &entry, memory, (nuint)buffer.Length, &found) != 0 || found is null ? null : Marshal.PtrToStringUTF8((nint)entry.pw_name);
        }
    }

    /// <summary>The group's number; null when there is no such group.</summary>
    public static uint? FindGroup(string name)
    {
        // A group may have many members, and all of them are put into the buffer.
        for (var size = 16 * 1024; size <= 16 * 1024 * 1024; size *= 16)
        {
            var buffer = new byte[size];
            fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'), memory = buffer)
            {
                group entry;
                group* found;
                var error = getgrnam_r(text, &entry, memory, (nuint)size, &found);
                if (error == (int)Errno.ERANGE) continue;
                return error != 0 || found is null ? null : entry.gr_gid;
            }
        }
        return null;
    }

    /// <summary>Who this process acts as.</summary>
    public static uint Current => geteuid();
}
