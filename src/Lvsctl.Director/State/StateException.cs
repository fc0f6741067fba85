namespace Lvsctl.Director.State;

public enum StateProblem
{
    /// <summary>The file cannot be read, written or understood.</summary>
    File,

    NotPermitted,

    /// <summary>Another run holds the lock.</summary>
    Locked,
}

/// <summary>What lvsctl keeps on disk is not to be had; the message names the file and says what to do.</summary>
public sealed class StateException(StateProblem problem, string message, Exception? cause = null) : Exception(message, cause)
{
    public StateProblem Problem { get; } = problem;
}
