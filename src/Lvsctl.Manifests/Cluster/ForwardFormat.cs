using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests.Cluster;

sealed class ForwardFormat() : Block<ForwardSpec>("forward", "a way to forward")
{
    public static readonly Key<Tunnel> Tun = new("tun", new TunnelFormat(),
        "A tunnel with settings of its own.") { Required = true, Example = "tun: { kind: gre, checksum: csum }" };

    public static Shape<ForwardSpec> WithBrief { get; } = new EitherShape<ForwardSpec>(
        new ChoiceShape<ForwardSpec>(
            ("nat", new(ForwardingMethod.Nat)), ("dr", new(ForwardingMethod.DirectRouting)), ("tun", new(ForwardingMethod.Tunnel))),
        new ForwardFormat());

    public override IReadOnlyList<Key> Keys { get; } = [Tun];

    protected override ForwardSpec Read(MapCursor map) => new(ForwardingMethod.Tunnel, map.Get(Tun));
}

sealed class TunnelFormat() : Block<Tunnel>("tunnel", "a tunnel")
{
    public static readonly Key<TunnelType> Kind = new("kind", new ChoiceShape<TunnelType>(("ipip", TunnelType.Ipip), ("gue", TunnelType.Gue), ("gre", TunnelType.Gre)),
        "ipip: IP in IP; gue: generic UDP encapsulation; gre.") { DefaultValue = TunnelType.Ipip };
    public static readonly Key<ushort> Port = new("port", Shapes.Port, "UDP port that the servers unpack gue on.");
    public static readonly Key<TunnelChecksum> Checksum = new("checksum", new ChoiceShape<TunnelChecksum>(
        ("none", TunnelChecksum.None), ("csum", TunnelChecksum.Checksum), ("remote", TunnelChecksum.RemoteChecksum)),
        "Checksum of the outer header, for gue and gre; remote: remote checksum offload, for gue.") { DefaultValue = TunnelChecksum.None };

    public override IReadOnlyList<Key> Keys { get; } = [Kind, Port, Checksum];

    protected override Tunnel Read(MapCursor map)
    {
        var tunnel = new Tunnel(map.Get(Kind), map.Get(Port), map.Get(Checksum));
        if (tunnel.Type == TunnelType.Gue && !map.Has(Port)) map.Complain(Code.TunnelOption, map.Place, "a gue tunnel needs a 'port'");
        if (tunnel.Type != TunnelType.Gue && map.Has(Port))
        {
            map.Complain(Code.TunnelOption, map.KeyPlace(Port), $"{Kind.Shape.Show(tunnel.Type)} has no port; only gue has one");
        }
        var fits = tunnel.Checksum switch
        {
            TunnelChecksum.Checksum => tunnel.Type != TunnelType.Ipip,
            TunnelChecksum.RemoteChecksum => tunnel.Type == TunnelType.Gue,
            _ => true,
        };
        if (!fits)
        {
            map.Complain(Code.TunnelOption, map.KeyPlace(Checksum),
                $"{Kind.Shape.Show(tunnel.Type)} has no checksum '{Checksum.Shape.Show(tunnel.Checksum)}'");
        }
        return tunnel;
    }
}
