namespace Lvsctl.Core.Vrrp;

public enum VrrpState
{
    /// <summary>Not started, waiting for the end of its start delay, or stopped.</summary>
    Initialize,
    Backup,
    Master,

    /// <summary>A master that has said that it leaves, and answers until its successor is heard. To the others it is no master any more.</summary>
    Leaving,
    Fault,
}

/// <summary>Why a router cannot be master.</summary>
public enum RouterFault
{
    None,

    /// <summary>Something tracked fails; it can still speak, and answers until its successor is heard.</summary>
    Tracked,

    /// <summary>Another router of its sync group has a fault.</summary>
    Group,

    /// <summary>Its interface is down or has no address: nobody hears it, so that waiting for a successor is of no use.</summary>
    Link,
}

public enum TransitionReason
{
    Started,
    Stopped,

    /// <summary>The router owns the addresses (priority 255).</summary>
    Owner,

    /// <summary>No master was heard since the start.</summary>
    NoMaster,
    MasterSilent,
    MasterLeft,

    /// <summary>The master's priority is lower, and this router preempts.</summary>
    Preempting,

    /// <summary>A higher priority was heard.</summary>
    Outranked,

    /// <summary>The same priority from a higher address was heard.</summary>
    TieLost,

    /// <summary>The own advert was so late that the others have given this master up.</summary>
    Late,
    FaultBegan,
    FaultEnded,

    /// <summary>An operator wants another router to be master.</summary>
    HandOver,

    /// <summary>Another router of the sync group is no master any more, or cannot be.</summary>
    Group,

    /// <summary>The successor of a leaving master was heard.</summary>
    SuccessorHeard,

    /// <summary>No successor of a leaving master was heard in time.</summary>
    NobodyTookOver,
}
