using System.Net;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary><c>-Lc</c>: connections, in the kernel's order.</summary>
static class ConnectionListing
{
    public static void WriteTitles(Output output, bool engineData)
    {
        output.WriteLine("IPVS connection entries");
        if (engineData) output.WriteLine($"pro expire {"state",-11} {"source",-18} {"virtual",-18} {"destination",-18} {"pe name",-16} pe_data");
        else output.WriteLine($"pro expire {"state",-11} {"source",-18} {"virtual",-18} destination");
    }

    public static void WriteEntry(Output output, EndpointNames names, ConnectionEntry entry, bool engineData)
    {
        var expires = $"{entry.ExpiresSeconds / 60:00}:{entry.ExpiresSeconds % 60:00}";
        output.Write($"{entry.Protocol,-3} {expires,-6} {entry.State,-11} {Name(entry.Client),-18} {Name(entry.Virtual),-18} ");
        if (engineData && entry.Engine is { } engine) output.WriteLine($"{Name(entry.Destination),-16} {engine,-18} {FirstWord(entry.EngineData)}");
        else output.WriteLine(Name(entry.Destination));

        string Name(IPEndPoint endpoint) => names.Text(entry.TransportProtocol, endpoint.Address, (ushort)endpoint.Port);
    }

    static string? FirstWord(string? data) => data?.Split(' ', '\t')[0];
}
