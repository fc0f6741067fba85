using System.Buffers.Binary;
using System.Globalization;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>
/// Reads a DNS message (RFC 1035 4). A value beyond the end, or a name without one, makes everything that follows empty; one look at
/// <see cref="Failed"/> at the end is enough.
/// </summary>
ref struct DnsReader(ReadOnlySpan<byte> message, int position)
{
    const int LongestName = 255;

    readonly ReadOnlySpan<byte> _message = message;

    public int Position { get; private set; } = position;

    public bool Failed { get; private set; }

    public byte U8() => Bytes(1) is [var value] ? value : (byte)0;

    public ushort U16() => Bytes(2) is { Length: 2 } value ? BinaryPrimitives.ReadUInt16BigEndian(value) : (ushort)0;

    public uint U32() => Bytes(4) is { Length: 4 } value ? BinaryPrimitives.ReadUInt32BigEndian(value) : 0;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (Failed || count > _message.Length - Position)
        {
            Failed = true;
            return default;
        }
        var bytes = _message.Slice(Position, count);
        Position += count;
        return bytes;
    }

    /// <summary>RFC 1035 4.1.4: labels, and perhaps a pointer to where the name goes on.</summary>
    public void Name(ref DnsText text)
    {
        var start = text.Length;
        var length = 0;
        // Only backwards: so no chain of pointers is endless.
        var before = Position;
        var at = Position;
        var jumped = false;
        while (!Failed)
        {
            if (at >= _message.Length) break;
            int label = _message[at++];
            if (label == 0)
            {
                if (!jumped) Position = at;
                if (text.Length == start) text.Add(".");
                return;
            }
            if (label >= 0xc0)
            {
                if (at >= _message.Length) break;
                var target = (label & 0x3f) << 8 | _message[at++];
                if (target >= before) break;
                if (!jumped) Position = at;
                jumped = true;
                before = at = target;
                continue;
            }
            length += label + 1;
            // RFC 1035 2.3.4; 01 and 10 at the top of the length are kinds of labels that nobody uses.
            if (label > 63 || length >= LongestName || label > _message.Length - at) break;
            if (text.Length > start) text.Add(".");
            text.AddLabel(_message.Slice(at, label));
            at += label;
        }
        Failed = true;
    }
}

/// <summary>A record as a person writes it, in a borrowed buffer; what does not fit is left out.</summary>
ref struct DnsText(Span<char> buffer)
{
    readonly Span<char> _buffer = buffer;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<char> Text => _buffer[..Length];

    public void Clear() => Length = 0;

    public void Add(scoped ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, _buffer.Length - Length)];
        text.CopyTo(_buffer[Length..]);
        Length += text.Length;
    }

    public void Add(uint number)
    {
        Span<char> digits = stackalloc char[10];
        number.TryFormat(digits, out var count, provider: CultureInfo.InvariantCulture);
        Add(digits[..count]);
    }

    public void AddHex(scoped ReadOnlySpan<byte> bytes)
    {
        Span<char> digits = stackalloc char[2];
        foreach (var value in bytes)
        {
            value.TryFormat(digits, out _, "x2", CultureInfo.InvariantCulture);
            Add(digits);
        }
    }

    /// <summary>RFC 1035 5.1: what would be mistaken for something else has a backslash.</summary>
    public void AddLabel(scoped ReadOnlySpan<byte> label)
    {
        foreach (var letter in label)
        {
            if (letter is (byte)'.' or (byte)'\\') Add("\\");
            AddLetter(letter);
        }
    }

    public void AddQuoted(scoped ReadOnlySpan<byte> text)
    {
        Add("\"");
        foreach (var letter in text)
        {
            if (letter is (byte)'"' or (byte)'\\') Add("\\");
            AddLetter(letter);
        }
        Add("\"");
    }

    void AddLetter(byte letter)
    {
        if (letter is > 0x1f and < 0x7f)
        {
            Add([(char)letter]);
            return;
        }
        Add(['\\', (char)('0' + letter / 100), (char)('0' + letter / 10 % 10), (char)('0' + letter % 10)]);
    }
}
