using System.Runtime.InteropServices;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Ipvs.IpvsConstants;

namespace Lvsctl.Linux.Ipvs;

/// <summary>IPVS_CMD_ATTR_SERVICE, both ways.</summary>
static class ServiceCodec
{
    public static void WriteKey(MessageWriter writer, ServiceKey key)
    {
        var nest = writer.BeginNested(IPVS_CMD_ATTR_SERVICE);
        WriteIdentity(writer, key);
        writer.EndNested(nest);
    }

    public static void Write(MessageWriter writer, VirtualService service, ServiceFlags flagsMask)
    {
        var nest = writer.BeginNested(IPVS_CMD_ATTR_SERVICE);
        WriteIdentity(writer, service.Key);
        writer.Text(IPVS_SVC_ATTR_SCHED_NAME, service.Scheduler);
        if (service.PersistenceEngine is { } engine) writer.Text(IPVS_SVC_ATTR_PE_NAME, engine);

        // struct ip_vs_flags: new = (old & ~mask) | (flags & mask).
        var flags = writer.Attribute(IPVS_SVC_ATTR_FLAGS, 2 * sizeof(uint));
        MemoryMarshal.Write(flags, (uint)service.Flags);
        MemoryMarshal.Write(flags[sizeof(uint)..], (uint)flagsMask);

        writer.U32(IPVS_SVC_ATTR_TIMEOUT, service.PersistenceTimeout);
        // A mask in network order for IPv4, a plain number for IPv6.
        if (service.Key.Family == IpFamily.IPv4) writer.BigEndianU32(IPVS_SVC_ATTR_NETMASK, service.Netmask);
        else writer.U32(IPVS_SVC_ATTR_NETMASK, service.Netmask);
        writer.EndNested(nest);
    }

    // Never a mark of 0: the kernel would take it for "no mark" and make a service 0.0.0.0:0. ServiceKey cannot hold one.
    static void WriteIdentity(MessageWriter writer, ServiceKey key)
    {
        writer.U16(IPVS_SVC_ATTR_AF, (ushort)key.Family);
        if (key.IsFirewallMark)
        {
            writer.U32(IPVS_SVC_ATTR_FWMARK, key.FirewallMark);
            return;
        }

        writer.U16(IPVS_SVC_ATTR_PROTOCOL, (ushort)key.Protocol);
        AddressCodec.Write(writer, IPVS_SVC_ATTR_ADDR, key.Address);
        writer.BigEndianU16(IPVS_SVC_ATTR_PORT, key.Port);
    }

    /// <summary>The service in a message's top-level attributes, or null when there is none.</summary>
    /// <exception cref="NetlinkException">EBADMSG</exception>
    public static ObservedService? Read(AttributeReader top)
    {
        ObservedService? service = null;
        while (top.Next())
        {
            if (top.Type == IPVS_CMD_ATTR_SERVICE) service = ReadService(top.Nested());
        }
        top.EnsureWellFormed();
        return service;
    }

    static ObservedService ReadService(AttributeReader attributes)
    {
        IpFamily family = 0;
        TransportProtocol protocol = 0;
        ReadOnlySpan<byte> address = default, netmask = default;
        ushort port = 0;
        uint mark = 0, timeout = 0;
        ServiceFlags flags = 0;
        string? scheduler = null, engine = null;
        TrafficStatistics statistics = default;
        var has64 = false;

        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IPVS_SVC_ATTR_AF: family = (IpFamily)attributes.U16; break;
                case IPVS_SVC_ATTR_PROTOCOL: protocol = (TransportProtocol)attributes.U16; break;
                case IPVS_SVC_ATTR_ADDR: address = attributes.Payload; break;
                case IPVS_SVC_ATTR_PORT: port = attributes.BigEndianU16; break;
                case IPVS_SVC_ATTR_FWMARK: mark = attributes.U32; break;
                case IPVS_SVC_ATTR_SCHED_NAME: scheduler = SchedulerName(attributes); break;
                case IPVS_SVC_ATTR_PE_NAME: engine = attributes.Text; break;
                case IPVS_SVC_ATTR_TIMEOUT: timeout = attributes.U32; break;
                case IPVS_SVC_ATTR_NETMASK when attributes.AtLeast(sizeof(uint)): netmask = attributes.Payload; break;
                case IPVS_SVC_ATTR_FLAGS when attributes.AtLeast(sizeof(uint)):
                    flags = (ServiceFlags)MemoryMarshal.Read<uint>(attributes.Payload);
                    break;
                case IPVS_SVC_ATTR_STATS64: (statistics, has64) = (StatisticsCodec.Read(attributes.Nested()), true); break;
                // Kernels before 4.1 have only the 32-bit form.
                case IPVS_SVC_ATTR_STATS when !has64: statistics = StatisticsCodec.Read(attributes.Nested()); break;
            }
        }
        attributes.EnsureWellFormed();
        if (family is not (IpFamily.IPv4 or IpFamily.IPv6) || scheduler is null) throw NetlinkException.Malformed();

        var key = mark != 0 ? ServiceKey.Marked(mark, family) : ServiceKey.At(protocol, AddressCodec.Read(address, family), port);
        var service = new VirtualService(key)
        {
            Scheduler = scheduler,
            Flags = flags & ~ServiceFlags.Hashed,
            PersistenceTimeout = timeout,
            Netmask = ReadNetmask(netmask, family),
            PersistenceEngine = engine,
        };
        return new ObservedService(service, statistics);
    }

    static uint ReadNetmask(ReadOnlySpan<byte> netmask, IpFamily family)
    {
        if (netmask.IsEmpty) return VirtualService.WholeAddress(family);
        return family == IpFamily.IPv4
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(netmask)
            : MemoryMarshal.Read<uint>(netmask);
    }

    // A table of ten thousand services names a handful of schedulers.
    static string SchedulerName(AttributeReader attribute)
    {
        foreach (var name in s_schedulers)
        {
            if (attribute.Payload.Length == name.Length + 1 && System.Text.Ascii.Equals(attribute.Payload[..^1], name)) return name;
        }
        return attribute.Text;
    }

    static readonly string[] s_schedulers = ["wlc", "rr", "wrr", "lc", "sh", "mh", "dh", "sed", "nq", "fo", "ovf", "lblc", "lblcr", "twos", "none"];
}
