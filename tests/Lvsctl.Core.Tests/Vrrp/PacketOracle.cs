using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>
/// Says whether a packet may be accepted, written from the RFCs and from keepalived's behaviour with nothing of the product's codec: byte by
/// byte, with arithmetic of its own. A packet is {IPv4 datagram}, or {source, destination, hop limit, message} for IPv6.
/// </summary>
static class PacketOracle
{
    const int IPv6Prefix = 33;

    /// <param name="heard">The highest number of each sender, by its address.</param>
    public static bool Accepts(byte[] packet, VrrpWire wire, IReadOnlyDictionary<uint, uint> heard)
    {
        var isIPv6 = wire.Source.Family == Model.IpFamily.IPv6;
        if (isIPv6 ? packet.Length < IPv6Prefix : !IsWholeIPv4(packet)) return false;
        var (at, end) = isIPv6 ? (IPv6Prefix, packet.Length) : ((packet[0] & 15) * 4, packet[2] * 256 + packet[3]);
        var (source, destination, ttl) = isIPv6 ? (packet[..16], packet[16..32], packet[32]) : (packet[12..16], packet[16..20], packet[8]);
        var ours = Bytes(wire.Source);
        var group = isIPv6 ? Convert.FromHexString("ff020000000000000000000000000012") : [224, 0, 0, 18];

        if (!isIPv6)
        {
            if (packet[9] != (wire.Authentication == VrrpAuthenticationKind.Ah ? 51 : 112)) return false;
            if (wire.Authentication == VrrpAuthenticationKind.Ah)
            {
                if (end - at < 24 || packet[at] != 112 || packet[at + 1] != 4 || packet[at + 2] != 0 || packet[at + 3] != 0) return false;
                if (!packet.AsSpan(at + 4, 4).SequenceEqual(source)) return false;
                if (heard.TryGetValue(Number(source), out var last) && Number(packet.AsSpan(at + 8)) <= last) return false;
                var code = packet.AsSpan(at + 12, 12);
                if (!code.SequenceEqual(Code(packet, at, end, wire, ttl)) && !code.SequenceEqual(Code(packet, at, end, wire, 0))) return false;
                at += 24;
            }
        }
        if (end - at < 8) return false;
        var size = isIPv6 ? 16 : 4;
        var count = packet[at + 3];
        if (packet[at] != wire.Version * 16 + 1 || packet[at + 1] != wire.RouterId || count == 0) return false;
        if (end - at != 8 + count * size + (wire.Version == 2 ? 8 : 0)) return false;
        if (wire.Peers is null ? ttl != 255 : ttl < wire.MinHopLimit) return false;
        if (destination.AsSpan().SequenceEqual(group) != wire.Peers is null || source.AsSpan().SequenceEqual(ours)) return false;
        if (wire.Peers is { } peers && !peers.AsEnumerable().Any(p => Bytes(p).AsSpan().SequenceEqual(source))) return false;
        if (wire.Version == 2)
        {
            var kind = wire.Authentication switch { VrrpAuthenticationKind.Pass => 1, VrrpAuthenticationKind.Ah => 2, _ => 0 };
            if (packet[at + 4] != kind || packet[at + 5] != wire.Interval.TotalSeconds) return false;
            if (kind == 1 && !packet.AsSpan(end - 8, 8).SequenceEqual(Secret(wire))) return false;
            return Sum(packet.AsSpan(at, end - at)) is > 0 and var sum && sum % 65535 == 0;
        }
        if ((packet[at + 4] & 15) == 0 && packet[at + 5] == 0) return false;
        var plain = Sum(packet.AsSpan(at, end - at));
        var whole = plain + Sum(source) + Sum(destination) + 112 + (end - at);
        return whole % 65535 == 0 || (!isIPv6 && plain > 0 && plain % 65535 == 0);
    }

    /// <summary>Makes length, checksum and code right for whatever else the packet says, so that what is behind them is reached.</summary>
    /// <param name="isPlain">Version 3: without the pseudo header, which is wrong over IPv6.</param>
    public static void Repair(byte[] packet, VrrpWire wire, bool isPlain)
    {
        var isIPv6 = wire.Source.Family == Model.IpFamily.IPv6;
        if (packet.Length < (isIPv6 ? IPv6Prefix + 8 : 28)) return;
        var at = isIPv6 ? IPv6Prefix : 20;
        if (!isIPv6) (packet[0], packet[2], packet[3]) = (0x45, (byte)(packet.Length >> 8), (byte)packet.Length);
        var hasCode = wire.Authentication == VrrpAuthenticationKind.Ah && packet.Length >= 52;
        if (hasCode) at += 24;
        (packet[at + 6], packet[at + 7]) = (0, 0);
        var sum = Sum(packet.AsSpan(at));
        if (wire.Version == 3 && !isPlain) sum += 112 + packet.Length - at + (isIPv6 ? Sum(packet.AsSpan(0, 32)) : Sum(packet.AsSpan(12, 8)));
        var rest = 65535 - sum % 65535;
        (packet[at + 6], packet[at + 7]) = ((byte)(rest >> 8), (byte)rest);
        if (hasCode) Code(packet, 20, packet.Length, wire, packet[8]).CopyTo(packet, 32);
    }

    static bool IsWholeIPv4(byte[] packet)
    {
        if (packet.Length < 20 || packet[0] is < 0x45 or > 0x4f) return false;
        var total = packet[2] * 256 + packet[3];
        return total >= (packet[0] & 15) * 4 && total <= packet.Length && (packet[6] & 0x3f) == 0 && packet[7] == 0;
    }

    [SuppressMessage("Security", "CA5351", Justification = "the protocol's")]
    static byte[] Code(byte[] packet, int at, int end, VrrpWire wire, byte ttl)
    {
        var covered = packet[..end];
        foreach (var i in new[] { 1, 6, 7, 10, 11 }) covered[i] = 0;
        covered[8] = ttl;
        for (var i = 0; i < 12; i++) covered[at + 12 + i] = 0;
        return HMACMD5.HashData(Secret(wire), covered)[..12];
    }

    public static uint Number(ReadOnlySpan<byte> bytes) => (uint)(bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]);

    static byte[] Secret(VrrpWire wire) => [.. wire.Password.AsEnumerable().Concat(new byte[8]).Take(8)];

    static byte[] Bytes(WireAddress address) => address.ToIPAddress().GetAddressBytes();

    static long Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0L;
        for (var i = 0; i < bytes.Length; i++) sum += i % 2 == 0 ? bytes[i] * 256 : bytes[i];
        return sum;
    }
}
