using System.Buffers;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>SMTP (RFC 5321), with STARTTLS (RFC 3207) if wanted.</summary>
sealed class SmtpConversation(ProbeSpec.Smtp spec, string hostName) : Conversation
{
    /// <summary>RFC 5321 4.5.3.1.5 allows 512; some servers need more for their greeting.</summary>
    const int LongestLine = 1024;
    const int MostLines = 64;

    enum Part
    {
        Greeting,
        Ehlo,
        Helo,
        StartTls,
        Tls,
    }

    readonly byte[] _name = Encoding.ASCII.GetBytes(spec.Helo ?? hostName);

    Splicer _lines;
    Part _part;
    bool _secure;
    bool _offersTls;
    bool _quits;

    // Of the reply that is being read.
    int _code;
    int _count;

    public override bool ServerHangsUp => _quits;

    public override Turn Begin(IBufferWriter<byte> say)
    {
        _lines.Clear();
        (_secure, _offersTls, _quits, _count) = (false, false, false, 0);
        // RFC 5321 4.3.1: the server speaks first. Many take a client that does not wait for a spammer.
        _part = Part.Greeting;
        return Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        while (!bytes.IsEmpty)
        {
            if (_part == Part.Tls) return SpokeEarly();
            var piece = _lines.Line(ref bytes, LongestLine, out var line);
            if (piece == Piece.TooLong) return Hang(ProbeReason.BadReply, "line too long");
            if (piece == Piece.Partial) return Turn.Listen;
            var turn = Line(line, say);
            // RFC 3207 6: what an attacker slips in before TLS must not be taken for what was said within it.
            if (turn == Turn.Secure && !bytes.IsEmpty) return SpokeEarly();
            if (turn != Turn.Listen) return turn;
        }
        return Turn.Listen;
    }

    /// <summary>RFC 3207 4.2: everything learnt before TLS is forgotten, so it greets again.</summary>
    public override Turn Secured(IBufferWriter<byte> say)
    {
        _lines.Clear();
        (_secure, _count) = (true, 0);
        return Ask(Part.Ehlo, "EHLO "u8, say);
    }

    public override Turn End() => Hang(ProbeReason.Closed, _part switch
    {
        Part.Greeting => "closed without a greeting",
        Part.StartTls or Part.Tls => "closed without an answer to STARTTLS",
        _ => "closed without an answer to EHLO",
    });

    public override void Forget() => _lines.Return();

    /// <summary>RFC 5321 4.2.1: a reply is lines of one code, all but the last with a hyphen after it.</summary>
    Turn Line(ReadOnlySpan<byte> line, IBufferWriter<byte> say)
    {
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2])
            || line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-'))
        {
            return Hang(ProbeReason.BadReply, $"no SMTP reply: {Evidence.Of(line)}");
        }
        var code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
        if (_count > 0 && code != _code) return Hang(ProbeReason.BadReply, $"reply {_code} goes on as {code}");
        _code = code;
        if (++_count > MostLines) return Hang(ProbeReason.BadReply, $"reply of more than {MostLines} lines");
        // RFC 3207 4: a keyword of the EHLO reply, whose first line is no keyword.
        if (_part == Part.Ehlo && _count > 1 && line.Length > 4 && Ascii.EqualsIgnoreCase(line[4..].Trim((byte)' '), "STARTTLS"u8)) _offersTls = true;
        if (line.Length > 3 && line[3] == '-') return Turn.Listen;
        _count = 0;
        return Reply(line, say);
    }

    Turn Reply(ReadOnlySpan<byte> line, IBufferWriter<byte> say)
    {
        switch (_part)
        {
            case Part.Greeting when _code == 220:
                return Ask(Part.Ehlo, "EHLO "u8, say);
            case Part.Ehlo when _code == 250:
                if (spec.StartTls is null || _secure) return Leave(ProbeReason.Ok, null, say);
                if (!_offersTls) return Leave(ProbeReason.Unexpected, "does not offer STARTTLS", say);
                say.Write("STARTTLS\r\n"u8);
                _part = Part.StartTls;
                return Turn.Listen;
            // RFC 5321 3.2: a server without extensions refuses EHLO, and is asked the old way.
            case Part.Ehlo when _code >= 500 && !_secure && spec.StartTls is null:
                return Ask(Part.Helo, "HELO "u8, say);
            case Part.Helo when _code == 250:
                return Leave(ProbeReason.Ok, null, say);
            case Part.StartTls when _code == 220:
                _part = Part.Tls;
                return Turn.Secure;
            default:
                var what = _part switch { Part.Greeting => "greets with", Part.StartTls => "STARTTLS:", Part.Helo => "HELO:", _ => "EHLO:" };
                return Leave(ProbeReason.Unexpected, $"{what} {Evidence.Of(line)}", say);
        }
    }

    Turn SpokeEarly() => Hang(ProbeReason.BadReply, "said something between STARTTLS and TLS");

    Turn Ask(Part part, ReadOnlySpan<byte> verb, IBufferWriter<byte> say)
    {
        _part = part;
        _offersTls = false;
        say.Write(verb);
        say.Write(_name);
        say.Write("\r\n"u8);
        return Turn.Listen;
    }

    Turn Leave(ProbeReason reason, string? detail, IBufferWriter<byte> say)
    {
        // RFC 5321 3.8: after 421 the server closes by itself; otherwise it waits for QUIT, even after a 554 greeting (3.1).
        if (_code != 421) say.Write("QUIT\r\n"u8);
        _quits = true;
        return Hang(reason, detail);
    }
}
