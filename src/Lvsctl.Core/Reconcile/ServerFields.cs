using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>The settings of a real server by name, in the words of the manifest.</summary>
static class ServerFields
{
    public static FieldChange Weight(int before, int after) => new("weight", before.ToString(), after.ToString());

    public static IReadOnlyList<FieldChange> Describe(RealServer server) =>
        [.. Fields(server).Where(f => f.Value != "").Select(f => new FieldChange(f.Field, null, f.Value))];

    public static IReadOnlyList<FieldChange> Compare(RealServer now, RealServer wanted)
    {
        now = AsWanted(now, wanted.Forward);
        if (now == wanted) return [];
        return [.. Fields(now).Zip(Fields(wanted)).Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => new FieldChange(pair.First.Field, Shown(pair.First.Value), Shown(pair.Second.Value)))];
    }

    // The kernel shows a server on one of the director's own addresses as local, whatever was asked.
    static RealServer AsWanted(RealServer now, ForwardingMethod forward) =>
        now.Forward == ForwardingMethod.Local ? now with { Forward = forward } : now;

    static IEnumerable<(string Field, string Value)> Fields(RealServer server)
    {
        yield return ("forward", Forward(server));
        yield return ("weight", server.Weight.ToString());
        yield return ("connections.upper", server.UpperThreshold == 0 ? "" : server.UpperThreshold.ToString());
        yield return ("connections.lower", server.LowerThreshold == 0 ? "" : server.LowerThreshold.ToString());
    }

    static string Forward(RealServer server) => server.Forward switch
    {
        ForwardingMethod.Nat => "nat",
        ForwardingMethod.DirectRouting => "dr",
        ForwardingMethod.Tunnel => Tunnel(server.Tunnel),
        ForwardingMethod.Local => "local",
        ForwardingMethod.Bypass => "bypass",
        _ => $"method {(uint)server.Forward}",
    };

    static string Tunnel(Tunnel tunnel) => tunnel.Type switch
    {
        TunnelType.Ipip => "tun",
        TunnelType.Gue => $"tun gue:{tunnel.Port}{Checksum(tunnel)}",
        TunnelType.Gre => $"tun gre{Checksum(tunnel)}",
        _ => $"tun type {(byte)tunnel.Type}",
    };

    static string Checksum(Tunnel tunnel) => tunnel.Checksum switch
    {
        TunnelChecksum.Checksum => " csum",
        TunnelChecksum.RemoteChecksum => " remcsum",
        _ => "",
    };

    static string Shown(string value) => value == "" ? "none" : value;
}
