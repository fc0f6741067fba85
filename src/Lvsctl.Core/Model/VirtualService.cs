namespace Lvsctl.Core.Model;

/// <summary>A virtual service as it is asked of the kernel.</summary>
public sealed record VirtualService(ServiceKey Key)
{
    public const string DefaultScheduler = "wlc";

    /// <summary>Seconds; ipvsadm's default for a persistent service, which is also the kernel's template time-out.</summary>
    public const uint DefaultPersistenceTimeout = 360;

    /// <summary>Name of the kernel's scheduler, at most 15 bytes. The kernel loads <c>ip_vs_NAME</c> for it.</summary>
    public string Scheduler { get; init; } = DefaultScheduler;

    public ServiceFlags Flags { get; init; }

    /// <summary>Seconds a client stays with its server; 0 unless <see cref="ServiceFlags.Persistent"/>.</summary>
    public uint PersistenceTimeout { get; init; }

    /// <summary>
    /// Which clients count as one. IPv4: the mask, 255.255.255.255 being 0xFFFFFFFF; any bit pattern is legal. IPv6: prefix length 1..128.
    /// </summary>
    public uint Netmask { get; init; } = WholeAddress(Key.Family);

    /// <summary>Name of the persistence engine, at most 16 bytes (only <c>sip</c> exists), or null.</summary>
    public string? PersistenceEngine { get; init; }

    public bool IsPersistent => (Flags & ServiceFlags.Persistent) != 0;

    /// <summary>The netmask that keeps every client apart.</summary>
    public static uint WholeAddress(IpFamily family) => family == IpFamily.IPv6 ? 128 : uint.MaxValue;
}
