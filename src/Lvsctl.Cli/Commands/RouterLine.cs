using System.CommandLine;
using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Cli.Commands;

/// <summary>What <c>lvsctl vrrp</c> does on this host, in a line for those who look at the table.</summary>
sealed class RouterLine
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    readonly string _socket;
    readonly bool _isWanted;

    public RouterLine(ParseResult parsed, PlanSettings settings)
    {
        var (cluster, _) = StatusSource.Manifest(parsed, settings);
        _socket = VrrpClient.Beside(DaemonWay.SocketOf(settings, parsed, cluster));
        _isWanted = cluster is not null && IsWanted(cluster);
    }

    // Which director this is may have been said to it alone, with --node.
    static bool IsWanted(ClusterSpec cluster)
    {
        try
        {
            return OwnPart.Is(cluster, null, Environment.MachineName);
        }
        catch (VrrpException)
        {
            return false;
        }
    }

    /// <summary>Null: there is nothing to say.</summary>
    public string? Read()
    {
        if (!_isWanted && !VrrpClient.IsAnswered(_socket)) return null;
        try
        {
            return Text(VrrpClient.Status(_socket, s_patience));
        }
        catch (ControlException e)
        {
            return $"VRRP: {e.Message}";
        }
    }

    internal static string Text(VrrpStatusDocument status) => $"VRRP: {string.Join("; ", status.Routers.Select(Text))}";

    static string Text(VrrpRouterDocument router) => string.Create(CultureInfo.InvariantCulture,
        $"{router.Name} {router.State} (priority {router.Priority.Value}{(router.Master is { } master ? $", master {master.Address}" : "")})")
        + (router.Trouble is { } trouble ? $", {trouble}" : "");
}
