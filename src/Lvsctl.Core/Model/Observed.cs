namespace Lvsctl.Core.Model;

/// <summary>
/// Counters since the service or server was added or zeroed, and rates over the kernel's estimation window of a few seconds.
/// Bytes and rates in bytes are of IP packets, headers included.
/// </summary>
public readonly record struct TrafficStatistics(
    ulong Connections,
    ulong InPackets,
    ulong OutPackets,
    ulong InBytes,
    ulong OutBytes,
    ulong ConnectionsPerSecond,
    ulong InPacketsPerSecond,
    ulong OutPacketsPerSecond,
    ulong InBytesPerSecond,
    ulong OutBytesPerSecond);

/// <summary>A virtual service as the kernel reports it.</summary>
public sealed record ObservedService(VirtualService Service, TrafficStatistics Statistics);

/// <summary>A real server as the kernel reports it.</summary>
/// <param name="ActiveConnections">Established ones; always 0 for UDP.</param>
/// <param name="InactiveConnections">All others, such as those in TIME_WAIT.</param>
/// <param name="PersistentConnections">Persistence templates.</param>
public sealed record ObservedServer(
    RealServer Server,
    uint ActiveConnections,
    uint InactiveConnections,
    uint PersistentConnections,
    TrafficStatistics Statistics);

/// <summary>A virtual service with its real servers, in the order of the kernel's dump.</summary>
public sealed record ObservedPool(ObservedService Service, IReadOnlyList<ObservedServer> Servers);
