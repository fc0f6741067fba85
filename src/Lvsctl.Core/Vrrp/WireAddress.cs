using System.Buffers.Binary;
using System.Net;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Vrrp;

/// <summary>An address as packets hold it and as the election compares it: by its number. It has no scope and costs no memory.</summary>
/// <param name="Number">In network byte order read as one number; IPv4 has the low 32 bits.</param>
public readonly record struct WireAddress(UInt128 Number, IpFamily Family) : IComparable<WireAddress>
{
    /// <summary>224.0.0.18 and ff02::12, where routers talk to each other.</summary>
    public static WireAddress Group(IpFamily family) => family == IpFamily.IPv6
        ? new(new UInt128(0xff02_0000_0000_0000, 0x12), IpFamily.IPv6)
        : new(0xe000_0012, IpFamily.IPv4);

    public static WireAddress Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return Read(bytes[..length]);
    }

    /// <param name="bytes">4 or 16.</param>
    public static WireAddress Read(ReadOnlySpan<byte> bytes) => bytes.Length == 4
        ? new(BinaryPrimitives.ReadUInt32BigEndian(bytes), IpFamily.IPv4)
        : new(BinaryPrimitives.ReadUInt128BigEndian(bytes), IpFamily.IPv6);

    /// <summary>4 or 16 bytes.</summary>
    public void Write(Span<byte> into)
    {
        if (Family == IpFamily.IPv6) BinaryPrimitives.WriteUInt128BigEndian(into, Number);
        else BinaryPrimitives.WriteUInt32BigEndian(into, (uint)Number);
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[Family.AddressLength()];
        Write(bytes);
        return new IPAddress(bytes);
    }

    public int CompareTo(WireAddress other) => Number.CompareTo(other.Number);

    public static bool operator <(WireAddress left, WireAddress right) => left.Number < right.Number;

    public static bool operator >(WireAddress left, WireAddress right) => left.Number > right.Number;

    public static bool operator <=(WireAddress left, WireAddress right) => left.Number <= right.Number;

    public static bool operator >=(WireAddress left, WireAddress right) => left.Number >= right.Number;

    public override string ToString() => ToIPAddress().ToString();
}
