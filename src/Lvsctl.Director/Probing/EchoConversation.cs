using System.Buffers;
using System.Buffers.Binary;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing;

/// <summary>ICMP echo (RFC 792, RFC 4443 §4): one request; its reply carries the same sequence and payload back.</summary>
sealed class EchoConversation(bool isIPv6, int size) : Conversation
{
    const int HeaderLength = 8;

    // Told apart from other programs' pings, which a raw socket hears as well.
    readonly ushort _identifier = (ushort)Random.Shared.Next(1, ushort.MaxValue);
    ushort _sequence;

    /// <summary>A raw socket: what is received for IPv4 starts with the IP header, and the checksum of IPv4 is ours to make.</summary>
    public bool IsRaw { get; set; }

    public override Turn Begin(IBufferWriter<byte> say)
    {
        _sequence++;
        var length = HeaderLength + size;
        var message = say.GetSpan(length)[..length];
        message.Clear();
        message[0] = (byte)(isIPv6 ? 128 : 8);
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], _identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], _sequence);
        Fill(message[HeaderLength..]);
        // Of IPv6, and of a ping socket, the kernel makes it.
        if (!isIPv6) BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Of(message));
        say.Advance(length);
        return Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        if (IsRaw && !isIPv6) bytes = bytes.Length >= 20 ? bytes[Math.Min(bytes.Length, (bytes[0] & 0xF) * 4)..] : default;
        var isOurs = bytes.Length == HeaderLength + size
            && bytes[0] == (isIPv6 ? 129 : 0)
            && bytes[1] == 0
            && BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) == _sequence
            && (!IsRaw || BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]) == _identifier);
        if (!isOurs) return Turn.Listen;
        return IsFilled(bytes[HeaderLength..]) ? Hang(ProbeReason.Ok) : Hang(ProbeReason.BadReply, "the echo came back with other contents");
    }

    public override Turn End() => Turn.Listen;

    void Fill(Span<byte> payload)
    {
        for (var i = 0; i < payload.Length; i++) payload[i] = (byte)(i + _sequence);
    }

    bool IsFilled(ReadOnlySpan<byte> payload)
    {
        for (var i = 0; i < payload.Length; i++)
        {
            if (payload[i] != (byte)(i + _sequence)) return false;
        }
        return true;
    }
}

/// <summary>The ones' complement of the ones' complement sum of 16-bit words (RFC 1071).</summary>
static class InternetChecksum
{
    public static ushort Of(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (; bytes.Length >= 2; bytes = bytes[2..]) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length == 1) sum += (uint)bytes[0] << 8;
        while (sum > ushort.MaxValue) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
