namespace Lvsctl.Director.Control;

/// <summary>What lvsctl's own verbs return; scripts rely on the numbers. The ipvsadm style keeps ipvsadm's.</summary>
public enum ExitCode
{
    /// <summary>Or nothing to do.</summary>
    Done = 0,
    Failed = 1,
    Usage = 2,
    ManifestInvalid = 3,

    /// <summary>Only with --detailed-exitcode; otherwise <see cref="Done"/>.</summary>
    ChangesPending = 4,
    RefusedByGate = 5,
    AppliedInPart = 6,

    /// <summary>A module is missing, or a right.</summary>
    KernelOrPermission = 7,
    Locked = 8,
    DeadlinePassed = 9,
    RolledBack = 10,
}
