using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Director.State;

/// <summary>What has to survive a restart and cannot be read back from the kernel.</summary>
/// <param name="Leaving">Servers that are no longer in the manifest and wait for their connections, with the time they began to.</param>
public sealed record DirectorState(
    IReadOnlyList<Intent> Intents,
    Ownership Ownership,
    IReadOnlyDictionary<(ServiceKey Service, RealServerKey Server), DateTimeOffset> Leaving)
{
    public static DirectorState Empty { get; } = new([], Ownership.None, new Dictionary<(ServiceKey, RealServerKey), DateTimeOffset>());
}
