using System.Buffers;
using System.Globalization;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>
/// HTTP/1.1, and replies of HTTP/1.0. No more is waited for than decides: without an expectation of the body the head is enough. What
/// follows is the server's last word, so the wait for its close reads it away.
/// </summary>
sealed class HttpConversation : Conversation
{
    /// <summary>All heads of a reply, interim ones and trailers too.</summary>
    const int MostHead = 16 * 1024;
    const int MostHeaders = 100;
    const int MostChunkLine = 4 * 1024;

    /// <summary>A rest of the body that is worth waiting for.</summary>
    const int SmallRest = 64 * 1024;

    enum Part
    {
        Status,
        Header,
        Sized,
        UntilClose,
        ChunkSize,
        ChunkData,
        ChunkEnd,
        Trailer,
    }

    readonly byte[] _request;
    readonly bool _asksToClose;
    readonly bool _isHead;
    readonly string _wanted;
    readonly ValueList<StatusRange> _ranges;
    readonly byte[]? _weightHeader;
    readonly HttpBody? _body;
    readonly long _mostFraming;

    Splicer _lines;
    Part _part;
    int _prefix;
    int _head;
    int _headers;
    int _status;
    long _framing;
    long? _length;
    bool _hasCoding;
    bool _chunked;
    bool _bad;
    AgentWord _word;

    /// <summary>Of the body, or of the chunk.</summary>
    long _left;

    public HttpConversation(ProbeSpec.Http spec, ProbeTarget target)
    {
        _request = HttpRequest.Write(spec, target);
        _asksToClose = HttpRequest.KeepsWordOfClosing(spec);
        _isHead = spec.Method == "HEAD";
        _ranges = spec.Expect;
        _wanted = Evidence.Of(string.Join(", ", spec.Expect));
        var weight = target.Check.Weight;
        if (weight is { From: WeightSource.Header, Header: { } header }) _weightHeader = Encoding.ASCII.GetBytes(header);
        if (spec.Body is not null || weight is { From: WeightSource.Body }) _body = new(spec, weight is { From: WeightSource.Body });
        // A chunk may hold a single byte; more than that and a little is an attempt to keep us busy.
        _mostFraming = MostHead + 8L * spec.MaxBody;
    }

    public override bool ServerHangsUp => _asksToClose && !_bad && _left <= SmallRest;

    public override Turn Begin(IBufferWriter<byte> say)
    {
        _lines.Clear();
        _body?.Reset();
        (_prefix, _head, _framing, _word) = (0, 0, 0, default);
        NextHead();
        say.Write(_request);
        return Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        while (!bytes.IsEmpty)
        {
            var turn = _part switch
            {
                Part.Status when !LooksRight(bytes) => Bad(_prefix == 1 && bytes[0] is 0x15 or 0x16 ? "speaks TLS" : "no HTTP/1 reply"),
                Part.Sized or Part.UntilClose or Part.ChunkData => Content(ref bytes),
                _ => Line(ref bytes),
            };
            if (turn == Turn.Hang) return turn;
        }
        return Turn.Listen;
    }

    public override Turn End() => _part switch
    {
        Part.Status when _prefix == 0 && _head == 0 => Hang(ProbeReason.Closed, "closed before it answered"),
        Part.Status or Part.Header => Hang(ProbeReason.Closed, "closed within the head of its reply"),
        Part.UntilClose => Finish(),
        _ => Hang(ProbeReason.Closed, "closed within the body of its reply"),
    };

    public override void Forget()
    {
        _lines.Return();
        _body?.Forget();
    }

    /// <summary>Tells another protocol by its first bytes: it may never send a line end.</summary>
    bool LooksRight(ReadOnlySpan<byte> bytes)
    {
        var start = "HTTP/1."u8;
        for (var i = 0; i < bytes.Length && _prefix < start.Length; i++)
        {
            if (bytes[i] != start[_prefix++]) return false;
        }
        return true;
    }

    Turn Line(ref ReadOnlySpan<byte> bytes)
    {
        var isChunk = _part is Part.ChunkSize or Part.ChunkEnd;
        var piece = _lines.Line(ref bytes, isChunk ? MostChunkLine : MostHead - _head, out var line);
        if (piece == Piece.TooLong) return Bad(isChunk ? "chunk line too long" : "head longer than 16 KiB");
        if (piece == Piece.Partial) return Turn.Listen;
        if (isChunk)
        {
            _framing += line.Length + 2;
            if (_framing > _mostFraming) return Bad("more chunk lines than body");
        }
        else
        {
            _head = Math.Min(MostHead, _head + line.Length + 2);
        }
        return _part switch
        {
            Part.Status => Status(line),
            Part.Header => line.IsEmpty ? HeadDone() : Header(line),
            Part.ChunkSize => ChunkSize(line),
            // RFC 9112 7.1: data and its CR LF.
            Part.ChunkEnd => line.IsEmpty ? Go(Part.ChunkSize) : Bad("chunk longer than it says"),
            _ => line.IsEmpty ? Finish() : Turn.Listen,
        };
    }

