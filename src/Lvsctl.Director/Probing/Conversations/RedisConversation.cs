using System.Buffers;
using System.Globalization;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>
/// RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/): AUTH if there is a password, PING, ROLE if the role matters,
/// and QUIT, so that the server is the one that closes.
/// </summary>
sealed class RedisConversation(ProbeSpec.Redis spec, Func<string, byte[]?> secret) : Conversation
{
    const int LongestLine = 4096;

    enum Part
    {
        Auth,
        Ping,
        Role,
        RoleLength,
        RoleName,
    }

    readonly byte[]? _user = spec.User is null ? null : Encoding.UTF8.GetBytes(spec.User);

    Splicer _lines;
    Part _part;
    byte[]? _password;
    bool _quits;

    public override bool ServerHangsUp => _quits;

    public override Turn Begin(IBufferWriter<byte> say)
    {
        _lines.Clear();
        _quits = false;
        if (spec.PasswordFile is null)
        {
            if (_user is null) return Ask(Part.Ping, say, "PING"u8);
            _password = [];
        }
        else if ((_password = secret(spec.PasswordFile)) is null)
        {
            return Hang(ProbeReason.NotPossible, $"cannot read {Evidence.Of(spec.PasswordFile)}");
        }
        // https://redis.io/docs/latest/commands/auth/: the form with a user is known since 6.0 only.
        _part = Part.Auth;
        Command(say, _user is null ? 2 : 3);
        Word(say, "AUTH"u8);
        if (_user is not null) Word(say, _user);
        Word(say, _password);
        return Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        while (!bytes.IsEmpty)
        {
            var piece = _lines.Line(ref bytes, LongestLine, out var line);
            if (piece == Piece.TooLong) return Hang(ProbeReason.BadReply, "line too long");
            if (piece == Piece.Partial) return Turn.Listen;
            if (Hear(line, say) == Turn.Hang) return Turn.Hang;
        }
        return Turn.Listen;
    }

    public override Turn End() => Hang(ProbeReason.Closed, _part switch
    {
        Part.Auth => "closed without an answer to AUTH",
        Part.Ping => "closed without an answer to PING",
        _ => "closed without an answer to ROLE",
    });

    public override void Forget()
    {
        _lines.Return();
        _password = null;
    }

    Turn Hear(ReadOnlySpan<byte> line, IBufferWriter<byte> say)
    {
        if (line is [(byte)'-', .. var error]) return Refused(error, say);
        switch (_part)
        {
            case Part.Auth when line.SequenceEqual("+OK"u8):
                return Ask(Part.Ping, say, "PING"u8);
            case Part.Ping when line.SequenceEqual("+PONG"u8):
                return spec.Role == ProbeSpec.DatabaseRole.Any ? Leave(ProbeReason.Ok, null, say) : Ask(Part.Role, say, "ROLE"u8);
            // https://redis.io/docs/latest/commands/role/: an array whose first element is the role; the rest is for others.
            case Part.Role when line is [(byte)'*', (byte)'1' or (byte)'2' or (byte)'3' or (byte)'4' or (byte)'5']:
                _part = Part.RoleLength;
                return Turn.Listen;
            case Part.RoleLength when line is [(byte)'$', ..]:
                _part = Part.RoleName;
                return Turn.Listen;
            case Part.RoleName:
                return Role(line, say);
            default:
                return Hang(ProbeReason.BadReply, "no Redis reply");
        }
    }

    Turn Role(ReadOnlySpan<byte> role, IBufferWriter<byte> say)
    {
        var isPrimary = role.SequenceEqual("master"u8);
        if (!isPrimary && !role.SequenceEqual("slave"u8)) return Leave(ProbeReason.Unexpected, $"role is {Evidence.Of(role, 20)}", say);
        if (isPrimary == (spec.Role == ProbeSpec.DatabaseRole.Primary)) return Leave(ProbeReason.Ok, null, say);
        return Leave(ProbeReason.Unexpected, isPrimary ? "is a primary, wanted a replica" : "is a replica, wanted a primary", say);
    }

    /// <summary>LOADING, MASTERDOWN, NOPERM and the like: the server is there, but does not serve.</summary>
    Turn Refused(ReadOnlySpan<byte> error, IBufferWriter<byte> say)
    {
        if (error.StartsWith("NOAUTH"u8)) return Leave(ProbeReason.Unexpected, "demands a password: give the check a password-file", say);
        // A server that does not know AUTH quotes its arguments.
        if (_password is { Length: > 0 } && error.IndexOf(_password) >= 0) return Leave(ProbeReason.Unexpected, "refuses AUTH", say);
        var asked = _part switch { Part.Auth => "AUTH", Part.Ping => "PING", _ => "ROLE" };
        return Leave(ProbeReason.Unexpected, $"{asked}: {Evidence.Of(error)}", say);
    }

    Turn Ask(Part part, IBufferWriter<byte> say, ReadOnlySpan<byte> command)
    {
        _part = part;
        Command(say, 1);
        Word(say, command);
        return Turn.Listen;
    }

    Turn Leave(ProbeReason reason, string? detail, IBufferWriter<byte> say)
    {
        Command(say, 1);
        Word(say, "QUIT"u8);
        _quits = true;
        return Hang(reason, detail);
    }

    static void Command(IBufferWriter<byte> say, int words) => Prefix(say, (byte)'*', words);

    static void Word(IBufferWriter<byte> say, ReadOnlySpan<byte> word)
    {
        Prefix(say, (byte)'$', word.Length);
        say.Write(word);
        say.Write("\r\n"u8);
    }

    static void Prefix(IBufferWriter<byte> say, byte type, int count)
    {
        var space = say.GetSpan(16);
        space[0] = type;
        count.TryFormat(space[1..], out var digits, provider: CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(space[(1 + digits)..]);
        say.Advance(1 + digits + 2);
    }
}
