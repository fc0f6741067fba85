namespace Lvsctl.Director.Control;

/// <summary>The director did not do what was asked, or cannot be asked; the message is for people.</summary>
/// <param name="exitCode">As in operators' contract: 1 failed, 2 usage, 5 refused, 7 permission, 8 locked, ...</param>
public sealed class ControlException(string message, int exitCode = 1, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}
