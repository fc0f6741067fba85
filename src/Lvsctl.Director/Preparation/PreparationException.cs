namespace Lvsctl.Director.Preparation;

public enum PreparationProblem
{
    /// <summary>The host is in a state that a preparation must not be built upon.</summary>
    Refused,

    /// <summary>Another run is at it.</summary>
    Locked,

    /// <summary>The record cannot be read or makes no sense.</summary>
    Record,

    /// <summary>The record cannot be written.</summary>
    NotPermitted,
}

public sealed class PreparationException(PreparationProblem problem, string message, Exception? cause = null) : Exception(message, cause)
{
    public PreparationProblem Problem { get; } = problem;
}
