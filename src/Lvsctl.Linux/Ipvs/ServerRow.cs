using Lvsctl.Core.Model;

namespace Lvsctl.Linux.Ipvs;

/// <summary>What a plain listing shows of a real server.</summary>
public readonly record struct ServerRow(RealServerKey Key, ForwardingMethod Forward, int Weight, uint ActiveConnections, uint InactiveConnections)
{
    public static ServerRow Of(ObservedServer observed) =>
        new(observed.Server.Key, observed.Server.Forward, observed.Server.Weight, observed.ActiveConnections, observed.InactiveConnections);
}
