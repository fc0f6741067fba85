using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Cli.Commands;

/// <summary>The table for people. In the kernel's order, which is stable as long as nothing changes.</summary>
static class StatusText
{
    static readonly string[] Heading = ["REAL SERVER", "FORWARD", "WEIGHT", "ACTIVE", "INACTIVE", "CONN/S", "IN B/S", "OUT B/S"];

    public static void Write(TextWriter output, IpvsInfo info, IReadOnlyList<ObservedPool> table, bool colour)
    {
        output.WriteLine($"IPVS {info.Version}: {Count(table.Count, "virtual service")}, {Count(table.Sum(p => p.Servers.Count), "real server")}");
        var rows = table.SelectMany(p => p.Servers).Select(Cells).ToList();
        // One grid for all services: the eye can run down a column.
        var widths = Heading.Select((h, column) => rows.Select(r => r[column].Length).Append(h.Length).Max()).ToArray();
        foreach (var pool in table)
        {
            output.WriteLine();
            var title = Title(pool.Service);
            output.WriteLine(colour ? Terminal.Bold(title) : title);
            if (pool.Servers.Count == 0)
            {
                const string Nobody = "  no real servers: clients are refused";
                output.WriteLine(colour ? Terminal.Red(Nobody) : Nobody);
                continue;
            }
            output.WriteLine(Line(Heading, widths));
            foreach (var server in pool.Servers)
            {
                var line = Line(Cells(server), widths);
                output.WriteLine(colour && server.Server.Weight == 0 ? Terminal.Yellow(line) : line);
            }
        }
    }

    static string Title(ObservedService observed)
    {
        var service = observed.Service;
        var title = $"{service.Key}  {service.Scheduler}";
        if (service.IsPersistent) title += $"  persistent {service.PersistenceTimeout}s";
        if ((service.Flags & ServiceFlags.OnePacket) != 0) title += "  one-packet";
        return title;
    }

    static string[] Cells(ObservedServer observed) =>
    [
        observed.Server.Key.ToString(),
        Forward(observed.Server.Forward),
        observed.Server.Weight.ToString(),
        observed.ActiveConnections.ToString(),
        observed.InactiveConnections.ToString(),
        Rate(observed.Statistics.ConnectionsPerSecond),
        Rate(observed.Statistics.InBytesPerSecond),
        Rate(observed.Statistics.OutBytesPerSecond),
    ];

    static string Line(string[] cells, int[] widths) =>
        "  " + string.Join("  ", cells.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])));

    static string Forward(ForwardingMethod method) => method switch
    {
        ForwardingMethod.Nat => "nat",
        ForwardingMethod.DirectRouting => "dr",
        ForwardingMethod.Tunnel => "tun",
        ForwardingMethod.Local => "local",
        ForwardingMethod.Bypass => "bypass",
        _ => ((uint)method).ToString(),
    };

    /// <summary>Three digits and a decimal prefix: <c>999</c>, <c>1.2K</c>, <c>35.0M</c>.</summary>
    internal static string Rate(ulong perSecond)
    {
        if (perSecond < 1000) return perSecond.ToString();
        double value = perSecond;
        var prefix = -1;
        // 999,950 would read 1000.0K.
        while (value >= 999.95 && prefix < 4)
        {
            value /= 1000;
            prefix++;
        }
        return $"{value:0.0}{"KMGTP"[prefix]}";
    }

    static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
