using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>
/// One question of DNS (RFC 1035), in a packet or over a connection. A packet that does not answer this very question is overlooked: it
/// is late, or forged.
/// </summary>
sealed class DnsConversation : Conversation
{
    const int Head = 12;
    const int Prefix = 2;
    const int Id = 0, Flags = 2, Questions = 4, Answers = 6;
    const int IsReply = 0x8000, Truncated = 0x0200, RecursionDesired = 0x0100;
    const int Internet = 1;
    const int MostStrays = 64;

    /// <summary>Any name with everything before and after it.</summary>
    const int LongestText = 2048;

    readonly bool _overTcp;
    readonly byte[] _query;
    readonly string? _problem;
    readonly DnsExpectation? _expect;
    readonly uint _seed;

    Splicer _pieces;
    uint _asked;
    int _length;
    int _strays;

    public DnsConversation(ProbeSpec.Dns spec, uint seed)
    {
        _overTcp = spec.OverTcp;
        _seed = seed;
        _expect = spec.Expect is { } expect ? new(expect) : null;
        var type = DnsRecord.Type(spec.Type);
        _query = type < 0 ? [] : Query(spec.Name, type);
        if (_query.Length == 0) _problem = $"cannot ask for {Evidence.Of(spec.Name)} {Evidence.Of(spec.Type, 20)}";
    }

    /// <summary>Without the length that comes before it on a connection.</summary>
    Span<byte> Message => _query.AsSpan(Prefix);

    public override Turn Begin(IBufferWriter<byte> say)
    {
        if (_problem is not null) return Hang(ProbeReason.NotPossible, _problem);
        _pieces.Clear();
        (_length, _strays) = (-1, 0);
        BinaryPrimitives.WriteUInt16BigEndian(Message[Id..], NextId());
        say.Write(_overTcp ? _query : Message);
        return Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        if (_overTcp) return ReceiveStream(bytes);
        if (Fits(bytes)) return Answered(bytes);
        return ++_strays < MostStrays ? Turn.Listen : Hang(ProbeReason.BadReply, $"{MostStrays} packets came, and none is the answer");
    }

    public override Turn End() => Hang(ProbeReason.Closed, "closed without an answer");

    public override void Forget() => _pieces.Return();

    /// <summary>RFC 1035 4.2.2: two bytes of length before the message.</summary>
    Turn ReceiveStream(ReadOnlySpan<byte> bytes)
    {
        if (_length < 0)
        {
            if (!_pieces.Take(ref bytes, Prefix, out var prefix)) return Turn.Listen;
            _length = BinaryPrimitives.ReadUInt16BigEndian(prefix);
        }
        if (!_pieces.Take(ref bytes, _length, out var message)) return Turn.Listen;
        return Fits(message) ? Answered(message) : Hang(ProbeReason.BadReply, "no answer to the question");
    }

    /// <summary>RFC 5452 9.1: the same number, and the same question.</summary>
    bool Fits(ReadOnlySpan<byte> message)
    {
        if (message.Length < Head || !message[..2].SequenceEqual(Message[..2])) return false;
        var flags = U16(message, Flags);
        // It is a reply, and one to a query (RFC 1035 4.1.1: OPCODE 0).
        if ((flags & IsReply) == 0 || (flags >> 11 & 15) != 0) return false;
        // A server that refuses may leave the question out.
        if (U16(message, Questions) == 0) return (flags & 15) != 0;
        var question = Message[Head..];
        message = message[Head..];
        return message.Length >= question.Length
            && Ascii.EqualsIgnoreCase(message[..(question.Length - 4)], question[..^4])
            && message.Slice(question.Length - 4, 4).SequenceEqual(question[^4..]);
    }

