using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

// The calls of LibC.Names with managed values on both sides.
static unsafe class NameCalls
{
    // libc answers into memory of its own.
    static readonly Lock OneAtATime = new();

    public static IPAddress? InetAton(string text)
    {
        var bytes = stackalloc byte[4];
        return LibC.inet_aton(text, bytes) != 0 ? new IPAddress(new ReadOnlySpan<byte>(bytes, 4)) : null;
    }

    public static IPAddress? InetPton(int family, string text)
    {
        var bytes = stackalloc byte[16];
        return LibC.inet_pton(family, text, bytes) > 0 ? new IPAddress(new ReadOnlySpan<byte>(bytes, family == LibC.AF_INET6 ? 16 : 4)) : null;
    }

    public static string InetNtop(IPAddress address)
    {
        var bytes = stackalloc byte[16];
        address.TryWriteBytes(new Span<byte>(bytes, 16), out var length);
        var text = stackalloc byte[LibC.INET6_ADDRSTRLEN];
        LibC.inet_ntop(length == 16 ? LibC.AF_INET6 : LibC.AF_INET, bytes, text, LibC.INET6_ADDRSTRLEN);
        return Text(text);
    }

    public static IPAddress? HostAddress(string host)
    {
        lock (OneAtATime)
        {
            var found = LibC.gethostbyname(host);
            if (found == null || found->h_addrtype != LibC.AF_INET || found->h_addr_list[0] == null) return null;
            return new IPAddress(new ReadOnlySpan<byte>(found->h_addr_list[0], 4));
        }
    }

    public static string? HostName(IPAddress address)
    {
        var bytes = stackalloc byte[16];
        address.TryWriteBytes(new Span<byte>(bytes, 16), out var length);
        lock (OneAtATime)
        {
            var found = LibC.gethostbyaddr(bytes, (uint)length, length == 16 ? LibC.AF_INET6 : LibC.AF_INET);
            return found == null ? null : Text(found->h_name);
        }
    }

    public static ushort? ServicePort(string service, string protocol)
    {
        lock (OneAtATime)
        {
            var found = LibC.getservbyname(service, protocol);
            return found == null ? null : SwapToHost(found->s_port);
        }
    }

    public static string? ServiceName(ushort port, string protocol)
    {
        lock (OneAtATime)
        {
            var found = LibC.getservbyport(SwapToHost(port), protocol);
            return found == null ? null : Text(found->s_name);
        }
    }

    static ushort SwapToHost(int port) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)port) : (ushort)port;

    static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
