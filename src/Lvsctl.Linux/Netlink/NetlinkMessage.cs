using System.Runtime.InteropServices;
using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Netlink;

/// <summary>
/// One message of a datagram (struct nlmsghdr, linux/netlink.h; all fields in host byte order):
/// <code>
///  0               4       6       8               12              16
/// +---------------+-------+-------+---------------+---------------+--------
/// | length        | type  | flags | sequence      | port id       | payload
/// +---------------+-------+-------+---------------+---------------+--------
/// </code>
/// Whether the sequence is that of a request in flight is left to the caller.
/// </summary>
readonly ref struct NetlinkMessage
{
    public const int HeaderLength = 16;

    NetlinkMessage(ReadOnlySpan<byte> message)
    {
        Type = MemoryMarshal.Read<ushort>(message[4..]);
        Flags = MemoryMarshal.Read<ushort>(message[6..]);
        Sequence = MemoryMarshal.Read<uint>(message[8..]);
        Payload = message[HeaderLength..];
    }

    public ushort Type { get; }

    public ushort Flags { get; }

    public uint Sequence { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Takes the next message off the datagram. False at its end, and where what is left is not a whole message.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> datagram, out NetlinkMessage message)
    {
        message = default;
        if (datagram.Length < HeaderLength) return false;
        var length = MemoryMarshal.Read<uint>(datagram);
        if (length < HeaderLength || length > (uint)datagram.Length) return false;
        message = new NetlinkMessage(datagram[..(int)length]);
        datagram = datagram[Math.Min(Align((int)length), datagram.Length)..];
        return true;
    }

    /// <summary>NLMSG_ALIGN and NLA_ALIGN: up to the next multiple of four.</summary>
    public static int Align(int length) => (length + 3) & ~3;

    /// <summary>
    /// The verdict in an NLMSG_ERROR or NLMSG_DONE: a negative errno or 0, with the text of the extended acknowledgement
    /// (NETLINK_EXT_ACK) where the kernel gave one.
    /// </summary>
    public NetlinkAnswer ReadVerdict()
    {
        if (Payload.Length < sizeof(int)) return new NetlinkAnswer(Type == NLMSG_DONE ? Errno.OK : Errno.EBADMSG);
        // Not negated as an int: int.MinValue has no positive twin, and this came off a wire.
        var errno = (Errno)(int)(0u - MemoryMarshal.Read<uint>(Payload));
        return new NetlinkAnswer(errno, Type == NLMSG_ERROR ? ReadExtendedText() : null);
    }

    string? ReadExtendedText()
    {
        const int ErrorLength = sizeof(int) + HeaderLength;
        if ((Flags & NLM_F_ACK_TLVS) == 0 || Payload.Length < ErrorLength) return null;
        // The request is echoed whole unless NETLINK_CAP_ACK cut it to its header.
        var echoed = (Flags & NLM_F_CAPPED) != 0 ? HeaderLength : (long)Align((int)Math.Min(MemoryMarshal.Read<uint>(Payload[4..]), 1 << 20));
        if (sizeof(int) + echoed > Payload.Length) return null;
        var attributes = new AttributeReader(Payload[(int)(sizeof(int) + echoed)..]);
        while (attributes.Next())
        {
            if (attributes.Type == NLMSGERR_ATTR_MSG) return attributes.Text;
        }
        return null;
    }
}

/// <summary>
/// The kernel's verdict on one request: <see cref="Errno.OK"/> or why not. ETIMEDOUT and ENOBUFS are our own: the answer never came,
/// or was dropped; the request may have been carried out all the same.
/// </summary>
readonly record struct NetlinkAnswer(Errno Errno, string? KernelText = null)
{
    public bool Ok => Errno == Errno.OK;

    /// <summary>Nobody knows what became of the request: read again, never assume.</summary>
    public bool IsLost => Errno is Errno.ETIMEDOUT or Errno.ENOBUFS;
}
