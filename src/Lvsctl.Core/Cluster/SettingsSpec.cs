namespace Lvsctl.Core.Cluster;

/// <summary>What the director's kernel should be set to. Whatever the manifest does not name stays as it is.</summary>
public sealed record SettingsSpec
{
    public ValueList<SettingValue> Sysctls { get; init; } = [];

    /// <summary>Time-outs of IPVS connections; null: as they are.</summary>
    public TimeoutsSpec? Timeouts { get; init; }
}

/// <param name="Value">As it is written to the kernel: <c>1</c>.</param>
public sealed record SettingValue(KernelSetting Setting, string Value);

/// <summary>Whole seconds, up to 31 days; null: as it is.</summary>
public sealed record TimeoutsSpec(TimeSpan? Tcp, TimeSpan? TcpFin, TimeSpan? Udp);
