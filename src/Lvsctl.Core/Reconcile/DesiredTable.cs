using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>What the kernel's table should hold, with the manifest's names. Health and operators' intents are laid over it before it is planned.</summary>
/// <param name="Services">Each <see cref="ServiceKey"/> once, in the manifest's order.</param>
public sealed record DesiredTable(IReadOnlyList<DesiredService> Services)
{
    public static DesiredTable Empty { get; } = new([]);
}

/// <param name="Name">The manifest's name; a service that listens on several addresses stands here several times under one name.</param>
/// <param name="Servers">Each <see cref="RealServerKey"/> once.</param>
public sealed record DesiredService(string Name, VirtualService Service, IReadOnlyList<DesiredServer> Servers)
{
    /// <summary>How many servers must stay in service whatever happens; what the safety gate and the count of those that can be lost go by.</summary>
    public int MinHealthy { get; init; } = 1;
}

/// <param name="Name">The manifest's name, unique within its service: <c>rs1</c>.</param>
/// <param name="Because">Why it is not as the manifest alone would have it: <c>drained by an operator</c>. Null where it is.</param>
public sealed record DesiredServer(string Name, RealServer Server, string? Because = null)
{
    /// <summary>It is wanted out of the table, for the reason in <see cref="Because"/>; the manifest still names it.</summary>
    public bool IsOut { get; init; }

    /// <summary>It is to go once its connections have ended; the manifest still names it.</summary>
    public bool IsDraining { get; init; }
}
