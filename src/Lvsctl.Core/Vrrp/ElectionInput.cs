namespace Lvsctl.Core.Vrrp;

public enum ElectionInputKind
{
    Start,
    Advert,
    DeadlineReached,
    Fitness,
    AddressLost,
    HandOver,
    Resume,
    Stop,

    // From the sync group.
    Promote,
    Yield,
}

/// <summary>What happened to a virtual router. The set is closed.</summary>
public readonly record struct ElectionInput
{
    public ElectionInputKind Kind { get; private init; }

    /// <summary>The advert's sender.</summary>
    public WireAddress Source { get; private init; }

    public byte Priority { get; private init; }

    /// <summary>The advert's, or how long a hand-over holds.</summary>
    public TimeSpan Interval { get; private init; }

    public RouterFault Fault { get; private init; }

    /// <summary>Of the address that is lost.</summary>
    public int Index { get; private init; }

    public static ElectionInput Start { get; } = new() { Kind = ElectionInputKind.Start };

    /// <summary>Time has come to <see cref="Election.Deadline"/>, or nearly so.</summary>
    public static ElectionInput DeadlineReached { get; } = new() { Kind = ElectionInputKind.DeadlineReached };

    /// <summary>After a hand-over: a better priority counts again.</summary>
    public static ElectionInput Resume { get; } = new() { Kind = ElectionInputKind.Resume };

    /// <summary>A master leaves; it has stopped when its state is <see cref="VrrpState.Initialize"/>.</summary>
    public static ElectionInput Stop { get; } = new() { Kind = ElectionInputKind.Stop };

    internal static ElectionInput Promote { get; } = new() { Kind = ElectionInputKind.Promote };

    internal static ElectionInput Yield { get; } = new() { Kind = ElectionInputKind.Yield };

    /// <summary>One that <see cref="VrrpReceiver"/> accepted.</summary>
    public static ElectionInput Advert(WireAddress source, byte priority, TimeSpan interval) =>
        new() { Kind = ElectionInputKind.Advert, Source = source, Priority = priority, Interval = interval };

    /// <param name="priority">Effective: see <see cref="EffectivePriority"/>.</param>
    public static ElectionInput Fitness(byte priority, RouterFault fault) =>
        new() { Kind = ElectionInputKind.Fitness, Priority = priority, Fault = fault };

    /// <summary>Somebody else removed an address.</summary>
    /// <param name="index">As in <see cref="ElectionOutput.Index"/>.</param>
    public static ElectionInput AddressLost(int index) => new() { Kind = ElectionInputKind.AddressLost, Index = index };

    /// <summary>An operator wants another router to be master. It has no effect on one that is not.</summary>
    /// <param name="hold">So long it does not preempt afterwards, whatever its priority; it takes over if there is no master.
    /// <see cref="TimeSpan.MaxValue"/>: until <see cref="Resume"/>.</param>
    public static ElectionInput HandOver(TimeSpan hold) => new() { Kind = ElectionInputKind.HandOver, Interval = hold };
}
