using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Ipvs.IpvsConstants;

namespace Lvsctl.Linux.Ipvs;

/// <summary>IPVS_CMD_ATTR_DEST, both ways.</summary>
static class RealServerCodec
{
    public static void WriteKey(MessageWriter writer, RealServerKey key)
    {
        var nest = writer.BeginNested(IPVS_CMD_ATTR_DEST);
        WriteIdentity(writer, key);
        writer.EndNested(nest);
    }

    public static void Write(MessageWriter writer, RealServer server)
    {
        var nest = writer.BeginNested(IPVS_CMD_ATTR_DEST);
        WriteIdentity(writer, server.Key);
        writer.U32(IPVS_DEST_ATTR_FWD_METHOD, (uint)server.Forward);
        writer.U32(IPVS_DEST_ATTR_WEIGHT, (uint)server.Weight);
        writer.U32(IPVS_DEST_ATTR_U_THRESH, server.UpperThreshold);
        writer.U32(IPVS_DEST_ATTR_L_THRESH, server.LowerThreshold);
        // The kernel stores tunnel settings with any forwarding method and means them with one; kernels before 5.3 know only IPIP.
        if (server.Forward == ForwardingMethod.Tunnel && server.Tunnel != Tunnel.Ipip)
        {
            writer.U8(IPVS_DEST_ATTR_TUN_TYPE, (byte)server.Tunnel.Type);
            writer.BigEndianU16(IPVS_DEST_ATTR_TUN_PORT, server.Tunnel.Port);
            writer.U16(IPVS_DEST_ATTR_TUN_FLAGS, (ushort)server.Tunnel.Checksum);
        }
        writer.EndNested(nest);
    }

    static void WriteIdentity(MessageWriter writer, RealServerKey key)
    {
        writer.U16(IPVS_DEST_ATTR_ADDR_FAMILY, (ushort)key.Address.Family());
        AddressCodec.Write(writer, IPVS_DEST_ATTR_ADDR, key.Address);
        writer.BigEndianU16(IPVS_DEST_ATTR_PORT, key.Port);
    }

    /// <summary>The real server in a message's top-level attributes, or null when there is none.</summary>
    /// <param name="serviceFamily">The server's family where a kernel before 3.18 does not say.</param>
    /// <exception cref="NetlinkException">EBADMSG</exception>
    public static ObservedServer? Read(AttributeReader top, IpFamily serviceFamily)
    {
        ObservedServer? server = null;
        while (top.Next())
        {
            if (top.Type == IPVS_CMD_ATTR_DEST) server = ReadServer(top.Nested(), serviceFamily);
        }
        top.EnsureWellFormed();
        return server;
    }

    static ObservedServer ReadServer(AttributeReader attributes, IpFamily family)
    {
        ReadOnlySpan<byte> address = default;
        ushort port = 0, tunnelPort = 0;
        uint forward = 0, upper = 0, lower = 0, active = 0, inactive = 0, persistent = 0;
        var weight = 0;
        TunnelType tunnelType = 0;
        TunnelChecksum checksum = 0;
        TrafficStatistics statistics = default;
        var has64 = false;

        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IPVS_DEST_ATTR_ADDR_FAMILY: family = (IpFamily)attributes.U16; break;
                case IPVS_DEST_ATTR_ADDR: address = attributes.Payload; break;
                case IPVS_DEST_ATTR_PORT: port = attributes.BigEndianU16; break;
                case IPVS_DEST_ATTR_FWD_METHOD: forward = attributes.U32; break;
                case IPVS_DEST_ATTR_WEIGHT: weight = attributes.S32; break;
                case IPVS_DEST_ATTR_U_THRESH: upper = attributes.U32; break;
                case IPVS_DEST_ATTR_L_THRESH: lower = attributes.U32; break;
                case IPVS_DEST_ATTR_ACTIVE_CONNS: active = attributes.U32; break;
                case IPVS_DEST_ATTR_INACT_CONNS: inactive = attributes.U32; break;
                case IPVS_DEST_ATTR_PERSIST_CONNS: persistent = attributes.U32; break;
                case IPVS_DEST_ATTR_TUN_TYPE: tunnelType = (TunnelType)attributes.U8; break;
                case IPVS_DEST_ATTR_TUN_PORT: tunnelPort = attributes.BigEndianU16; break;
                case IPVS_DEST_ATTR_TUN_FLAGS: checksum = (TunnelChecksum)attributes.U16; break;
                case IPVS_DEST_ATTR_STATS64: (statistics, has64) = (StatisticsCodec.Read(attributes.Nested()), true); break;
                case IPVS_DEST_ATTR_STATS when !has64: statistics = StatisticsCodec.Read(attributes.Nested()); break;
            }
        }
        attributes.EnsureWellFormed();
        if (family is not (IpFamily.IPv4 or IpFamily.IPv6)) throw NetlinkException.Malformed();

        var server = new RealServer(new RealServerKey(AddressCodec.Read(address, family), port))
        {
            Forward = (ForwardingMethod)(forward & IP_VS_CONN_F_FWD_MASK),
            Weight = weight,
            UpperThreshold = upper,
            LowerThreshold = lower,
            Tunnel = new Tunnel(tunnelType, tunnelPort, checksum),
        };
        return new ObservedServer(server, active, inactive, persistent, statistics);
    }
}
