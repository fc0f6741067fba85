using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>
/// What has to be done to the kernel's table, in the order in which it is done: the very object that <c>plan</c> prints and <c>apply</c>
/// carries out.
/// </summary>
/// <param name="Steps">First what is added, then what is changed, then what is removed, so that no service is ever poorer on the way than at both ends.</param>
/// <param name="Foreign">Entries that are neither named by the manifest nor made by lvsctl. They are left alone.</param>
/// <param name="Draining">Servers that are to go and wait for their connections to end.</param>
/// <param name="Capacity">For each service that is wanted, how many servers it can still lose.</param>
public sealed record Plan(
    IReadOnlyList<PlanStep> Steps,
    IReadOnlyList<ForeignEntry> Foreign,
    IReadOnlyList<DrainingServer> Draining,
    IReadOnlyList<ServiceCapacity> Capacity)
{
    public static Plan Nothing { get; } = new([], [], [], []);

    public bool IsEmpty => Steps.Count == 0;

    /// <summary>Something is removed, or stops getting connections.</summary>
    public bool IsDestructive => Steps.Any(s => s.Action is PlanAction.Remove or PlanAction.Drain || s.TakesOutOfService);
}

public enum PlanAction
{
    Add,
    Change,

    /// <summary>The weight becomes 0 and the server goes once its connections have ended.</summary>
    Drain,
    Remove,
}

/// <param name="Service">The manifest's name, or the kernel's identity of a service that the manifest no longer names.</param>
/// <param name="Server">Likewise; null when the step is about the service itself.</param>
/// <param name="Fields">What differs; for an addition what it is set to, for a removal nothing.</param>
/// <param name="Because">Why, where the manifest alone does not tell.</param>
public sealed record PlanStep(
    PlanAction Action,
    TableChange Change,
    ServiceKey ServiceKey,
    string Service,
    RealServerKey? ServerKey,
    string? Server,
    IReadOnlyList<FieldChange> Fields,
    string? Because)
{
    /// <summary>A server that gets connections now and will not any more.</summary>
    public bool TakesOutOfService { get; init; }

    /// <summary>The server is to go, and from this step on its connections are waited for.</summary>
    public bool BeginsDrain { get; init; }

    /// <summary>A removal that was begun earlier, when the server lost its weight; nobody has to allow it twice.</summary>
    public bool EndsDrain { get; init; }

    /// <summary>Established connections that the step cuts; 0 where it cuts none.</summary>
    public long ConnectionsCut { get; init; }
}

/// <param name="Before">Null for an addition.</param>
public readonly record struct FieldChange(string Field, string? Before, string After);

/// <param name="Server">Null for a whole service.</param>
public sealed record ForeignEntry(ServiceKey Service, RealServerKey? Server);

public sealed record DrainingServer(ServiceKey Service, RealServerKey Server, uint ActiveConnections, uint InactiveConnections, uint PersistentConnections);

/// <param name="Serving">Servers with a weight above 0 once the plan is carried out.</param>
/// <param name="CanLose">How many of them may go before the service falls below its minimum; never negative.</param>
public sealed record ServiceCapacity(string Service, ServiceKey Key, int Serving, int Minimum)
{
    public int CanLose => Math.Max(0, Serving - Minimum);
}
