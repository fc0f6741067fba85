using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Netlink;

/// <summary>
/// Walks a run of attributes (struct nlattr: u16 length with header, u16 type, payload, padding to four bytes) without allocating.
/// An attribute that does not fit or has the wrong length for its type ends the walk and marks the reader malformed; so
/// <code>while (r.Next()) switch (r.Type) { … } r.EnsureWellFormed();</code>
/// checks once. Unknown types are skipped, and order does not matter. Numbers are in host byte order unless the name says otherwise.
/// </summary>
ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    public const int HeaderLength = 4;

    ReadOnlySpan<byte> _rest = attributes;

    public bool IsMalformed { get; private set; }

    /// <summary>Without the flag bits.</summary>
    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    public bool Next()
    {
        // A tail shorter than a header is padding, as in the kernel's own nla_ok().
        if (IsMalformed || _rest.Length < HeaderLength) return false;
        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderLength || length > _rest.Length) return Malformed();
        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & NLA_TYPE_MASK);
        Payload = _rest[HeaderLength..length];
        _rest = _rest[Math.Min(NetlinkMessage.Align(length), _rest.Length)..];
        return true;
    }

    public byte U8 => Exactly(sizeof(byte)) ? Payload[0] : default;

    public ushort U16 => Exactly(sizeof(ushort)) ? MemoryMarshal.Read<ushort>(Payload) : default;

    public ushort BigEndianU16 => Exactly(sizeof(ushort)) ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : default;

    public uint U32 => Exactly(sizeof(uint)) ? MemoryMarshal.Read<uint>(Payload) : default;

    public uint BigEndianU32 => Exactly(sizeof(uint)) ? BinaryPrimitives.ReadUInt32BigEndian(Payload) : default;

    public int S32 => (int)U32;

    public ulong U64 => Exactly(sizeof(ulong)) ? MemoryMarshal.Read<ulong>(Payload) : default;

    /// <summary>Up to the first NUL, or all of it; bytes that are no UTF-8 become U+FFFD.</summary>
    public readonly string Text
    {
        get
        {
            var end = Payload.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Payload : Payload[..end]);
        }
    }

    /// <summary>The attributes inside this one. Their faults are the nested reader's: check it too.</summary>
    public readonly AttributeReader Nested() => new(Payload);

    /// <summary>Whether the payload has at least this many bytes; if not, the reader is malformed.</summary>
    public bool AtLeast(int length) => Payload.Length >= length || Malformed();

    /// <exception cref="NetlinkException">EBADMSG: an attribute did not fit or had the wrong length.</exception>
    public readonly void EnsureWellFormed()
    {
        if (IsMalformed) throw NetlinkException.Malformed();
    }

    bool Exactly(int length) => Payload.Length == length || Malformed();

    bool Malformed()
    {
        IsMalformed = true;
        return false;
    }
}
