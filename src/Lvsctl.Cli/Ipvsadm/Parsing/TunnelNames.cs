using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

static class TunnelNames
{
    public static TunnelType? Parse(string name) => name switch
    {
        "ipip" => TunnelType.Ipip,
        "gue" => TunnelType.Gue,
        "gre" => TunnelType.Gre,
        _ => null,
    };
}
