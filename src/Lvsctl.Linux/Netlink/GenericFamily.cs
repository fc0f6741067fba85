using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Netlink;

/// <summary>
/// A family of generic netlink. Its number is given out anew whenever its module is loaded, so it is looked up by name, and again when
/// the old number answers ENOENT. Looking it up makes the kernel load the module.
/// </summary>
static class GenericFamily
{
    /// <summary>struct genlmsghdr.</summary>
    public const int HeaderLength = 4;

    /// <summary>The family's number, or the kernel's refusal (ENOENT: no such family, nor a module that brings it).</summary>
    public static NetlinkAnswer Resolve(NetlinkConnection connection, string name, out ushort id)
    {
        var writer = new MessageWriter();
        var sequence = connection.NextSequence();
        var message = writer.BeginGenericMessage(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, version: 1, NLM_F_ACK, sequence);
        writer.Text(CTRL_ATTR_FAMILY_NAME, name);
        writer.EndMessage(message);

        ushort found = 0;
        var answer = connection.Exchange(writer.Written, sequence, payload =>
        {
            var attributes = Attributes(payload);
            while (attributes.Next())
            {
                if (attributes.Type == CTRL_ATTR_FAMILY_ID) found = attributes.U16;
            }
            attributes.EnsureWellFormed();
        });
        id = found;
        return answer.Ok && found == 0 ? new NetlinkAnswer(Interop.Errno.EBADMSG) : answer;
    }

    /// <summary>The attributes behind the generic-netlink header; none when even that is missing.</summary>
    public static AttributeReader Attributes(ReadOnlySpan<byte> payload) =>
        new(payload.Length >= HeaderLength ? payload[HeaderLength..] : default);
}
