using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Netlink;

/// <summary>
/// Writes messages one after another into one growing buffer, to be sent as one datagram. Lengths are patched in afterwards: Begin
/// returns a token (the offset, as the buffer may move), End takes it.
/// </summary>
sealed class MessageWriter
{
    byte[] _buffer = new byte[512];
    int _length;
    int _lastMessage;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public int Length => _length;

    public void Clear() => _length = 0;

    /// <summary>Flags get NLM_F_REQUEST by themselves.</summary>
    public int BeginMessage(ushort type, ushort flags, uint sequence)
    {
        _lastMessage = _length;
        var header = Reserve(NetlinkMessage.HeaderLength);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)(flags | NLM_F_REQUEST));
        MemoryMarshal.Write(header[8..], sequence);
        return _lastMessage;
    }

    /// <summary>A generic-netlink message (struct genlmsghdr after the header: u8 command, u8 version, u16 reserved).</summary>
    public int BeginGenericMessage(ushort family, byte command, byte version, ushort flags, uint sequence)
    {
        var token = BeginMessage(family, flags, sequence);
        var header = Reserve(GenericFamily.HeaderLength);
        header[0] = command;
        header[1] = version;
        return token;
    }

    public void EndMessage(int token) => MemoryMarshal.Write(_buffer.AsSpan(token), (uint)(_length - token));

    /// <summary>Adds flags to the message that was begun last.</summary>
    public void AddFlags(ushort flags)
    {
        var field = _buffer.AsSpan(_lastMessage + 6);
        MemoryMarshal.Write(field, (ushort)(MemoryMarshal.Read<ushort>(field) | flags));
    }

    /// <summary>Room for a fixed struct, zero-filled.</summary>
    public Span<byte> Reserve(int length)
    {
        var start = _length;
        var end = start + NetlinkMessage.Align(length);
        if (end > _buffer.Length) Array.Resize(ref _buffer, Math.Max(end, _buffer.Length * 2));
        _buffer.AsSpan(start, end - start).Clear();
        _length = end;
        return _buffer.AsSpan(start, length);
    }

    public int BeginNested(ushort type)
    {
        var token = _length;
        Attribute((ushort)(type | NLA_F_NESTED), 0);
        return token;
    }

    public void EndNested(int token) => MemoryMarshal.Write(_buffer.AsSpan(token), (ushort)(_length - token));

    public void U8(ushort type, byte value) => Attribute(type, sizeof(byte))[0] = value;

    public void U16(ushort type, ushort value) => MemoryMarshal.Write(Attribute(type, sizeof(ushort)), value);

    public void BigEndianU16(ushort type, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Attribute(type, sizeof(ushort)), value);

    public void U32(ushort type, uint value) => MemoryMarshal.Write(Attribute(type, sizeof(uint)), value);

    public void BigEndianU32(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Attribute(type, sizeof(uint)), value);

    /// <summary>UTF-8 with a terminating NUL.</summary>
    public void Text(ushort type, string value)
    {
        var payload = Attribute(type, Encoding.UTF8.GetByteCount(value) + 1);
        Encoding.UTF8.GetBytes(value, payload);
    }

    /// <summary>Room for the payload of an attribute, zero-filled.</summary>
    public Span<byte> Attribute(ushort type, int payloadLength)
    {
        var length = AttributeReader.HeaderLength + payloadLength;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ushort.MaxValue);
        var attribute = Reserve(length);
        MemoryMarshal.Write(attribute, (ushort)length);
        MemoryMarshal.Write(attribute[2..], type);
        return attribute[AttributeReader.HeaderLength..];
    }
}
