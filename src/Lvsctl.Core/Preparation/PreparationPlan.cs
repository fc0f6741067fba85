namespace Lvsctl.Core.Preparation;

/// <summary>What is to be done, as data: printing it and carrying it out are two uses of the same list.</summary>
/// <param name="Steps">In order.</param>
/// <param name="Record">What the record holds when the steps are done; a preparation writes it first, an undo last.</param>
/// <param name="Notes">What was left alone, and why.</param>
/// <param name="Refusals">Why nothing may be done at all; then there are no steps.</param>
public sealed record PreparationPlan(
    IReadOnlyList<PreparationStep> Steps,
    PreparationRecord Record,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Refusals);
