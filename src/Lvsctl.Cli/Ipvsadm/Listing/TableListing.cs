using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary><c>-L</c>: the table, or one service of it, in one of six sets of columns.</summary>
sealed class TableListing(Output output, EndpointNames names, ListRequest request)
{
    public void WriteVersion(IpvsInfo info) =>
        output.WriteLine($"IP Virtual Server version {info.Version.Major}.{info.Version.Minor}.{info.Version.Build} (size={info.ConnectionTableSize})");

    public void WriteTitles()
    {
        const string service = "Prot LocalAddress:Port";
        const string server = "  -> RemoteAddress:Port";
        switch (request.Columns)
        {
            case TableColumns.Statistics:
                output.WriteLine($"{service,-33} {"Conns",8} {"InPkts",8} {"OutPkts",8} {"InBytes",8} {"OutBytes",8}");
                output.WriteLine(server);
                break;
            case TableColumns.Rate:
                output.WriteLine($"{service,-33} {"CPS",8} {"InPPS",8} {"OutPPS",8} {"InBPS",8} {"OutBPS",8}");
                output.WriteLine(server);
                break;
            case TableColumns.Thresholds:
                output.WriteLine($"{service,-33} {"Uthreshold",-10} {"Lthreshold",-10} {"ActiveConn",-10} {"InActConn",-10}");
                output.WriteLine(server);
                break;
            case TableColumns.PersistentConnections:
                output.WriteLine($"{service,-33} {"Weight",-9} {"PersistConn",-11} {"ActiveConn",-10} {"InActConn",-10}");
                output.WriteLine(server);
                break;
            case TableColumns.Tunnel:
                output.WriteLine($"{service} Scheduler Flags");
                output.WriteLine($"{server}           Forward TunnelInfo    Weight ActiveConn InActConn");
                break;
            default:
                output.WriteLine($"{service} Scheduler Flags");
                output.WriteLine($"{server}           Forward Weight ActiveConn InActConn");
                break;
        }
    }

    public void WriteService(ObservedService service)
    {
        var name = ServiceText.Name(service.Service.Key, names);
        var traffic = service.Statistics;
        switch (request.Columns)
        {
            case TableColumns.Statistics:
                output.WriteLine($"{name,-33}{Number(traffic.Connections)}{Number(traffic.InPackets)}{Number(traffic.OutPackets)}{Number(traffic.InBytes)}{Number(traffic.OutBytes)}");
                break;
            case TableColumns.Rate:
                output.WriteLine($"{name,-33}{Number(traffic.ConnectionsPerSecond)}{Number(traffic.InPacketsPerSecond)}{Number(traffic.OutPacketsPerSecond)}{Number(traffic.InBytesPerSecond)}{Number(traffic.OutBytesPerSecond)}");
                break;
            default:
                output.WriteLine($"{name} {ServiceText.Settings(service.Service)}");
                break;
        }
    }

    /// <param name="protocol">The service's; that of a firewall mark is none, so its servers' ports stay numbers.</param>
    public void WriteServer(TransportProtocol protocol, ObservedServer observed)
    {
        if (request.Columns == TableColumns.Connections)
        {
            WriteServer(protocol, ServerRow.Of(observed));
            return;
        }
        var server = observed.Server;
        var name = names.ColumnText(protocol, server.Key.Address, server.Key.Port);
        var traffic = observed.Statistics;
        var (active, inactive) = (observed.ActiveConnections, observed.InactiveConnections);
        switch (request.Columns)
        {
            case TableColumns.Statistics:
                output.WriteLine($"  -> {name,-28}{Number(traffic.Connections)}{Number(traffic.InPackets)}{Number(traffic.OutPackets)}{Number(traffic.InBytes)}{Number(traffic.OutBytes)}");
                break;
            case TableColumns.Rate:
                output.WriteLine($"  -> {name,-28} {traffic.ConnectionsPerSecond,8} {traffic.InPacketsPerSecond,8} {traffic.OutPacketsPerSecond,8}{Number(traffic.InBytesPerSecond)}{Number(traffic.OutBytesPerSecond)}");
                break;
            case TableColumns.Thresholds:
                output.WriteLine($"  -> {name,-28} {server.UpperThreshold,-10} {server.LowerThreshold,-10} {active,-10} {inactive,-10}");
                break;
            case TableColumns.PersistentConnections:
                output.WriteLine($"  -> {name,-28} {server.Weight,-9} {observed.PersistentConnections,-11} {active,-10} {inactive,-10}");
                break;
            case TableColumns.Tunnel:
                output.WriteLine($"  -> {name,-28} {ServiceText.Forward(server.Forward),-7} {ServiceText.Tunnel(server),-13} {server.Weight,-6} {active,-10} {inactive,-10}");
                break;
        }
    }

    public void WriteServer(TransportProtocol protocol, in ServerRow row)
    {
        var name = names.ColumnText(protocol, row.Key.Address, row.Key.Port);
        output.WriteLine($"  -> {name,-28} {ServiceText.Forward(row.Forward),-7} {row.Weight,-6} {row.ActiveConnections,-10} {row.InactiveConnections,-10}");
    }

    TrafficNumber Number(ulong value) => new(value, request.Exact);
}
