using System.Net;

namespace Lvsctl.Core.Cluster;

/// <param name="Name">Unique within its service: <c>rs1</c>, or <c>mx-11</c> for a member of a range.</param>
public sealed record ServerSpec(string Name, IPAddress Address)
{
    public const int DefaultWeight = 1;

    /// <summary>Null: the port the client asked for.</summary>
    public ushort? Port { get; init; }

    /// <summary>0..2147483647.</summary>
    public int Weight { get; init; } = DefaultWeight;

    /// <summary>Connections at which it takes no more; 0 = no limit.</summary>
    public uint UpperThreshold { get; init; }

    /// <summary>Connections below which it takes new ones again; 0 = three quarters of the upper one.</summary>
    public uint LowerThreshold { get; init; }

    public ForwardSpec Forward { get; init; } = ForwardSpec.Default;

    /// <summary>The service's, unless the server has one of its own.</summary>
    public CheckSpec? Check { get; init; }
}
