using Lvsctl.Core.Model;

namespace Lvsctl.Core.Health;

/// <summary>A target turned, or is held because it turned too often.</summary>
/// <param name="Target">Index in <see cref="ProbePlan.Targets"/>.</param>
/// <param name="SinceOk">Since its last success before this outcome; null: there was none.</param>
/// <param name="Servers">Whose health changed with it.</param>
public sealed record HealthChange(int Target, StateChange Change, ProbeOutcome Outcome, TimeSpan? SinceOk, IReadOnlyList<ServerChange> Servers);

public readonly record struct ServerChange(TargetUse Server, HealthState From, HealthState To);

/// <summary>How a service stands after health was laid over it.</summary>
/// <param name="Healthy">Servers that are well and that nobody wants out: neither an operator nor the server itself.</param>
/// <param name="Serving">Servers that get new connections; the fallback is not among them.</param>
/// <param name="KeptIn">Sick servers that the floor keeps in.</param>
public readonly record struct ServiceStatus(string Name, ServiceKey Key, int Healthy, int Serving, int KeptIn, bool HasQuorum, bool FallbackStandsIn)
{
    /// <summary>Somebody answers, and the quorum is there.</summary>
    public bool IsUp => HasQuorum && Healthy > 0;
}

/// <summary>A service gained or lost its quorum, its last server, its fallback, or the help of its floor.</summary>
public readonly record struct ServiceChange(ServiceStatus Before, ServiceStatus After);
