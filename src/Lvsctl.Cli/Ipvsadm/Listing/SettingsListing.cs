using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary><c>-L --timeout</c> and <c>-L --daemon</c>.</summary>
static class SettingsListing
{
    public static void Write(Output output, ConnectionTimeouts timeouts) =>
        output.WriteLine($"Timeout (tcp tcpfin udp): {timeouts.Tcp} {timeouts.TcpFin} {timeouts.Udp}");

    public static void Write(Output output, SyncDaemon daemon)
    {
        output.Write($"{StateName(daemon.State)} sync daemon (mcast={daemon.Interface}, syncid={daemon.SyncId}");
        if (daemon.MaxMessageLength != 0) output.Write($", maxlen={daemon.MaxMessageLength}");
        if (daemon.Group is { } group) output.Write($", group={InternetAddress.Text(group)}");
        if (daemon.Port != 0) output.Write($", port={daemon.Port}");
        if (daemon.Ttl != 0) output.Write($", ttl={daemon.Ttl}");
        output.WriteLine(")");
    }

    public static string StateName(SyncState state) => state == SyncState.Master ? "master" : "backup";
}
