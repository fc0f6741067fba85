namespace Lvsctl.Cli.Ipvsadm.Parsing;

/// <summary>
/// What an option is about: the three forwarding methods are one, and so are the four kinds of service. In the order in which a wrong
/// combination is looked for, so that the first message is ipvsadm's.
/// </summary>
enum Option
{
    Numeric,
    Connection,
    Service,
    Scheduler,
    Persistent,
    Netmask,
    Server,
    Forward,
    Weight,
    UpperThreshold,
    LowerThreshold,
    MulticastInterface,
    Timeout,
    Daemon,
    Statistics,
    Rate,
    Thresholds,
    PersistentConnections,
    NoSort,
    SyncId,
    Exact,
    OnePacket,
    PersistenceEngine,
    SchedulerFlags,
    MulticastGroup,
    MulticastPort,
    MulticastTtl,
    SyncMaxLength,
    TunnelInfo,
    TunnelType,
    TunnelPort,
    TunnelNoChecksum,
    TunnelChecksum,
    TunnelRemoteChecksum,

    // Ours.
    Json,
    Full,
}

static class Options
{
    public const int Count = (int)Option.Full + 1;

    /// <summary>As error messages call it.</summary>
    public static string Name(this Option option) => option switch
    {
        Option.Numeric => "numeric",
        Option.Connection => "connection",
        Option.Service => "service-address",
        Option.Scheduler => "scheduler",
        Option.Persistent => "persistent",
        Option.Netmask => "netmask",
        Option.Server => "real-server",
        Option.Forward => "forwarding-method",
        Option.Weight => "weight",
        Option.UpperThreshold => "u-threshold",
        Option.LowerThreshold => "l-threshold",
        Option.MulticastInterface => "mcast-interface",
        Option.Timeout => "timeout",
        Option.Daemon => "daemon",
        Option.Statistics => "stats",
        Option.Rate => "rate",
        Option.Thresholds => "thresholds",
        Option.PersistentConnections => "persistent-conn",
        Option.NoSort => "nosort",
        Option.SyncId => "syncid",
        Option.Exact => "exact",
        Option.OnePacket => "ops",
        Option.PersistenceEngine => "pe",
        Option.SchedulerFlags => "sched-flags",
        Option.MulticastGroup => "mcast-group",
        Option.MulticastPort => "mcast-port",
        Option.MulticastTtl => "mcast-ttl",
        Option.SyncMaxLength => "sync-maxlen",
        Option.TunnelInfo => "tun-info",
        Option.TunnelType => "tun-type",
        Option.TunnelPort => "tun-port",
        Option.TunnelNoChecksum => "tun-nocsum",
        Option.TunnelChecksum => "tun-csum",
        Option.TunnelRemoteChecksum => "tun-remcsum",
        Option.Json => "json",
        Option.Full => "full",
        _ => throw new ArgumentOutOfRangeException(nameof(option)),
    };
}
