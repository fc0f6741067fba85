namespace Lvsctl.Core.Preparation;

/// <summary>
/// What was changed, in order, and for whom. It is written before the changes are made, so each is an intention: whether it took place
/// shows on the host. What was found right is not in here, and is not touched by an undo.
/// </summary>
public sealed record PreparationRecord(IReadOnlyList<RecordedChange> Changes)
{
    public static PreparationRecord Empty { get; } = new([]);

    public bool IsEmpty => Changes.Count == 0;

    /// <summary>In the order in which they were prepared.</summary>
    public IReadOnlyList<RealServerRole> Roles => [.. Changes.SelectMany(c => c.Roles).Distinct()];

    /// <summary>Without the change that turned out to be none.</summary>
    public PreparationRecord Without(PreparationStep step) => new([.. Changes.Where(c => c.Step.Subject != step.Subject)]);
}

/// <param name="Step">Its inverse leads back to what was found.</param>
/// <param name="Roles">Those that need it; when the last of them goes, it is taken back.</param>
public sealed record RecordedChange(PreparationStep Step, IReadOnlyList<RealServerRole> Roles);
