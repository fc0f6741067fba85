using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Ipvs.IpvsConstants;

namespace Lvsctl.Linux.Ipvs;

/// <summary>
/// IPVS_*_ATTR_STATS and IPVS_*_ATTR_STATS64. Both use the same attribute numbers; the length of each tells which it is, and empty
/// padding attributes lie between (seen on 6.1).
/// </summary>
static class StatisticsCodec
{
    public static TrafficStatistics Read(AttributeReader attributes)
    {
        var s = default(TrafficStatistics);
        while (attributes.Next())
        {
            s = attributes.Type switch
            {
                IPVS_STATS_ATTR_CONNS => s with { Connections = Counter(ref attributes) },
                IPVS_STATS_ATTR_INPKTS => s with { InPackets = Counter(ref attributes) },
                IPVS_STATS_ATTR_OUTPKTS => s with { OutPackets = Counter(ref attributes) },
                IPVS_STATS_ATTR_INBYTES => s with { InBytes = Counter(ref attributes) },
                IPVS_STATS_ATTR_OUTBYTES => s with { OutBytes = Counter(ref attributes) },
                IPVS_STATS_ATTR_CPS => s with { ConnectionsPerSecond = Counter(ref attributes) },
                IPVS_STATS_ATTR_INPPS => s with { InPacketsPerSecond = Counter(ref attributes) },
                IPVS_STATS_ATTR_OUTPPS => s with { OutPacketsPerSecond = Counter(ref attributes) },
                IPVS_STATS_ATTR_INBPS => s with { InBytesPerSecond = Counter(ref attributes) },
                IPVS_STATS_ATTR_OUTBPS => s with { OutBytesPerSecond = Counter(ref attributes) },
                _ => s,
            };
        }
        attributes.EnsureWellFormed();
        return s;
    }

    static ulong Counter(ref AttributeReader attribute) =>
        attribute.Payload.Length == sizeof(uint) ? attribute.U32 : attribute.U64;
}
