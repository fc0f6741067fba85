using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

// Names and numbers of the net: inet(3), gethostbyname(3), getservbyname(3). What these find is in memory of libc's that the next call
// overwrites. They are old, and it is they whose notion of a name lvsctl's users have known for twenty years: first address, IPv4 only.
static unsafe partial class LibC
{
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int INET6_ADDRSTRLEN = 46;

    [StructLayout(LayoutKind.Sequential)]
    public struct hostent
    {
        public byte* h_name;
        public byte** h_aliases;
        public int h_addrtype;
        public int h_length;
        public byte** h_addr_list;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct servent
    {
        public byte* s_name;
        public byte** s_aliases;

        /// <summary>Network byte order in the low half.</summary>
        public int s_port;

        public byte* s_proto;
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int inet_aton(string cp, byte* inp);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int inet_pton(int af, string src, byte* dst);

    [LibraryImport(Library)]
    public static partial byte* inet_ntop(int af, byte* src, byte* dst, uint size);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial hostent* gethostbyname(string name);

    [LibraryImport(Library)]
    public static partial hostent* gethostbyaddr(byte* addr, uint len, int type);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial servent* getservbyname(string name, string proto);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial servent* getservbyport(int port, string proto);
}
