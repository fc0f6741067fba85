using System.Buffers.Binary;
using System.Net;

namespace Lvsctl.Core.Health;

/// <summary>FNV-1a over 64 bits: the same in every process and on every director, which <see cref="string.GetHashCode()"/> is not.</summary>
public readonly record struct StableHash(ulong Value)
{
    const ulong Prime = 0x100000001B3;

    public static StableHash Empty => new(0xCBF29CE484222325);

    public StableHash With(ReadOnlySpan<byte> bytes)
    {
        var value = Value;
        foreach (var b in bytes) value = (value ^ b) * Prime;
        return new(value);
    }

    public StableHash With(string text)
    {
        var value = Value;
        foreach (var c in text) value = (value ^ c) * Prime;
        return new((value ^ 0x1F) * Prime);
    }

    public StableHash With(ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return With(bytes);
    }

    public StableHash With(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return With(bytes[..length]);
    }

    /// <summary>FNV's high bits hardly move for short texts that differ at their end; addresses do just that.</summary>
    public ulong Mixed()
    {
        var x = Value;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
