using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>One director in a simulation: its process, its clock, and the addresses in its kernel, which outlive the process.</summary>
sealed class SimulatedHost(int index, ElectionSettings[] settings, double rate, TimeSpan origin)
{
    public int Index => index;

    public ElectionSettings[] Settings => settings;

    /// <summary>Null: the process, or the whole machine, is dead.</summary>
    public VirtualRouters? Routers { get; set; }

    public bool[] Holds { get; } = new bool[settings.Length];

    /// <summary>By the transitions it told.</summary>
    public VrrpState[] State { get; } = new VrrpState[settings.Length];

    /// <summary>By its own clock.</summary>
    public TimeSpan[] Spoke { get; } = new TimeSpan[settings.Length];

    public byte Priority { get; set; } = settings[0].Priority;

    public RouterFault Fault { get; set; }

    /// <summary>The fault has been told to all its routers.</summary>
    public bool KnowsFault { get; set; }

    public bool IsPaused { get; set; }

    /// <summary>What waits in the socket while it is paused.</summary>
    public Queue<(int Router, ElectionInput Advert)> Socket { get; } = new();

    /// <summary>Of the wake-up that counts; earlier ones are out of date.</summary>
    public int WakeUp { get; set; }

    /// <summary>Stepped ahead, on top of running fast or slow.</summary>
    public TimeSpan Ahead { get; set; }

    public TimeSpan Clock(TimeSpan now) => origin + Ahead + now * rate;

    /// <summary>When its clock shows this.</summary>
    public TimeSpan At(TimeSpan clock) => (clock - origin - Ahead) / rate;

    public VrrpState StateOf(int router) => Routers is null ? VrrpState.Initialize : Routers[router].State;

    public bool IsMaster(int router) => StateOf(router) == VrrpState.Master;

    /// <summary>It could be master, and knows it.</summary>
    public bool IsEligible(int router) => Routers is not null && !IsPaused && StateOf(router) is VrrpState.Backup or VrrpState.Master;
}
