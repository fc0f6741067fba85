using System.Net;

namespace Lvsctl.Core.Cluster;

/// <param name="Name">The manifest's name; also the host name, unless <see cref="Host"/> says otherwise.</param>
/// <param name="Address">Where the other directors reach it: its address in unicast VRRP.</param>
public sealed record DirectorSpec(string Name, IPAddress Address)
{
    /// <summary>Host name by which a director finds itself in the manifest.</summary>
    public string Host { get; init; } = Name;
}
