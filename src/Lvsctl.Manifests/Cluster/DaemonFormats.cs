using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests.Cluster;

sealed class DaemonFormat() : Block<DaemonSpec>("daemon", "the daemon's settings")
{
    public static readonly Key<TimeSpan> ReconcileEvery = new("reconcile-every", new DurationShape("1s", "1d"),
        "How often the kernel's table is compared with the wanted one even if nothing happened.")
        { DefaultValue = DaemonSpec.DefaultReconcileEvery };
    public static readonly Key<bool> WatchManifest = new("watch-manifest", Shapes.Flag,
        "Reload when the manifest's files change.") { DefaultValue = false };
    public static readonly Key<bool> FlushOnExit = new("flush-on-exit", Shapes.Flag,
        "Take everything of ours out of the kernel on stopping. Without, clients do not notice a restart.") { DefaultValue = false };
    public static readonly Key<string> StateDirectory = new("state-directory", Texts.Path,
        "Where intents, counters, the journal and undelivered notifications are kept.") { DefaultValue = DaemonSpec.DefaultStateDirectory };
    public static readonly Key<TimeSpan> StateMaxAge = new("state-max-age", Shapes.Span,
        "Older counters and states of servers are not believed.") { DefaultValue = DaemonSpec.DefaultStateMaxAge };
    public static readonly Key<string> ProbeUser = new("probe-user", Texts.User,
        "Whose rights exec probes and hooks have.") { DefaultValue = DaemonSpec.DefaultProbeUser };
    public static readonly Key<int> MaxProbes = new("max-probes", new NumberShape(1, 1_000_000),
        "Probes under way at once. Each holds a file descriptor.") { DefaultValue = DaemonSpec.DefaultMaxProbes };
    public static readonly Key<int> JournalSize = new("journal-size", new SizeShape(64 * 1024, 1024 * 1024 * 1024),
        "How much of the past the journal keeps.") { DefaultValue = DaemonSpec.DefaultJournalSize };

    public override IReadOnlyList<Key> Keys { get; } = [ReconcileEvery, WatchManifest, FlushOnExit, StateDirectory, StateMaxAge, ProbeUser, MaxProbes, JournalSize];

    protected override DaemonSpec Read(MapCursor map) => new()
    {
        ReconcileEvery = map.Get(ReconcileEvery),
        WatchManifest = map.Get(WatchManifest),
        FlushOnExit = map.Get(FlushOnExit),
        StateDirectory = map.Get(StateDirectory)!,
        StateMaxAge = map.Get(StateMaxAge),
        ProbeUser = map.Get(ProbeUser)!,
        MaxProbes = map.Get(MaxProbes),
        JournalSize = map.Get(JournalSize),
    };
}

sealed class ControlFormat() : Block<ControlSpec>("control", "the control socket")
{
    public static readonly Key<string> Socket = new("socket", new TextShape("absolute path, at most 107 bytes", SocketProblem, pattern: "^/"),
        "Where it is.") { DefaultValue = ControlSpec.DefaultSocket };
    public static readonly Key<int> Mode = new("mode", new MappedShape<string, int>(
        new TextShape("octal file mode", static t => t.Length is 3 or 4 && t.All(c => c is >= '0' and <= '7') && t[^1] == '0' ? null : "write 0660; others than owner and group cannot have any right"),
        static t => Convert.ToInt32(t, 8), static m => "0" + Convert.ToString(m, 8)), "Its permissions.") { DefaultValue = ControlSpec.DefaultMode };
    public static readonly Key<string> Group = new("group", Texts.User, "Group that may do everything.") { DefaultNote = "root alone" };
    public static readonly Key<string> ReadOnlyGroup = new("read-only-group", Texts.User,
        "Group that may look and change nothing.") { DefaultNote = "none" };

    public override IReadOnlyList<Key> Keys { get; } = [Socket, Mode, Group, ReadOnlyGroup];

    protected override ControlSpec Read(MapCursor map) => new()
    {
        Socket = map.Get(Socket)!,
        Mode = map.Get(Mode),
        Group = map.Get(Group),
        ReadOnlyGroup = map.Get(ReadOnlyGroup),
    };

