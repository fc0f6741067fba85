namespace Lvsctl.Core.Cluster;

/// <summary>
/// The whole cluster as its manifest describes it: complete, checked, and the same on every director. Defaults are filled in and
/// references are resolved; nothing in here knows about text.
/// </summary>
public sealed record ClusterSpec
{
    public const string DefaultName = "lvs";

    public string Name { get; init; } = DefaultName;

    public ValueList<DirectorSpec> Directors { get; init; } = [];

    /// <summary>Those that have a name; a service may hold one of its own that is not in here.</summary>
    public ValueList<CheckSpec> Checks { get; init; } = [];

    public ValueList<VrrpRouterSpec> VrrpRouters { get; init; } = [];

    public ValueList<ServiceSpec> Services { get; init; } = [];

    public ValueList<NotifySpec> Notify { get; init; } = [];

    public SettingsSpec Settings { get; init; } = new();

    public SafetySpec Safety { get; init; } = new();

    public DaemonSpec Daemon { get; init; } = new();

    public ControlSpec Control { get; init; } = new();

    public MetricsSpec Metrics { get; init; } = new();

    public LogSpec Log { get; init; } = new();
}
