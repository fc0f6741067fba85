namespace Lvsctl.Core.Vrrp;

public enum ElectionOutputKind
{
    /// <summary>Send an advert with <see cref="ElectionOutput.Priority"/>, to the group or to each peer.</summary>
    SendAdvert,

    /// <summary>All of the router's addresses must be there; those that are, are left alone.</summary>
    AddAddresses,

    /// <summary>None of them may be there.</summary>
    RemoveAddresses,

    /// <summary>Send one gratuitous ARP request or unsolicited neighbour advertisement for address <see cref="ElectionOutput.Index"/>.</summary>
    Announce,

    /// <summary>From, To, Why; Peer and Priority where another router is the reason.</summary>
    Transition,

    /// <summary>Peer spoke as a master while this router was one. Told once for each peer until it is silent.</summary>
    Rival,

    /// <summary>A rival that was told has been silent long enough.</summary>
    RivalGone,

    /// <summary>The kernel's connection sync gets the role of To: Master or Backup.</summary>
    ConnectionSync,

    /// <summary>A timer was served <see cref="ElectionOutput.By"/> too late, and the router acts upon it.</summary>
    Late,
}

public enum RivalVerdict
{
    None,

    /// <summary>This router wins; the other must step down.</summary>
    Yields,

    /// <summary>The other wins by its address.</summary>
    Prevails,

    /// <summary>The other wins by its priority; an orderly preemption looks the same from here.</summary>
    Preempts,
}

/// <summary>What is to be done, to be carried out in order.</summary>
public readonly record struct ElectionOutput(ElectionOutputKind Kind)
{
    public byte Priority { get; init; }

    /// <summary>Advertised addresses count first, then the excluded ones.</summary>
    public int Index { get; init; }

    public VrrpState From { get; init; }

    public VrrpState To { get; init; }

    public TransitionReason Why { get; init; }

    /// <summary>Null: no other router is concerned.</summary>
    public WireAddress? Peer { get; init; }

    public RivalVerdict Verdict { get; init; }

    /// <summary>Both have priority 255: two routers are configured as owner.</summary>
    public bool TwoOwners { get; init; }

    public TimeSpan By { get; init; }

    public override string ToString() => Kind switch
    {
        ElectionOutputKind.SendAdvert => $"advert {Priority}",
        ElectionOutputKind.Announce => $"announce {Index}",
        ElectionOutputKind.Transition => $"{From} -> {To}: {Why} {Peer} {Priority}",
        ElectionOutputKind.Rival => $"rival {Peer} {Priority} {Verdict}",
        ElectionOutputKind.RivalGone => $"rival {Peer} gone",
        ElectionOutputKind.ConnectionSync => $"connection sync {To}",
        ElectionOutputKind.Late => $"late by {By}",
        _ => Kind.ToString(),
    };
}
