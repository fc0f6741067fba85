using System.Net;

namespace Lvsctl.Core.Cluster;

/// <summary>How <c>lvsctl run</c> and <c>lvsctl check</c> behave.</summary>
public sealed record DaemonSpec
{
    public static readonly TimeSpan DefaultReconcileEvery = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan DefaultStateMaxAge = TimeSpan.FromMinutes(10);
    public const string DefaultStateDirectory = "/var/lib/lvsctl";
    public const string DefaultProbeUser = "nobody";
    public const int DefaultMaxProbes = 20_000;
    public const int DefaultJournalSize = 16 * 1024 * 1024;

    /// <summary>How often the kernel's table is compared even if nothing happened.</summary>
    public TimeSpan ReconcileEvery { get; init; } = DefaultReconcileEvery;

    /// <summary>Reload when the manifest changes on disk.</summary>
    public bool WatchManifest { get; init; }

    /// <summary>Remove what is ours from the kernel on stopping.</summary>
    public bool FlushOnExit { get; init; }

    public string StateDirectory { get; init; } = DefaultStateDirectory;

    /// <summary>Older counters and states are not believed.</summary>
    public TimeSpan StateMaxAge { get; init; } = DefaultStateMaxAge;

    /// <summary>Runs exec probes and hooks.</summary>
    public string ProbeUser { get; init; } = DefaultProbeUser;

    /// <summary>Probes under way at once; each holds a descriptor.</summary>
    public int MaxProbes { get; init; } = DefaultMaxProbes;

    /// <summary>Bytes of events that are kept.</summary>
    public int JournalSize { get; init; } = DefaultJournalSize;
}

/// <summary>The control socket.</summary>
public sealed record ControlSpec
{
    public const string DefaultSocket = "/run/lvsctl/control.sock";
    public const int DefaultMode = 0x1B0;   // 0660

    public string Socket { get; init; } = DefaultSocket;

    /// <summary>Permission bits.</summary>
    public int Mode { get; init; } = DefaultMode;

    /// <summary>May do everything, as root may; null: root alone.</summary>
    public string? Group { get; init; }

    /// <summary>May look, and change nothing.</summary>
    public string? ReadOnlyGroup { get; init; }
}

public sealed record MetricsSpec
{
    /// <summary>Null: off.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Serve the status page at the same place.</summary>
    public bool Page { get; init; } = true;

    /// <summary>Written by <c>lvsctl check</c> for node_exporter's textfile collector.</summary>
    public string? Textfile { get; init; }
}

public enum LogLevel
{
    /// <summary>State changes.</summary>
    Info,

    /// <summary>Every probe too.</summary>
    Debug,
    Warning,
    Error,
}

public enum LogFormat
{
    Text,
    Json,

    /// <summary>Text with the journal's priority prefixes and without times.</summary>
    Journal,
}

public sealed record LogSpec
{
    public LogLevel Level { get; init; }

    public LogFormat Format { get; init; }

    /// <summary>Null: standard error only.</summary>
    public string? File { get; init; }
}

/// <summary>Limits of one apply; null: none.</summary>
public sealed record SafetySpec
{
    /// <summary>Of the servers of one service.</summary>
    public Share? MaxUnavailable { get; init; }

    /// <summary>Services and servers removed by one apply.</summary>
    public int? MaxDeletes { get; init; }
}
