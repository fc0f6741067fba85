namespace Lvsctl.Core.Model;

/// <summary>What programs read for the values of the kernel's table; the words of <c>lvsctl -L --json</c> and of the control API.</summary>
public static class TableWords
{
    public static string Of(IpFamily family) => family == IpFamily.IPv6 ? "ipv6" : "ipv4";

    public static string Of(ForwardingMethod forward) => forward switch
    {
        ForwardingMethod.Nat => "nat",
        ForwardingMethod.Local => "local",
        ForwardingMethod.Tunnel => "tunnel",
        ForwardingMethod.DirectRouting => "direct_routing",
        _ => "bypass",
    };

    public static string Of(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => "tcp",
        TransportProtocol.Udp => "udp",
        TransportProtocol.Sctp => "sctp",
        _ => $"{(ushort)protocol}",
    };

    public static string Of(TunnelType type) => type switch
    {
        TunnelType.Ipip => "ipip",
        TunnelType.Gue => "gue",
        TunnelType.Gre => "gre",
        _ => "unknown",
    };

    public static string Of(TunnelChecksum checksum) => checksum switch
    {
        TunnelChecksum.RemoteChecksum => "remote",
        TunnelChecksum.Checksum => "full",
        _ => "none",
    };

    /// <summary>Those of the scheduler, with its own names for them where it has some.</summary>
    public static IEnumerable<string> SchedulerFlags(VirtualService service)
    {
        if ((service.Flags & ServiceFlags.Scheduler1) != 0) yield return Flag(service.Scheduler, "fallback", "flag-1");
        if ((service.Flags & ServiceFlags.Scheduler2) != 0) yield return Flag(service.Scheduler, "port", "flag-2");
        if ((service.Flags & ServiceFlags.Scheduler3) != 0) yield return "flag-3";
    }

    /// <summary><c>255.255.255.0</c>.</summary>
    public static string DottedMask(uint mask) => $"{mask >> 24}.{mask >> 16 & 0xff}.{mask >> 8 & 0xff}.{mask & 0xff}";

    static string Flag(string scheduler, string own, string common) => scheduler is "sh" or "mh" ? $"{scheduler}-{own}" : common;
}
