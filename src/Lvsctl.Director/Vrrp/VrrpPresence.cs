namespace Lvsctl.Director.Vrrp;

/// <summary>Whether <c>lvsctl vrrp</c> is at work on this host.</summary>
/// <param name="Process">0 where it is not known.</param>
public readonly record struct VrrpPresence(VrrpStanding Standing, int Process = 0)
{
    public bool IsThere => Standing is VrrpStanding.Kept or VrrpStanding.Own;
}

public enum VrrpStanding
{
    /// <summary>There has never been one, or it ended without being told to.</summary>
    Absent,

    /// <summary>It was told to stop, and did.</summary>
    Stopped,

    /// <summary>It was told to stop, and is about to have done so: nobody else can begin yet.</summary>
    Ending,

    /// <summary>A director started it, this one or an earlier one.</summary>
    Kept,

    /// <summary>Somebody else started it: a unit of its own, or an operator.</summary>
    Own,
}
