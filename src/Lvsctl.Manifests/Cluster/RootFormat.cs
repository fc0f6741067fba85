using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>The top of a manifest: the format is what hangs below this object.</summary>
sealed class RootFormat() : Block<ClusterSpec>("cluster", "the manifest")
{
    static readonly NamedShape<DirectorSpec> DirectorMap = new("director", new DirectorFormat());
    static readonly NamedShape<CheckSpec> CheckMap = new("check", new CheckFormat(), NotReserved);
    static readonly NamedShape<VrrpRouterSpec> RouterMap = new("virtual router", new VrrpFormat());
    static readonly NamedShape<ServiceSpec> ServiceMap = new("service", new ServiceFormat());

    public static readonly Key<string> ClusterName = new("cluster", new TextShape("name", static t => t.Length is > 0 and <= 63 && t.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? null : "names have 1 to 63 letters, digits, dots, dashes and underscores"),
        "Name of the cluster, for logs, metrics and mails.") { DefaultValue = ClusterSpec.DefaultName, Example = "cluster: shop" };
    public static readonly Key<IReadOnlyList<KeyValuePair<Entry, DirectorSpec>>> Directors = new("directors", DirectorMap,
        "The hosts that share the work of directing. Each finds itself by its host name, or by --node.")
        { Example = "directors: { lb-a: { address: 192.168.1.100 } }" };
    public static readonly Key<DefaultMaps> DefaultsSection = new("defaults", new DefaultsFormat(),
        "What counts where a service, server or check says nothing else.")
        { Example = "defaults: { checks: { every: 2s }, services: { forward: nat } }" };
    public static readonly Key<IReadOnlyList<KeyValuePair<Entry, CheckSpec>>> Checks = new("checks", CheckMap,
        "Checks by name: one probe per server and check, however many services share it.")
        { Example = "checks: { port: { tcp: {}, every: 1s, timeout: 500ms } }" };
    public static readonly Key<IReadOnlyList<KeyValuePair<Entry, VrrpRouterSpec>>> Vrrp = new("vrrp", RouterMap,
        "Virtual routers by name: addresses that survive their director.")
        { Example = "vrrp: { edge: { interface: eth0, id: 51, addresses: 192.168.1.200/24 } }" };
    public static readonly Key<IReadOnlyList<KeyValuePair<Entry, ServiceSpec>>> Services = new("services", ServiceMap,
        "What clients connect to, and the servers behind it, by name.")
        { Example = "services: { web: { listen: tcp 192.168.1.200:80, servers: { rs1: 192.168.1.102 } } }" };
    public static readonly Key<IReadOnlyList<Located<NotifySpec>>> Notify = new("notify", new ListShape<NotifySpec>(new NotifyFormat(), longest: 1000),
        "Who is told when something changes.") { Example = "notify: [ { exec: [ /etc/lvsctl/notify ], on: server } ]" };
    public static readonly Key<SettingsSpec> Settings = new("settings", new SettingsFormat(),
        "Kernel settings of the director. What is not named stays as it is.")
        { Example = "settings: { ip-forward: true, expire-nodest-conn: true }" };
    public static readonly Key<SafetySpec> Safety = new("safety", new SafetyFormat(),
        "What one apply may do; --max-unavailable and --max-deletes override it.") { Example = "safety: { max-unavailable: 25% }" };
    public static readonly Key<DaemonSpec> Daemon = new("daemon", new DaemonFormat(), "How 'lvsctl run' and 'lvsctl check' behave.");
    public static readonly Key<ControlSpec> Control = new("control", new ControlFormat(),
        "The socket that commands talk to the daemon through.");
    public static readonly Key<MetricsSpec> Metrics = new("metrics", new MetricsFormat(), "Metrics for Prometheus, and the status page.");
    public static readonly Key<LogSpec> Log = new("log", new LogFormatBlock(), "The daemon's log.");

    public override IReadOnlyList<Key> Keys { get; } = [ClusterName, Directors, DefaultsSection, Checks, Vrrp, Services, Notify, Settings, Safety, Daemon, Control, Metrics, Log];

    /// <summary>After the keys, which it takes up.</summary>
    public static RootFormat Instance { get; } = new();

    /// <summary>Sections whose entries may come from several files.</summary>
    public static IReadOnlyList<Key> Shared { get; } = [Directors, Checks, Vrrp, Services, Notify];

    protected override bool AllowsExtensions => true;

