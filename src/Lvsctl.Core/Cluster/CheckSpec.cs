using System.Net;

namespace Lvsctl.Core.Cluster;

/// <summary>A probe and the policy that turns its outcomes into a server's health.</summary>
/// <param name="Name">The manifest's name. A check written inside a service is called after it: <c>mail.check</c>.</param>
public sealed record CheckSpec(string Name, ProbeSpec Probe)
{
    public static readonly TimeSpan DefaultEvery = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);
    public const int DefaultRise = 2;
    public const int DefaultFall = 3;

    /// <summary>From the start of one probe to that of the next.</summary>
    public TimeSpan Every { get; init; } = DefaultEvery;

    /// <summary>The same while successes or failures are being counted; null: no different.</summary>
    public TimeSpan? FastEvery { get; init; }

    /// <summary>For the whole probe: connecting, asking and reading the answer.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Successes in a row that bring a server in.</summary>
    public int Rise { get; init; } = DefaultRise;

    /// <summary>Failures in a row that take it out.</summary>
    public int Fall { get; init; } = DefaultFall;

    public StartState Start { get; init; }

    public FlapSpec? Flap { get; init; }

    /// <summary>Asked instead of the server itself.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Asked instead of the server's port.</summary>
    public ushort? Port { get; init; }

    public ProbeSource? Source { get; init; }

    /// <summary>Probe the virtual address along the real forwarding path instead of the server's own address.</summary>
    public bool ThroughVip { get; init; }

    public AgentWeightSpec? Weight { get; init; }
}

public enum StartState
{
    /// <summary>As it was, if that is known and younger than <see cref="DaemonSpec.StateMaxAge"/>; otherwise unknown, and left as it is.</summary>
    Last,
    Up,
    Down,
}

/// <summary>A server that changes its state as often as this within the time is held down for a while.</summary>
public sealed record FlapSpec(int Changes, TimeSpan Within, TimeSpan Hold);

/// <summary>Where probes are sent from; one of the two is given.</summary>
public sealed record ProbeSource(IPAddress? Address, string? Interface);

public enum WeightSource
{
    /// <summary>A header of the HTTP reply.</summary>
    Header,

    /// <summary>The reply's text.</summary>
    Body,

    /// <summary>The program's exit code.</summary>
    Exit,

    /// <summary>The file's text.</summary>
    Content,
}

/// <summary>The server itself says its weight, or <c>drain</c>.</summary>
/// <param name="Header">Its name, for <see cref="WeightSource.Header"/>.</param>
/// <param name="Step">What one answer may change, in units or as a part of the manifest's weight; null: anything.</param>
public sealed record AgentWeightSpec(WeightSource From, string? Header, Share? Step);
