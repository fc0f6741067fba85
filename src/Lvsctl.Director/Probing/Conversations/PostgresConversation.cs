using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>
/// PostgreSQL's protocol 3.0 (https://www.postgresql.org/docs/current/protocol-flow.html): asks to begin a session and looks how far it
/// gets. As with pg_isready, a server that asks who we are is up, and so is one that does not like us.
/// </summary>
sealed class PostgresConversation(ProbeSpec.Postgres spec) : Conversation
{
    const int LongestMessage = 32 * 1024;
    const int MostRead = 64 * 1024;
    const int Header = 5;

    readonly byte[] _startup = Startup(spec);

    Splicer _pieces;
    byte _type;
    int _length;
    int _read;
    bool _isIn;
    bool _serverCloses;

    public override bool ServerHangsUp => _serverCloses;

    public override Turn Begin(IBufferWriter<byte> say)
    {
        _pieces.Clear();
        (_type, _read, _isIn, _serverCloses) = (0, 0, false, false);
        say.Write(_startup);
        return Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        while (true)
        {
            if (_type == 0)
            {
                if (!_pieces.Take(ref bytes, Header, out var header)) return Turn.Listen;
                _type = header[0];
                var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
                if (!IsKnown(_type) || length is < 4 or > LongestMessage)
                {
                    // A server that cannot start another process says so in the form of protocol 2.0: text up to a NUL.
                    return _type == 'E' ? Hang(ProbeReason.Unexpected, "refuses without a reason, as when it cannot start another process")
                        : Hang(ProbeReason.BadReply, "no PostgreSQL reply");
                }
                _length = (int)length - 4;
                _read += Header + _length;
                if (_read > MostRead) return Hang(ProbeReason.BadReply, $"more than {MostRead >> 10} KiB without being ready");
            }
            if (!_pieces.Take(ref bytes, _length, out var payload)) return Turn.Listen;
            if (Hear(_type, payload, say) == Turn.Hang) return Turn.Hang;
            _type = 0;
        }
    }

    public override Turn End() => Hang(ProbeReason.Closed, _isIn ? "closed before it was ready" : "closed without an answer");

    public override void Forget() => _pieces.Return();

    /// <summary>https://www.postgresql.org/docs/current/protocol-message-formats.html. The session's own messages come once we are in.</summary>
    bool IsKnown(byte type) => type is (byte)'R' or (byte)'E' or (byte)'N' or (byte)'v' || _isIn && type is (byte)'S' or (byte)'K' or (byte)'Z';

    Turn Hear(byte type, ReadOnlySpan<byte> payload, IBufferWriter<byte> say)
    {
        switch (type)
        {
            case (byte)'R' when payload.Length < 4:
                return Hang(ProbeReason.BadReply, "malformed authentication request");
            // AuthenticationOk is not the end: the limit of connections is looked at after it.
            case (byte)'R' when BinaryPrimitives.ReadInt32BigEndian(payload) == 0:
                _isIn = true;
                return Turn.Listen;
            // It wants a password. To leave now is legal, usual and not logged; a Terminate would be logged as a wrong password message.
            case (byte)'R':
                return Hang(ProbeReason.Ok);
            case (byte)'Z':
                say.Write("X\0\0\0\u0004"u8);
                _serverCloses = true;
                return Hang(ProbeReason.Ok);
            case (byte)'E':
                _serverCloses = true;
                return Refused(payload);
            default:
                return Turn.Listen;
        }
    }

    Turn Refused(ReadOnlySpan<byte> fields)
    {
        ReadOnlySpan<byte> state = default, message = default;
        while (fields is [not 0, ..])
        {
            var end = fields.IndexOf((byte)0);
            if (end < 0) return Hang(ProbeReason.BadReply, "malformed error");
            if (fields[0] == 'C') state = fields[1..end];
            if (fields[0] == 'M') message = fields[1..end];
            fields = fields[(end + 1)..];
        }
        if (state.Length != 5) return Hang(ProbeReason.BadReply, "error without a code");
        // https://www.postgresql.org/docs/current/errcodes-appendix.html: out of resources (53, too many connections), starting up or
        // shutting down (57), the system's or its own fault (58, XX), and what a pooler says of the server behind it (08). Whatever
        // else it says is about the user or the database that we named.
        var isDown = state.StartsWith("53"u8) || state.StartsWith("57"u8) || state.StartsWith("58"u8) || state.StartsWith("XX"u8) || state.StartsWith("08"u8);
        return isDown ? Hang(ProbeReason.Unexpected, $"{Evidence.Of(state)}: {Evidence.Of(message)}") : Hang(ProbeReason.Ok);
    }

    static byte[] Startup(ProbeSpec.Postgres spec)
    {
        var text = Encoding.UTF8.GetBytes($"user\0{spec.User}\0database\0{spec.Database}\0\0");
        var message = new byte[8 + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), 3 << 16);
        text.CopyTo(message, 8);
        return message;
    }
}