    // sun_path has 108 bytes with the NUL.
    static string? SocketProblem(string text) =>
        !text.StartsWith('/') ? "it starts with /" : System.Text.Encoding.UTF8.GetByteCount(text) > 107 ? "it is too long for a socket" : null;
}

sealed class MetricsFormat() : Block<MetricsSpec>("metrics", "metrics")
{
    public static readonly Key<AddressPort> Listen = new("listen", new AddressPortShape(portRequired: true, allowAny: true),
        "Where Prometheus finds them over HTTP.") { DefaultNote = "off", Example = "listen: 127.0.0.1:9115" };
    public static readonly Key<bool> Page = new("page", Shapes.Flag, "Serve the status page at the same place.") { DefaultValue = true };
    public static readonly Key<string> Textfile = new("textfile", Texts.Path,
        "File for node_exporter's textfile collector, written by 'lvsctl check'.")
        { DefaultNote = "none", Example = "textfile: /var/lib/prometheus/node-exporter/lvsctl.prom" };

    public override IReadOnlyList<Key> Keys { get; } = [Listen, Page, Textfile];

    protected override MetricsSpec Read(MapCursor map) => new() { Listen = Shapes.ToEndPoint(map.Optional(Listen)), Page = map.Get(Page), Textfile = map.Get(Textfile) };
}

sealed class LogFormatBlock() : Block<LogSpec>("log", "the log")
{
    public static readonly Key<LogLevel> Level = new("level", new ChoiceShape<LogLevel>(("info", LogLevel.Info), ("debug", LogLevel.Debug), ("warning", LogLevel.Warning), ("error", LogLevel.Error)),
        "info: changes; debug: every probe too.") { DefaultValue = LogLevel.Info };
    public static readonly Key<LogFormat> Format = new("format", new ChoiceShape<LogFormat>(("text", LogFormat.Text), ("json", LogFormat.Json), ("journal", LogFormat.Journal)),
        "text for people, json for machines, journal: text as systemd's journal likes it.") { DefaultValue = LogFormat.Text };
    public static readonly Key<string> File = new("file", Texts.Path, "Write there as well as to standard error.") { DefaultNote = "none" };

    public override IReadOnlyList<Key> Keys { get; } = [Level, Format, File];

    protected override LogSpec Read(MapCursor map) => new() { Level = map.Get(Level), Format = map.Get(Format), File = map.Get(File) };
}

sealed class SafetyFormat() : Block<SafetySpec>("safety", "limits of one apply")
{
    public static readonly Key<Share> MaxUnavailable = new("max-unavailable", new ShareShape(),
        "Refuse an apply that takes more than this from a service.")
        { DefaultNote = "no limit but the last server", Example = "max-unavailable: 25%" };
    public static readonly Key<int> MaxDeletes = new("max-deletes", new NumberShape(0, int.MaxValue),
        "Refuse an apply that removes more services and servers than this.") { DefaultNote = "no limit" };

    public override IReadOnlyList<Key> Keys { get; } = [MaxUnavailable, MaxDeletes];

    protected override SafetySpec Read(MapCursor map) => new() { MaxUnavailable = map.Optional(MaxUnavailable), MaxDeletes = map.Optional(MaxDeletes) };
}

sealed class DirectorFormat() : Block<DirectorSpec>("director", "a director")
{
    public static readonly Key<System.Net.IPAddress> Address = new("address", Shapes.Address,
        "Where the other directors reach it.") { Required = true, Example = "address: 192.168.1.100" };
    public static readonly Key<string> Host = new("host", Texts.HostName,
        "Host name by which it finds itself in the manifest.") { DefaultNote = "its name" };

    public override IReadOnlyList<Key> Keys { get; } = [Address, Host];

    protected override DirectorSpec? Read(MapCursor map) =>
        map.Get(Address) is { } address ? new(map.Context.Surrounding, address) { Host = map.Get(Host) ?? map.Context.Surrounding } : null;
}
