using Lvsctl.Core.Reconcile;

namespace Lvsctl.Director.Status;

/// <summary>
/// The kernel's table beside what the manifest, the operators and the probes want of it: what <c>lvsctl status</c> shows people and programs,
/// and what the daemon answers. The document of <c>lvsctl -L --json</c> with more fields. Every field is always there, null where it means
/// nothing. Fields are added to this form, never renamed or removed.
/// </summary>
/// <param name="Version">Of the kernel's IPVS.</param>
/// <param name="Services">The manifest's in its order, then those that left it, then those of somebody else; without a manifest all, by address.</param>
/// <param name="OrphanedIntents">About servers that the manifest does not name; null without a manifest.</param>
/// <param name="Daemon">Null: none is at work, or it was not asked.</param>
public sealed record StatusDocument(
    string Version,
    uint ConnectionTableSize,
    IReadOnlyList<StatusService> Services,
    IReadOnlyList<StatusIntent>? OrphanedIntents,
    StatusDaemon? Daemon)
{
    public bool HasManifest => OrphanedIntents is not null;
}

/// <summary>Where a service stands in the manifest's eyes.</summary>
public static class StatusOrigin
{
    public const string Manifest = "manifest";

    /// <summary>lvsctl made it, and the manifest no longer names it.</summary>
    public const string Left = "left";

    /// <summary>Somebody else's, left alone.</summary>
    public const string Foreign = "foreign";

    /// <summary>There is no manifest to ask.</summary>
    public const string Unknown = "unknown";
}

/// <param name="Name">The manifest's; null when it is not in there.</param>
/// <param name="InKernel">Where false, the settings are those that are wanted.</param>
/// <param name="Because">What is worth a look.</param>
public sealed record StatusService(string? Name, bool InKernel, string? Because)
{
    public required string Family { get; init; }

    public uint? FirewallMark { get; init; }

    public string? Protocol { get; init; }

    public string? Address { get; init; }

    public ushort? Port { get; init; }

    public required string Scheduler { get; init; }

    public required IReadOnlyList<string> SchedulerFlags { get; init; }

    public bool OnePacket { get; init; }

    public bool Persistent { get; init; }

    /// <summary>Seconds.</summary>
    public uint? PersistenceTimeout { get; init; }

    public string? Netmask { get; init; }

    public uint? PrefixLength { get; init; }

    public string? PersistenceEngine { get; init; }

    public StatusCounters? Statistics { get; init; }

    public StatusRates? Rates { get; init; }

    public required IReadOnlyList<StatusServer> Servers { get; init; }

    /// <summary>As <see cref="Core.Model.ServiceKey.ToString"/> writes it.</summary>
    public required string Key { get; init; }

    /// <summary>One of <see cref="StatusOrigin"/>.</summary>
    public required string Origin { get; init; }

    /// <summary>Servers that are well and that nobody wants out; null where nobody probes.</summary>
    public int? Healthy { get; init; }

    public bool? HasQuorum { get; init; }

    public bool? FallbackStandsIn { get; init; }

    /// <summary>Sick servers that min-healthy keeps in.</summary>
    public int? KeptIn { get; init; }
}

/// <param name="Name">The manifest's; null when it is not in there.</param>
/// <param name="WantedWeight">Null when it is wanted out of the table, or nothing is known of what is wanted.</param>
/// <param name="LeavingSince">Of a server that left the manifest and waits for its connections.</param>
public sealed record StatusServer(string? Name, bool InKernel, int? WantedWeight, string? Because, string? LeavingSince, StatusIntent? Intent)
{
    public required string Family { get; init; }

    public required string Address { get; init; }

    public ushort Port { get; init; }

    public required string Forward { get; init; }

    /// <summary>The kernel's.</summary>
    public int? Weight { get; init; }

    public uint UpperThreshold { get; init; }

    public uint LowerThreshold { get; init; }

    public StatusTunnel? Tunnel { get; init; }

    public uint? ActiveConnections { get; init; }

    public uint? InactiveConnections { get; init; }

    public uint? PersistentConnections { get; init; }

    public StatusCounters? Statistics { get; init; }

    public StatusRates? Rates { get; init; }

    /// <summary><c>up</c>, <c>down</c> or <c>unknown</c>; null where no check looks at it.</summary>
    public string? Health { get; init; }

    public string? HealthSince { get; init; }

    /// <summary>The check that decides: the one that fails, else the first.</summary>
    public string? Check { get; init; }

    /// <summary>What that check last found, in words.</summary>
    public string? Evidence { get; init; }

    /// <summary><c>10.1.0.1:80</c> or <c>[2001:db8::1]:80</c>.</summary>
    public string Key() => Address.Contains(':') ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}

public sealed record StatusTunnel(string Type, ushort? Port, string Checksum);

public sealed record StatusCounters(ulong Connections, ulong InPackets, ulong OutPackets, ulong InBytes, ulong OutBytes);

public sealed record StatusRates(ulong ConnectionsPerSecond, ulong InPacketsPerSecond, ulong OutPacketsPerSecond, ulong InBytesPerSecond, ulong OutBytesPerSecond);

/// <param name="Then">Of a drain.</param>
/// <param name="Weight">Of a weight.</param>
public sealed record StatusIntent(string Kind, string Server, string? Service, string Since, string? Deadline, string? Then, int? Weight)
{
    public static StatusIntent Of(Intent intent) => new(
        intent.Kind.ToString().ToLowerInvariant(), intent.Server, intent.Service,
        Core.Model.TimeText.Of(intent.Since), intent.Deadline is { } deadline ? Core.Model.TimeText.Of(deadline) : null,
        intent.Kind == IntentKind.Drain ? intent.Then.ToString().ToLowerInvariant() : null,
        intent.Kind == IntentKind.Weight ? intent.Weight : null);
}

/// <param name="ManifestAge">Seconds since the manifest in force was read.</param>
/// <param name="RefusedReload">Why a newer manifest is not in force.</param>
/// <param name="Waits">What people have to confirm first.</param>
/// <param name="Trouble">Why the kernel's table cannot be seen to.</param>
public sealed record StatusDaemon(int Pid, string Started, IReadOnlyList<string> Manifest, long ManifestAge, string? RefusedReload, string? Waits, string? Trouble);
