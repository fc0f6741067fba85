using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Ipvs.IpvsConstants;

namespace Lvsctl.Linux.Ipvs;

/// <param name="Version">Of the kernel's IPVS: 1.2.1 since 2008.</param>
/// <param name="ConnectionTableSize">Buckets. From Linux 7.1 on it changes with the load and is 0 before the first service.</param>
public readonly record struct IpvsInfo(Version Version, uint ConnectionTableSize)
{
    internal static IpvsInfo Read(AttributeReader attributes)
    {
        uint version = 0, size = 0;
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IPVS_INFO_ATTR_VERSION: version = attributes.U32; break;
                case IPVS_INFO_ATTR_CONN_TAB_SIZE: size = attributes.U32; break;
            }
        }
        attributes.EnsureWellFormed();
        // 0x010201 is 1.2.1.
        return new IpvsInfo(new Version((byte)(version >> 16), (byte)(version >> 8), (byte)version), size);
    }
}
