using System.Net;

namespace Lvsctl.Core.Cluster;

/// <summary>Something that a virtual router's fitness depends on. The set is closed.</summary>
public abstract record TrackSpec
{
    TrackSpec()
    {
    }

    /// <summary>Added to the priority while it fails (negative) or while it is well (positive), -253..253; 0: failing is a fault.</summary>
    public int Weight { get; init; }

    public sealed record Interface(string Name) : TrackSpec;

    /// <param name="Address">Whom to ask; null where the check itself says, or asks nobody.</param>
    public sealed record Check(CheckSpec Spec, IPAddress? Address, ushort? Port) : TrackSpec;

    /// <summary>Well while the file exists.</summary>
    public sealed record File(string Path) : TrackSpec;

    /// <summary>Well while a process of this name runs.</summary>
    public sealed record Process(string Name) : TrackSpec;

    /// <summary>The director's own health.</summary>
    public sealed record Director(ValueList<DirectorTrouble> Troubles) : TrackSpec;
}

public enum DirectorTrouble
{
    /// <summary>Probes run behind their schedule.</summary>
    LateProbes,
    Memory,
    Cpu,

    /// <summary>No service has its quorum.</summary>
    Quorum,
}
