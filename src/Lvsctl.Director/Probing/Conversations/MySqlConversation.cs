using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>
/// MySQL's and MariaDB's protocol (https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html,
/// https://mariadb.com/docs/server/reference/clientserver-protocol).
/// <para>
/// To read the greeting and close is no way to probe: a server counts each such handshake and, after max_connect_errors (100) in a row,
/// blocks the host that makes them. A refused log-in is not counted (SUM_CONNECT_ERRORS in performance_schema.host_cache counts
/// handshake errors only). So without a user the handshake is brought to its end as a user that need not exist, and whether that one is
/// let in does not matter.
/// </para>
/// </summary>
sealed class MySqlConversation(ProbeSpec.MySql spec, Func<string, byte[]?> secret) : Conversation
{
    const int LongestPacket = 16 * 1024;
    const int MostPackets = 32;
    const int Header = 4;
    const int Ed25519Signature = 64;
    const string Nobody = "lvsctl";
    const byte OkPacket = 0, AuthMoreData = 1, EofPacket = 0xfe, ErrPacket = 0xff;

    enum Part
    {
        Greeting,
        Authentication,
        Columns,
        Column,
        ColumnsEnd,
        Row,
        RowsEnd,
    }

    readonly byte[] _user = Encoding.UTF8.GetBytes(spec.User ?? Nobody);

    Splicer _pieces;
    Part _part;
    int _length;
    byte _sequence;
    int _packets;
    byte[]? _password;
    bool _serverCloses;
    bool _isReadOnly;

    public override bool ServerHangsUp => _serverCloses;

    public override Turn Begin(IBufferWriter<byte> say)
    {
        _pieces.Clear();
        (_part, _length, _packets, _serverCloses) = (Part.Greeting, -1, 0, false);
        _password = spec is { User: not null, PasswordFile: { } file } ? secret(file) : [];
        return _password is null ? Hang(ProbeReason.NotPossible, $"cannot read {Evidence.Of(spec.PasswordFile!)}") : Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        while (true)
        {
            if (_length < 0)
            {
                if (!_pieces.Take(ref bytes, Header, out var header)) return Turn.Listen;
                _length = header[0] | header[1] << 8 | header[2] << 16;
                _sequence = header[3];
                if (_length is 0 or > LongestPacket || ++_packets > MostPackets) return Bad();
            }
            if (!_pieces.Take(ref bytes, _length, out var packet)) return Turn.Listen;
            if (Hear(packet, say) == Turn.Hang) return Turn.Hang;
            _length = -1;
        }
    }

    public override Turn End() => _part switch
    {
        Part.Greeting => Hang(ProbeReason.Closed, "closed without a greeting"),
        Part.Authentication when spec.User is null => Hang(ProbeReason.Ok),
        Part.Authentication => Hang(ProbeReason.Closed, "closed during the log-in"),
        _ => Hang(ProbeReason.Closed, "closed without an answer to SELECT @@global.read_only"),
    };

    public override void Forget()
    {
        _pieces.Return();
        _password = null;
    }

    Turn Hear(ReadOnlySpan<byte> packet, IBufferWriter<byte> say)
    {
        if (packet[0] == ErrPacket) return Refused(packet, say);
        switch (_part)
        {
            case Part.Greeting:
                return Greeted(packet, say);
            case Part.Authentication:
                return Authenticate(packet, say);
            // https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html
            case Part.Columns when packet is [1]:
                return Go(Part.Column);
            case Part.Column:
                return Go(Part.ColumnsEnd);
            case Part.ColumnsEnd when packet[0] == EofPacket:
                return Go(Part.Row);
            // One value: its length, its text. Lengths of 251 and more are written otherwise, and are none of a flag.
            case Part.Row when packet[0] is > 0 and < 251 && packet.Length == 1 + packet[0]:
                _isReadOnly = !packet[1..].SequenceEqual("0"u8) && !Ascii.EqualsIgnoreCase(packet[1..], "OFF"u8);
                return Go(Part.RowsEnd);
            case Part.RowsEnd when packet[0] == EofPacket:
                if (_isReadOnly != (spec.Role == ProbeSpec.DatabaseRole.Primary)) return Quit(ProbeReason.Ok, null, say);
                return Quit(ProbeReason.Unexpected, _isReadOnly ? "is read-only, wanted a primary" : "is not read-only, wanted a replica", say);
            default:
                return Bad();
        }
    }

    Turn Greeted(ReadOnlySpan<byte> packet, IBufferWriter<byte> say)
    {
        Span<byte> nonce = stackalloc byte[MySqlPassword.NonceLength];
        if (!MySqlGreeting.TryRead(packet, nonce, out var greeting)) return Bad();
        if (!greeting.SpeaksProtocol41)
        {
            return spec.User is null ? Hang(ProbeReason.Ok) : Hang(ProbeReason.Unexpected, "is older than MySQL 4.1, which is not supported");
        }
        _part = Part.Authentication;
        // Whatever else it prefers, it will ask to switch from this one.
        var method = greeting.Method.SequenceEqual(MySqlPassword.CachingSha2) ? MySqlPassword.CachingSha2 : MySqlPassword.Native;
        Span<byte> answer = stackalloc byte[MySqlPassword.Longest];
        answer = answer[..MySqlPassword.Answer(method, _password, greeting.Nonce, answer)];

        var length = MySqlGreeting.AnswerLength(_user, answer, method);
        MySqlGreeting.WriteAnswer(Packet(say, length, (byte)(_sequence + 1)), greeting, _user, answer, method);
        say.Advance(Header + length);
        return Turn.Listen;
    }

