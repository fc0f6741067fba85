using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Ipvs.IpvsConstants;

namespace Lvsctl.Linux.Ipvs;

/// <summary>IPVS_CMD_ATTR_DAEMON, both ways.</summary>
static class SyncDaemonCodec
{
    public static void WriteState(MessageWriter writer, SyncState state)
    {
        var nest = writer.BeginNested(IPVS_CMD_ATTR_DAEMON);
        writer.U32(IPVS_DAEMON_ATTR_STATE, (uint)state);
        writer.EndNested(nest);
    }

    public static void Write(MessageWriter writer, SyncDaemon daemon)
    {
        var nest = writer.BeginNested(IPVS_CMD_ATTR_DAEMON);
        writer.U32(IPVS_DAEMON_ATTR_STATE, (uint)daemon.State);
        writer.Text(IPVS_DAEMON_ATTR_MCAST_IFN, daemon.Interface);
        writer.U32(IPVS_DAEMON_ATTR_SYNC_ID, daemon.SyncId);
        // What is not given is the kernel's to choose; it has known these four since 4.3.
        if (daemon.MaxMessageLength != 0) writer.U16(IPVS_DAEMON_ATTR_SYNC_MAXLEN, daemon.MaxMessageLength);
        if (daemon.Group is { } group)
        {
            if (group.Family() == IpFamily.IPv4) group.TryWriteBytes(writer.Attribute(IPVS_DAEMON_ATTR_MCAST_GROUP, 4), out _);
            else group.TryWriteBytes(writer.Attribute(IPVS_DAEMON_ATTR_MCAST_GROUP6, 16), out _);
        }
        // Host order, unlike every other port of this family.
        if (daemon.Port != 0) writer.U16(IPVS_DAEMON_ATTR_MCAST_PORT, daemon.Port);
        if (daemon.Ttl != 0) writer.U8(IPVS_DAEMON_ATTR_MCAST_TTL, daemon.Ttl);
        writer.EndNested(nest);
    }

    /// <summary>The daemon in a message's top-level attributes, or null when there is none.</summary>
    /// <exception cref="NetlinkException">EBADMSG</exception>
    public static SyncDaemon? Read(AttributeReader top)
    {
        SyncDaemon? daemon = null;
        while (top.Next())
        {
            if (top.Type == IPVS_CMD_ATTR_DAEMON) daemon = ReadDaemon(top.Nested());
        }
        top.EnsureWellFormed();
        return daemon;
    }

    static SyncDaemon ReadDaemon(AttributeReader attributes)
    {
        var daemon = new SyncDaemon(0, "");
        while (attributes.Next())
        {
            daemon = attributes.Type switch
            {
                IPVS_DAEMON_ATTR_STATE => daemon with { State = (SyncState)attributes.U32 },
                IPVS_DAEMON_ATTR_MCAST_IFN => daemon with { Interface = attributes.Text },
                IPVS_DAEMON_ATTR_SYNC_ID => daemon with { SyncId = attributes.U32 },
                IPVS_DAEMON_ATTR_SYNC_MAXLEN => daemon with { MaxMessageLength = attributes.U16 },
                IPVS_DAEMON_ATTR_MCAST_GROUP => daemon with { Group = AddressCodec.Read(attributes.Payload, IpFamily.IPv4) },
                IPVS_DAEMON_ATTR_MCAST_GROUP6 => daemon with { Group = AddressCodec.Read(attributes.Payload, IpFamily.IPv6) },
                IPVS_DAEMON_ATTR_MCAST_PORT => daemon with { Port = attributes.U16 },
                IPVS_DAEMON_ATTR_MCAST_TTL => daemon with { Ttl = attributes.U8 },
                _ => daemon,
            };
        }
        attributes.EnsureWellFormed();
        return daemon;
    }
}
