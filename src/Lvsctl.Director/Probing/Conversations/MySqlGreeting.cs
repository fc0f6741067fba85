using System.Buffers.Binary;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>
/// The server's first packet, and the answer to it.
/// <code>
/// int1 protocol (10)  string0 version  int4 thread  8 nonce  int1 0  int2 capabilities, low
/// int1 charset  int2 status  int2 capabilities, high  int1 length of nonce  10 reserved  max(13, length - 8) nonce  string0 method
/// </code>
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
/// </summary>
readonly ref struct MySqlGreeting
{
    // Names and values are the protocol's.
    const uint CLIENT_LONG_PASSWORD = 1, CLIENT_PROTOCOL_41 = 0x200, CLIENT_TRANSACTIONS = 0x2000, CLIENT_SECURE_CONNECTION = 0x8000, CLIENT_PLUGIN_AUTH = 0x80000;
    const uint Ours = CLIENT_LONG_PASSWORD | CLIENT_PROTOCOL_41 | CLIENT_TRANSACTIONS | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH;
    const int MaxPacket = 1 << 20;
    const byte Utf8 = 33;

    readonly uint _capabilities;

    MySqlGreeting(uint capabilities, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> method)
    {
        _capabilities = capabilities;
        Nonce = nonce;
        Method = method;
    }

    /// <summary>20 bytes, or none if the server cannot do better than before 4.1.</summary>
    public ReadOnlySpan<byte> Nonce { get; }

    public ReadOnlySpan<byte> Method { get; }

    public bool SpeaksProtocol41 => (_capabilities & (CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION)) == (CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION) && !Nonce.IsEmpty;

    /// <param name="nonce">Room for its two halves.</param>
    public static bool TryRead(ReadOnlySpan<byte> packet, Span<byte> nonce, out MySqlGreeting greeting)
    {
        greeting = default;
        if (packet is not [10, .. var rest]) return false;
        var version = rest.IndexOf((byte)0);
        if (version < 0) return false;
        rest = rest[(version + 1)..];
        if (rest.Length < 15) return false;
        rest.Slice(4, 8).CopyTo(nonce);
        uint capabilities = BinaryPrimitives.ReadUInt16LittleEndian(rest[13..]);
        rest = rest[15..];
        if (rest.Length < 16)
        {
            greeting = new(capabilities, default, default);
            return true;
        }
        capabilities |= (uint)BinaryPrimitives.ReadUInt16LittleEndian(rest[3..]) << 16;
        int length = rest[5];
        rest = rest[16..];
        var second = Math.Max(13, length - 8);
        // The last byte of the nonce is a NUL that does not count.
        if (rest.Length < 12)
        {
            greeting = new(capabilities, default, default);
            return true;
        }
        rest[..12].CopyTo(nonce[8..]);
        var method = rest[Math.Min(second, rest.Length)..];
        // Some versions forgot the NUL at the end.
        var end = method.IndexOf((byte)0);
        greeting = new(capabilities, nonce, (capabilities & CLIENT_PLUGIN_AUTH) == 0 ? default : end < 0 ? method : method[..end]);
        return true;
    }

    public static int AnswerLength(ReadOnlySpan<byte> user, ReadOnlySpan<byte> answer, ReadOnlySpan<byte> method) => 32 + user.Length + 1 + 1 + answer.Length + method.Length + 1;

    /// <summary>
    /// <c>int4 capabilities  int4 max packet  int1 charset  23 reserved  string0 user  int1 length  answer  string0 method</c>
    /// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html
    /// </summary>
    public static void WriteAnswer(Span<byte> packet, MySqlGreeting greeting, ReadOnlySpan<byte> user, ReadOnlySpan<byte> answer, ReadOnlySpan<byte> method)
    {
        packet.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(packet, greeting._capabilities & Ours);
        BinaryPrimitives.WriteInt32LittleEndian(packet[4..], MaxPacket);
        packet[8] = Utf8;
        packet = packet[32..];
        user.CopyTo(packet);
        packet = packet[(user.Length + 1)..];
        packet[0] = (byte)answer.Length;
        answer.CopyTo(packet[1..]);
        // A server that does not know methods overlooks it.
        method.CopyTo(packet[(1 + answer.Length)..]);
    }
}
