using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Ipvs.IpvsConstants;

namespace Lvsctl.Linux.Ipvs;

/// <summary>The message that carries out a change.</summary>
static class ChangeCodec
{
    public static byte Command(TableChange change) => change switch
    {
        TableChange.AddService => IPVS_CMD_NEW_SERVICE,
        TableChange.SetService => IPVS_CMD_SET_SERVICE,
        TableChange.RemoveService => IPVS_CMD_DEL_SERVICE,
        TableChange.AddServer => IPVS_CMD_NEW_DEST,
        TableChange.SetServer => IPVS_CMD_SET_DEST,
        TableChange.RemoveServer => IPVS_CMD_DEL_DEST,
        TableChange.Flush => IPVS_CMD_FLUSH,
        TableChange.Zero => IPVS_CMD_ZERO,
        TableChange.SetTimeouts => IPVS_CMD_SET_CONFIG,
        TableChange.StartSyncDaemon => IPVS_CMD_NEW_DAEMON,
        TableChange.StopSyncDaemon => IPVS_CMD_DEL_DAEMON,
        _ => throw new ArgumentException($"no message carries out {change}", nameof(change)),
    };

    public static void WriteAttributes(MessageWriter writer, TableChange change)
    {
        switch (change)
        {
            case TableChange.AddService add:
                ServiceCodec.Write(writer, add.Service, (ServiceFlags)uint.MaxValue);
                break;
            case TableChange.SetService set:
                ServiceCodec.Write(writer, set.Service, set.FlagsMask);
                break;
            case TableChange.RemoveService remove:
                ServiceCodec.WriteKey(writer, remove.Service);
                break;
            case TableChange.AddServer add:
                ServiceCodec.WriteKey(writer, add.Service);
                RealServerCodec.Write(writer, add.Server);
                break;
            case TableChange.SetServer set:
                ServiceCodec.WriteKey(writer, set.Service);
                RealServerCodec.Write(writer, set.Server);
                break;
            case TableChange.RemoveServer remove:
                ServiceCodec.WriteKey(writer, remove.Service);
                RealServerCodec.WriteKey(writer, remove.Server);
                break;
            case TableChange.Zero { Service: { } service }:
                ServiceCodec.WriteKey(writer, service);
                break;
            case TableChange.SetTimeouts { Timeouts: var timeouts }:
                WriteTimeouts(writer, timeouts);
                break;
            case TableChange.StartSyncDaemon start:
                SyncDaemonCodec.Write(writer, start.Daemon);
                break;
            case TableChange.StopSyncDaemon stop:
                SyncDaemonCodec.WriteState(writer, stop.State);
                break;
        }
    }

    static void WriteTimeouts(MessageWriter writer, ConnectionTimeouts timeouts)
    {
        writer.U32(IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts.Tcp);
        writer.U32(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.TcpFin);
        writer.U32(IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts.Udp);
    }

    /// <exception cref="NetlinkException">EBADMSG</exception>
    public static ConnectionTimeouts ReadTimeouts(AttributeReader attributes)
    {
        var timeouts = default(ConnectionTimeouts);
        while (attributes.Next())
        {
            timeouts = attributes.Type switch
            {
                IPVS_CMD_ATTR_TIMEOUT_TCP => timeouts with { Tcp = attributes.U32 },
                IPVS_CMD_ATTR_TIMEOUT_TCP_FIN => timeouts with { TcpFin = attributes.U32 },
                IPVS_CMD_ATTR_TIMEOUT_UDP => timeouts with { Udp = attributes.U32 },
                _ => timeouts,
            };
        }
        attributes.EnsureWellFormed();
        return timeouts;
    }
}
