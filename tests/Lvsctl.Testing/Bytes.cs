using System.Buffers.Binary;

namespace Lvsctl.Testing;

// The fake kernel reads and writes netlink by itself, with none of the product's codecs: a field written in the wrong byte order must
// not be read back in the same wrong order. Little-endian host, as every machine these tests run on.
static class Bytes
{
    public static Dictionary<int, byte[]> Attributes(ReadOnlySpan<byte> bytes)
    {
        var attributes = new Dictionary<int, byte[]>();
        while (bytes.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            if (length < 4 || length > bytes.Length) break;
            attributes[BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) & 0x3fff] = bytes[4..length].ToArray();
            bytes = bytes[Math.Min((length + 3) & ~3, bytes.Length)..];
        }
        return attributes;
    }

    public static byte[] Attribute(int type, params ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[(4 + payload.Length + 3) & ~3];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(4 + payload.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)type);
        payload.CopyTo(bytes.AsSpan(4));
        return bytes;
    }

    public static byte[] U8(int type, byte value) => Attribute(type, value);

    public static byte[] U16(int type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    public static byte[] Be16(int type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return Attribute(type, bytes);
    }

    public static byte[] U32(int type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    public static byte[] U64(int type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    public static byte[] Text(int type, string value) => Attribute(type, System.Text.Encoding.UTF8.GetBytes(value + "\0"));

    public static byte[] Nested(int type, params ReadOnlySpan<byte[]> attributes) => Attribute(type, Join(attributes));

    public static byte[] Join(params ReadOnlySpan<byte[]> parts)
    {
        var all = new List<byte>();
        foreach (var part in parts) all.AddRange(part);
        return [.. all];
    }

    /// <summary>A whole netlink message.</summary>
    public static byte[] Message(ushort type, ushort flags, uint sequence, params ReadOnlySpan<byte[]> payload)
    {
        var body = Join(payload);
        var bytes = new byte[(16 + body.Length + 3) & ~3];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(16 + body.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), sequence);
        body.CopyTo(bytes, 16);
        return bytes;
    }

    public static byte[] I32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static ushort ReadU16(byte[] bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public static ushort ReadBe16(byte[] bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes);

    public static uint ReadU32(byte[] bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
