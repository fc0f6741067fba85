using System.Buffers.Binary;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Vrrp;

/// <summary>The internet checksum (RFC 1071) of VRRP messages, with and without the pseudo header in front.</summary>
public static class VrrpChecksum
{
    public const int Offset = 6;

    /// <summary>What belongs into the checksum field, which is taken for zero.</summary>
    public static ushort Of(ReadOnlySpan<byte> message) => (ushort)~Fold(Sum(message[..Offset]) + Sum(message[(Offset + 2)..]));

    /// <summary>The same over the pseudo header {source, destination, 0, 112, length} (RFC 2460 8.1 for IPv6) and the message.</summary>
    public static ushort Of(ReadOnlySpan<byte> message, WireAddress source, WireAddress destination) =>
        (ushort)~Fold(Sum(message[..Offset]) + Sum(message[(Offset + 2)..]) + PseudoHeader(message.Length, source, destination));

    public static bool IsRight(ReadOnlySpan<byte> message) => Fold(Sum(message)) == 0xffff;

    public static bool IsRight(ReadOnlySpan<byte> message, WireAddress source, WireAddress destination) =>
        Fold(Sum(message) + PseudoHeader(message.Length, source, destination)) == 0xffff;

    /// <summary>Of an IPv4 header, whose checksum field is taken for zero.</summary>
    internal static ushort OfIPv4Header(ReadOnlySpan<byte> header) => (ushort)~Fold(Sum(header[..10]) + Sum(header[12..]));

    static uint PseudoHeader(int length, WireAddress source, WireAddress destination)
    {
        Span<byte> bytes = stackalloc byte[40];
        var size = source.Family.AddressLength();
        source.Write(bytes);
        destination.Write(bytes[size..]);
        BinaryPrimitives.WriteInt32BigEndian(bytes[(2 * size)..], length);
        BinaryPrimitives.WriteInt32BigEndian(bytes[(2 * size + 4)..], VrrpAdvertisement.Protocol);
        return Sum(bytes[..(2 * size + 8)]);
    }

    // A message has at most 64 KiB, so that 32 bits never overflow.
    static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (; bytes.Length >= 2; bytes = bytes[2..]) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    static uint Fold(uint sum)
    {
        while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
        return sum;
    }
}
