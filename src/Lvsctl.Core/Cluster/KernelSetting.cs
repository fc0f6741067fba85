namespace Lvsctl.Core.Cluster;

public enum SettingKind
{
    /// <summary>0 or 1.</summary>
    Flag,
    Number,

    /// <summary>Two numbers.</summary>
    Pair,

    /// <summary>A list of processors, as 0-3,7.</summary>
    CpuList,
}

/// <summary>A sysctl that matters to a director. Linux's own defaults, as seen on 6.1 and 7.2.</summary>
/// <param name="Name">The manifest's key: <c>expire-nodest-conn</c>.</param>
/// <param name="Sysctl">The kernel's name: <c>net.ipv4.vs.expire_nodest_conn</c>.</param>
/// <param name="KernelDefault">Null where it depends on the machine.</param>
/// <param name="Since">The first kernel that has it, where that is newer than 6.1.</param>
public sealed record KernelSetting(string Name, string Sysctl, SettingKind Kind, string? KernelDefault, string Meaning)
{
    public long Minimum { get; init; }

    public long Maximum { get; init; } = int.MaxValue;

    public string? Since { get; init; }

    public static ValueList<KernelSetting> All { get; } =
    [
        new("ip-forward", "net.ipv4.ip_forward", SettingKind.Flag, "0",
            "Forward IPv4 packets. Needed by NAT, and harmless with direct routing and tunnels, which do without."),
        new("ipv6-forward", "net.ipv6.conf.all.forwarding", SettingKind.Flag, "0", "The same for IPv6."),
        Vs("am_droprate", SettingKind.Number, "10", "Rate of dropping packets in mode 3 of drop-packet: one of so many.") with { Minimum = 1 },
        Vs("amemthresh", SettingKind.Number, "1024", "Free memory, in pages, below which the defences drop-entry, drop-packet and secure-tcp act."),
        Vs("backup_only", SettingKind.Flag, "0",
            "A director that is a sync backup forwards nothing by itself. For DR and TUN with connection sync, where both directors see a packet twice."),
        Vs("cache_bypass", SettingKind.Flag, "0", "Forward straight to the original destination when no cache server is left (transparent caches)."),
        Vs("conn_reuse_mode", SettingKind.Number, "1",
            "What a new connection from a reused client port does: 0 goes to the old server even if it is gone, 1 is scheduled anew, 2 only if the server has weight 0.")
            with { Maximum = 3 },
        Vs("conntrack", SettingKind.Flag, "0", "Keep conntrack entries for IPVS connections, for stateful firewalls and masquerading. Costs time and memory."),
        Vs("drop_entry", SettingKind.Number, "0", "Drop connection entries under memory pressure: 0 never, 1 and 2 automatically, 3 always.") with { Maximum = 3 },
        Vs("drop_packet", SettingKind.Number, "0", "Drop packets under memory pressure: 0 never, 1 and 2 automatically, 3 always.") with { Maximum = 3 },
        Vs("expire_nodest_conn", SettingKind.Flag, "0",
            "End a connection at once when its server leaves the table, so that the client can start anew, instead of dropping its packets until it times out."),
        Vs("expire_quiescent_template", SettingKind.Flag, "0", "Forget a client's persistence when its server has weight 0."),
        Vs("ignore_tunneled", SettingKind.Flag, "0", "Leave packets alone that came out of a tunnel."),
        Vs("nat_icmp_send", SettingKind.Flag, "0", "Answer packets of masqueraded servers for which there is no connection by ICMP port unreachable."),
        Vs("pmtu_disc", SettingKind.Flag, "1", "Tell clients by ICMP when a packet does not fit into the tunnel."),
        Vs("run_estimation", SettingKind.Flag, "1", "Compute rates. Without, they stay as they are."),
        Vs("schedule_icmp", SettingKind.Flag, "0", "Start connections for ICMP errors about flows that are not known."),
        Vs("secure_tcp", SettingKind.Number, "0", "Stricter TCP time-outs under memory pressure: 0 never, 1 and 2 automatically, 3 always.") with { Maximum = 3 },
        Vs("sloppy_sctp", SettingKind.Flag, "0", "Start SCTP connections on any packet, for failover without connection sync."),
        Vs("sloppy_tcp", SettingKind.Flag, "0", "Start TCP connections on any packet, for failover without connection sync."),
        Vs("snat_reroute", SettingKind.Flag, "1", "Route packets from masqueraded servers again by the virtual address."),
        Vs("sync_persist_mode", SettingKind.Number, "0", "0 syncs all connections of a persistent service, 1 only its templates.") with { Maximum = 1 },
        Vs("sync_ports", SettingKind.Number, "1", "Threads, and UDP ports from 8848 on, for connection sync.") with { Minimum = 1, Maximum = 64 },
        Vs("sync_qlen_max", SettingKind.Number, null, "Sync messages that may wait."),
        Vs("sync_refresh_period", SettingKind.Number, "0", "Seconds after which an unchanged connection is synced again; 0 follows sync-threshold."),
        Vs("sync_retries", SettingKind.Number, "0", "How often a sync message is repeated, spread over an eighth of the refresh period.") with { Maximum = 3 },
        Vs("sync_sock_size", SettingKind.Number, "0", "Buffer of the sync sockets in bytes; 0 is the system's default."),
        Vs("sync_threshold", SettingKind.Pair, "3 50", "A connection is synced after so many packets, and again once in so many."),
        Vs("sync_version", SettingKind.Flag, "1", "Format of sync messages: 1, or 0 for kernels before 2.6.39."),
        Vs("conn_lfactor", SettingKind.Number, "-4", "How full the connection table may be before it grows, as a power of two.") with { Minimum = -8, Maximum = 8, Since = "7.1" },
        Vs("svc_lfactor", SettingKind.Number, "-3", "How full the service table may be before it grows, as a power of two.") with { Minimum = -8, Maximum = 8, Since = "7.1" },
        Vs("conn_max", SettingKind.Number, "1073741824", "Connections at most.") with { Since = "7.2" },
        Vs("est_cpulist", SettingKind.CpuList, null, "Processors on which rates are computed.") with { Since = "6.2" },
        Vs("est_nice", SettingKind.Number, "0", "Nice value of the threads that compute rates.") with { Minimum = -20, Maximum = 19, Since = "6.2" },
    ];

    static KernelSetting Vs(string name, SettingKind kind, string? kernelDefault, string meaning) =>
        new(name.Replace('_', '-'), "net.ipv4.vs." + name, kind, kernelDefault, meaning);
}