    Turn Answered(ReadOnlySpan<byte> message)
    {
        var flags = U16(message, Flags);
        if ((flags & 15) != 0) return Hang(ProbeReason.Unexpected, Problem(flags & 15));
        if (_expect is null || Look(message, out var failed)) return Hang(ProbeReason.Ok);
        if ((flags & Truncated) != 0) return Hang(ProbeReason.Unexpected, "the answer is truncated, use transport: tcp");
        if (failed) return Hang(ProbeReason.BadReply, "malformed answer");
        return Hang(ProbeReason.Unexpected, $"no answer reads {Evidence.Wish(_expect.Text)}: {Seen(message)}");
    }

    bool Look(ReadOnlySpan<byte> message, out bool failed)
    {
        Span<char> buffer = stackalloc char[LongestText];
        var text = new DnsText(buffer);
        scoped var reader = new DnsReader(message, Message.Length);
        scoped var data = reader;
        for (var count = U16(message, Answers); count > 0 && !reader.Failed; count--)
        {
            if (!NextRecord(ref reader, ref text, out var type, out var length)) continue;
            data = new DnsReader(message, reader.Position);
            reader.Bytes(length);
            if (!reader.Failed && _expect!.Is(ref data, type, length, ref text) && !data.Failed)
            {
                failed = false;
                return true;
            }
        }
        failed = reader.Failed;
        return false;
    }

    /// <summary>What came instead; a few of them.</summary>
    string Seen(ReadOnlySpan<byte> message)
    {
        var seen = new StringBuilder();
        Span<char> buffer = stackalloc char[LongestText];
        var text = new DnsText(buffer);
        scoped var reader = new DnsReader(message, Message.Length);
        scoped var data = reader;
        for (var count = U16(message, Answers); count > 0 && !reader.Failed && seen.Length < 100; count--)
        {
            if (!NextRecord(ref reader, ref text, out var type, out var length)) continue;
            data = new DnsReader(message, reader.Position);
            reader.Bytes(length);
            text.Clear();
            DnsRecord.Write(ref data, type, length, ref text);
            if (!data.Failed) seen.Append(seen.Length > 0 ? ", " : "").Append(text.Text);
        }
        return seen.Length == 0 ? "there are none" : Evidence.Of(seen.ToString());
    }

    /// <summary>RFC 1035 4.1.3, up to the data. False: of another class, and passed over.</summary>
    static bool NextRecord(ref DnsReader reader, ref DnsText text, out int type, out int length)
    {
        text.Clear();
        reader.Name(ref text);
        type = reader.U16();
        var isInternet = reader.U16() == Internet;
        reader.U32();
        length = reader.U16();
        if (!isInternet) reader.Bytes(length);
        return isInternet && !reader.Failed;
    }

    /// <summary>Another one for each probe, which nobody can guess who does not know the seed.</summary>
    ushort NextId()
    {
        var mixed = _seed + ++_asked * 0x9e3779b9;
        mixed = (mixed ^ mixed >> 16) * 0x85ebca6b;
        mixed = (mixed ^ mixed >> 13) * 0xc2b2ae35;
        return (ushort)(mixed ^ mixed >> 16);
    }

    /// <summary>Empty if there is no such name (RFC 1035 2.3.4).</summary>
    static byte[] Query(string name, int type)
    {
        var query = new ArrayBufferWriter<byte>();
        query.Write<byte>([0, 0, 0, 0, RecursionDesired >> 8, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        name = name.EndsWith('.') ? name[..^1] : name;
        foreach (var label in name.Length == 0 ? [] : name.Split('.'))
        {
            var letters = Encoding.UTF8.GetBytes(label);
            if (letters.Length is 0 or > 63) return [];
            query.Write<byte>([(byte)letters.Length]);
            query.Write(letters);
        }
        query.Write<byte>([0, (byte)(type >> 8), (byte)type, 0, Internet]);
        if (query.WrittenCount > Prefix + Head + 255 + 4) return [];
        var bytes = query.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - Prefix));
        return bytes;
    }

    static int U16(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    /// <summary>RFC 6895 2.3.</summary>
    static string Problem(int code) => code switch
    {
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSET",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        _ => $"RCODE {code}",
    };
}