    /// <summary>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html</summary>
    Turn Authenticate(ReadOnlySpan<byte> packet, IBufferWriter<byte> say)
    {
        switch (packet[0])
        {
            case OkPacket:
                if (spec.User is null || spec.Role == ProbeSpec.DatabaseRole.Any) return Quit(ProbeReason.Ok, null, say);
                _part = Part.Columns;
                Send(say, "\u0003SELECT @@global.read_only"u8, 0);
                return Turn.Listen;
            case EofPacket:
                return Switch(packet[1..], say);
            // The password was right, says caching_sha2_password; OK follows.
            case AuthMoreData when packet is [_, 3]:
                return Turn.Listen;
            case AuthMoreData when packet is [_, 4]:
                return GiveUp(say, "does not have the password in its cache and wants it over TLS: use mysql_native_password, or a user without password");
            default:
                return Bad();
        }
    }

    /// <summary>AuthSwitchRequest: name of the method, and a fresh nonce.</summary>
    Turn Switch(ReadOnlySpan<byte> request, IBufferWriter<byte> say)
    {
        // Before 4.1 it was this one byte.
        if (request.IsEmpty) return GiveUp(say, "wants the password hash of before MySQL 4.1");
        var end = request.IndexOf((byte)0);
        if (end < 0) return Bad();
        var method = request[..end];
        var nonce = request[(end + 1)..];
        if (!MySqlPassword.Knows(method)) return GiveUp(say, $"wants the log-in by {Evidence.Of(method, 40)}, which is not supported", Ed25519Signature);
        Span<byte> answer = stackalloc byte[MySqlPassword.Longest];
        var length = 0;
        if (_password is { Length: > 0 })
        {
            if (nonce.Length < MySqlPassword.NonceLength) return Bad();
            length = MySqlPassword.Answer(method, _password, nonce[..MySqlPassword.NonceLength], answer);
        }
        Send(say, answer[..length], (byte)(_sequence + 1));
        return Turn.Listen;
    }

    /// <summary>https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html</summary>
    Turn Refused(ReadOnlySpan<byte> packet, IBufferWriter<byte> say)
    {
        if (packet.Length < 3) return Bad();
        var code = BinaryPrimitives.ReadUInt16LittleEndian(packet[1..]);
        // SQLSTATE, which comes after a # once 4.1 is agreed on.
        var text = packet[3..] is [(byte)'#', _, _, _, _, _, ..] ? packet[9..] : packet[3..];
        _serverCloses = _part <= Part.Authentication;
        var isAboutTheServer = code is 1037 or 1040 or 1041 or 1053 or 1129 or 1135;
        if (_part == Part.Authentication && spec.User is null && !isAboutTheServer) return Hang(ProbeReason.Ok);
        var detail = $"error {code}: {Evidence.Of(text)}";
        return _part > Part.Authentication ? Quit(ProbeReason.Unexpected, detail, say) : Hang(ProbeReason.Unexpected, detail);
    }

    /// <summary>
    /// A wrong answer makes the server refuse us, which it does not hold against us as it does a broken handshake. MariaDB's ed25519
    /// takes another length than its own for a broken one: five such probes, and a server with max_connect_errors of 5 was closed to us.
    /// </summary>
    Turn GiveUp(IBufferWriter<byte> say, string detail, int length = 0)
    {
        Span<byte> wrong = stackalloc byte[Ed25519Signature];
        wrong.Clear();
        Send(say, wrong[..length], (byte)(_sequence + 1));
        _serverCloses = true;
        return spec.User is null ? Hang(ProbeReason.Ok) : Hang(ProbeReason.Unexpected, detail);
    }

    Turn Quit(ProbeReason reason, string? detail, IBufferWriter<byte> say)
    {
        Send(say, "\u0001"u8, 0);
        _serverCloses = true;
        return Hang(reason, detail);
    }

    Turn Go(Part part)
    {
        _part = part;
        return Turn.Listen;
    }

    Turn Bad() => Hang(ProbeReason.BadReply, _part == Part.Greeting ? "no MySQL greeting" : "malformed packet");

    static void Send(IBufferWriter<byte> say, ReadOnlySpan<byte> payload, byte sequence)
    {
        payload.CopyTo(Packet(say, payload.Length, sequence));
        say.Advance(Header + payload.Length);
    }

    static Span<byte> Packet(IBufferWriter<byte> say, int length, byte sequence)
    {
        var packet = say.GetSpan(Header + length);
        BinaryPrimitives.WriteInt32LittleEndian(packet, length);
        packet[3] = sequence;
        return packet.Slice(Header, length);
    }
}
