using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Sockets;

/// <summary>An address and port as the kernel takes them (sockaddr_in, sockaddr_in6), made once and used for every probe.</summary>
public readonly struct KernelEndpoint
{
    const int InLength = 16;
    const int In6Length = 28;

    readonly Storage _bytes;
    readonly byte _length;

    public KernelEndpoint(IPAddress address, ushort port)
    {
        var isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        Span<byte> bytes = _bytes;
        // sin_family and sin6_family are of the machine's order, the port is of the network's.
        BitConverter.TryWriteBytes(bytes, (ushort)(isIPv4 ? AF_INET : AF_INET6));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], port);
        address.TryWriteBytes(bytes[(isIPv4 ? 4 : 8)..], out _);
        if (!isIPv4) BitConverter.TryWriteBytes(bytes[24..], (uint)address.ScopeId);
        _length = (byte)(isIPv4 ? InLength : In6Length);
    }

    internal KernelEndpoint(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes);
        _length = (byte)bytes.Length;
    }

    public bool IsIPv6 => _length == In6Length;

    public bool IsEmpty => _length == 0;

    public IPAddress Address => IsIPv6
        ? new(((ReadOnlySpan<byte>)_bytes).Slice(8, 16), BitConverter.ToUInt32(((ReadOnlySpan<byte>)_bytes)[24..]))
        : new(((ReadOnlySpan<byte>)_bytes).Slice(4, 4));

    internal ReadOnlySpan<byte> Bytes
    {
        [System.Diagnostics.CodeAnalysis.UnscopedRef] get => ((ReadOnlySpan<byte>)_bytes)[.._length];
    }

    internal int Family => IsIPv6 ? AF_INET6 : AF_INET;

    [InlineArray(In6Length)]
    struct Storage
    {
        byte _first;
    }
}