    /// <summary>RFC 9112 4: <c>HTTP/1.x SP 3DIGIT SP [reason]</c>; many leave the last SP out.</summary>
    Turn Status(ReadOnlySpan<byte> line)
    {
        if (line.Length < 12 || !char.IsAsciiDigit((char)line[7]) || line[8] != ' ' || line.Length > 12 && line[12] != ' '
            || !int.TryParse(line[9..12], NumberStyles.None, CultureInfo.InvariantCulture, out _status) || _status < 100)
        {
            return Bad("malformed status line");
        }
        return Go(Part.Header);
    }

    Turn Header(ReadOnlySpan<byte> line)
    {
        if (++_headers > MostHeaders) return Bad("more than 100 headers");
        // RFC 9112 5.2: a folded line goes on with the one before. None that matters here is ever folded.
        if (line[0] is (byte)' ' or (byte)'\t') return Turn.Listen;
        var colon = line.IndexOf((byte)':');
        // RFC 9112 5.1: no blank before the colon. The value may be a secret, so neither is shown.
        if (colon <= 0 || line[..colon].IndexOfAny((byte)' ', (byte)'\t') >= 0) return Bad("malformed header");
        var name = line[..colon];
        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (Ascii.EqualsIgnoreCase(name, "content-length"u8)) return Length(value);
        if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
        {
            // RFC 9112 6.3: what counts is whether chunked comes last.
            _hasCoding = true;
            _chunked = Ascii.EqualsIgnoreCase(value[(value.LastIndexOf((byte)',') + 1)..].Trim(" \t"u8), "chunked"u8);
        }
        else if (_weightHeader is not null && _word.Kind == AgentWordKind.None && Ascii.EqualsIgnoreCase(name, _weightHeader))
        {
            var weight = default(SpokenWeight);
            weight.Hear(value);
            _word = weight.Word;
        }
        return Turn.Listen;
    }

    /// <summary>RFC 9112 6.3: the same length said twice is one; two lengths are none.</summary>
    Turn Length(ReadOnlySpan<byte> value)
    {
        foreach (var part in value.Split((byte)','))
        {
            if (!long.TryParse(value[part].Trim(" \t"u8), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || _length is { } before && before != length)
            {
                return Bad("malformed Content-Length");
            }
            _length = length;
        }
        return Turn.Listen;
    }

    Turn HeadDone()
    {
        // RFC 9110 15.2: any number of interim replies may come first. After 101 another protocol is spoken, so that one is the last.
        if (_status is < 200 and not 101) return NextHead();
        if (!IsWanted(_status)) return Hang(ProbeReason.Unexpected, $"status {_status}, wanted {_wanted}");
        // RFC 9112 6.3: these have no body, whatever their head says.
        var hasNone = _isHead || _status is 101 or 204 or 304 || !_hasCoding && _length == 0;
        _left = hasNone || _hasCoding ? 0 : _length ?? 0;
        if (_body is null || hasNone) return Finish();
        if (_body.IsTooLong(_left)) return TooLong();
        if (_body.IsFull) return Finish();
        return Go(_chunked ? Part.ChunkSize : _hasCoding || _length is null ? Part.UntilClose : Part.Sized);
    }

    Turn NextHead()
    {
        (_prefix, _headers, _status, _length, _left) = (0, 0, 0, null, 0);
        (_hasCoding, _chunked, _bad) = (false, false, false);
        return Go(Part.Status);
    }

    bool IsWanted(int status)
    {
        foreach (var range in _ranges)
        {
            if (status >= range.First && status <= range.Last) return true;
        }
        return false;
    }

    /// <summary>RFC 9112 7.1: hexadecimal digits, then perhaps extensions, which mean nothing to us.</summary>
    Turn ChunkSize(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)';');
        var digits = (end < 0 ? line : line[..end]).Trim(" \t"u8);
        if (!long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left) || _left < 0) return Bad("malformed chunk size");
        return Go(_left == 0 ? Part.Trailer : Part.ChunkData);
    }

    Turn Content(ref ReadOnlySpan<byte> bytes)
    {
        var data = _part == Part.UntilClose ? bytes : bytes[..(int)Math.Min(bytes.Length, _left)];
        bytes = bytes[data.Length..];
        if (_part != Part.UntilClose) _left -= data.Length;
        if (!_body!.Read(data)) return TooLong();
        if (_body.IsFull) return Finish();
        if (_part == Part.UntilClose || _left > 0) return Turn.Listen;
        return _part == Part.Sized ? Finish() : Go(Part.ChunkEnd);
    }

    Turn Finish()
    {
        if (_body?.Complaint() is { } complaint) return Hang(ProbeReason.Unexpected, complaint);
        var word = _weightHeader is not null ? _word : _body?.Word;
        return Hang(new Finding(ProbeReason.Ok, word is { Kind: AgentWordKind.None } ? SpokenWeight.Missing : null, word ?? default));
    }

    Turn Go(Part part)
    {
        _part = part;
        return Turn.Listen;
    }

    Turn TooLong() => Hang(ProbeReason.Unexpected, $"body longer than max-body, {_body!.Most} bytes");

    Turn Bad(string detail)
    {
        _bad = true;
        return Hang(ProbeReason.BadReply, detail);
    }
}
