using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Lvsctl.Core.Vrrp;

/// <summary>
/// IPsec's authentication header (RFC 2402, 4302) with HMAC-MD5-96 (RFC 2403), as version 2 uses it. The code covers the IPv4 header with
/// the fields that routers change set to zero, this header with its code set to zero, and the message. keepalived leaves the TTL in its
/// place, where the RFCs have zero: its form is sent, both are accepted.
/// </summary>
static class AuthenticationHeader
{
    public const byte Protocol = 51;
    public const int Length = 24;

    const int FixedLength = 12;
    const int CodeLength = 12;

    // In units of four bytes, less two: RFC 2402 2.2.
    const byte LengthField = Length / 4 - 2;

    public static uint SecurityParameters(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32BigEndian(header[4..]);

    public static uint Sequence(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32BigEndian(header[8..]);

    public static bool IsWellFormed(ReadOnlySpan<byte> header) =>
        header[0] == VrrpAdvertisement.Protocol && header[1] == LengthField && header[2] == 0 && header[3] == 0;

    /// <summary>Fills the header that begins the payload; the message behind it is there already.</summary>
    public static void Write(ReadOnlySpan<byte> ipHeader, Span<byte> payload, uint securityParameters, uint sequence, ReadOnlySpan<byte> key)
    {
        payload[0] = VrrpAdvertisement.Protocol;
        payload[1] = LengthField;
        payload.Slice(2, 2).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], securityParameters);
        BinaryPrimitives.WriteUInt32BigEndian(payload[8..], sequence);
        Code(ipHeader, payload, key, coversTtl: true, payload.Slice(FixedLength, CodeLength));
    }

    public static bool IsRight(ReadOnlySpan<byte> ipHeader, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> key)
    {
        Span<byte> code = stackalloc byte[CodeLength];
        Code(ipHeader, payload, key, coversTtl: true, code);
        if (CryptographicOperations.FixedTimeEquals(code, payload.Slice(FixedLength, CodeLength))) return true;
        Code(ipHeader, payload, key, coversTtl: false, code);
        return CryptographicOperations.FixedTimeEquals(code, payload.Slice(FixedLength, CodeLength));
    }

    [SuppressMessage("Security", "CA5351", Justification = "RFC 3768 routers know no other")]
    static void Code(ReadOnlySpan<byte> ipHeader, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> key, bool coversTtl, Span<byte> code)
    {
        Span<byte> covered = stackalloc byte[ipHeader.Length + payload.Length];
        ipHeader.CopyTo(covered);
        covered[1] = 0;
        covered.Slice(6, 2).Clear();
        if (!coversTtl) covered[8] = 0;
        covered.Slice(10, 2).Clear();
        payload.CopyTo(covered[ipHeader.Length..]);
        covered.Slice(ipHeader.Length + FixedLength, CodeLength).Clear();
        Span<byte> whole = stackalloc byte[HMACMD5.HashSizeInBytes];
        HMACMD5.HashData(key, covered, whole);
        whole[..CodeLength].CopyTo(code);
    }
}