    protected override ClusterSpec Read(MapCursor map)
    {
        var context = map.Context;
        context.Defaults = DefaultsFormat.Raw(map.Find(DefaultsSection));
        var cluster = new ClusterSpec
        {
            Name = map.Get(ClusterName)!,
            Settings = map.Get(Settings) ?? new(),
            Safety = map.Get(Safety) ?? new(),
            Daemon = map.Get(Daemon) ?? new(),
            Control = map.Get(Control) ?? new(),
            Metrics = map.Get(Metrics) ?? new(),
            Log = map.Get(Log) ?? new(),
            Directors = ReadNamed(map, Directors, DirectorMap).Select(d => d.Value).ToValueList(),
        };
        context.Directors = cluster.Directors;

        if (map.Find(Checks) is { } checks && CheckMap.TryEntries(checks, context, out var pages))
        {
            foreach (var page in pages)
            {
                CheckMap.HasName(page, context);
                context.Checks.Add(page);
            }
        }
        map.TryGet(DefaultsSection, out _);
        var routers = ReadNamed(map, Vrrp, RouterMap);
        VrrpRules.CheckAll(routers, context);
        if (routers.Count > 0) context.Services.Carried = [.. routers.SelectMany(r => r.Value.Addresses.AsEnumerable().Concat(r.Value.Excluded)).Select(a => a.Address)];
        if (routers.FirstOrDefault(r => r.Value.SyncConnections is not null) is { Value: not null } syncing) context.Services.SyncConnections = syncing.Entry.Place;

        var services = ReadNamed(map, Services, ServiceMap).Select(s => s.Value).ToValueList();
        var notify = map.Get(Notify).Values();
        var all = context.Checks.ReadAll(context).ToValueList();
        // A reference that could not be read is no sign that nobody uses its check.
        if (!context.Report.HasErrors && services.Count > 0) context.Checks.ReportUnused(context);
        return cluster with { Checks = all, VrrpRouters = routers.Select(r => r.Value).ToValueList(), Services = services, Notify = notify };
    }

    static List<(T Value, Entry Entry)> ReadNamed<T>(MapCursor map, Key key, NamedShape<T> shape)
    {
        var values = new List<(T, Entry)>();
        if (map.Find(key) is not { } node || !shape.TryEntries(node, map.Context, out var entries)) return values;
        var tidying = Tidying.Start();
        foreach (var entry in entries)
        {
            if (map.Context.Report.IsFull) break;
            tidying.Tidy();
            map.Context.Surrounding = entry.Key;
            // What has a bad name may have other mistakes too.
            var hasName = shape.HasName(entry, map.Context);
            if (shape.Item.TryRead(entry.Value, map.Context, out var value) && hasName) values.Add((value, entry));
        }
        return values;
    }

    static string? NotReserved(string name) =>
        name == CheckRef.None ? "it means that there is no check"
        : NamedShape<int>.IsName(name) ? null
        : "names have 1 to 63 letters, digits, dots, dashes and underscores, and start with a letter or digit";
}

/// <summary>
/// The defaults stay text until they are used: what stands in a service counts before what stands here, key by key. Reading them here
/// finds mistakes in those that nobody uses.
/// </summary>
sealed class DefaultsFormat() : Block<DefaultMaps>("defaults", "defaults")
{
    public static readonly Key<MapNode> Services = new("services", new DefaultMap("service-defaults", "defaults for services", ServicePolicy.All),
        "For services.");
    public static readonly Key<MapNode> Servers = new("servers", new DefaultMap("server-defaults", "defaults for servers", ServerPolicy.All),
        "For servers.");
    public static readonly Key<MapNode> Checks = new("checks", new DefaultMap("check-defaults", "defaults for checks", CheckPolicy.All),
        "For checks.");

    public override IReadOnlyList<Key> Keys { get; } = [Services, Servers, Checks];

    /// <summary>Whatever is there, before anything is read: checks, which the defaults may name, are read with defaults themselves.</summary>
    public static DefaultMaps Raw(Node? defaults)
    {
        return new(Find(Services), Find(Servers), Find(Checks));

        MapNode? Find(Key key) => defaults is MapNode map && map.IndexOf(key.Name) is >= 0 and var at ? map.Entries[at].Value as MapNode : null;
    }

    protected override DefaultMaps Read(MapCursor map) => new(map.Get(Services), map.Get(Servers), map.Get(Checks));

    sealed class DefaultMap(string definition, string title, IReadOnlyList<Key> keys) : Block<MapNode>(definition, title)
    {
        public override IReadOnlyList<Key> Keys => keys;

        protected override MapNode Read(MapCursor map)
        {
            foreach (var key in keys) key.Try(map);
            return map.Map;
        }
    }
}
