using Lvsctl.Director.Status;

namespace Lvsctl.Cli.Commands;

/// <summary>
/// A report for people, in one grid for all services: the eye can run down a column. Without a manifest there are no names and no wishes,
/// and so no columns for them.
/// </summary>
sealed class StatusText(TextWriter output, bool colour)
{
    static readonly string[] Plain = ["REAL SERVER", "FORWARD", "WEIGHT", "ACTIVE", "INACTIVE", "CONN/S", "IN B/S", "OUT B/S"];
    static readonly string[] Named = ["SERVER", "ADDRESS", "FORWARD", "WEIGHT", "KERNEL", "ACTIVE", "INACTIVE", "PERSIST", "CONN/S", "IN B/S", "OUT B/S", "NOTE"];

    // Those that are read as words, not compared as numbers.
    static readonly string[] LeftAligned = ["REAL SERVER", "SERVER", "ADDRESS", "FORWARD", "HEALTH", "NOTE"];

    static readonly string[] s_probed = [.. Named[..^1], "HEALTH", "NOTE"];

    /// <param name="routers">What VRRP does here; null: nothing.</param>
    public void Write(StatusDocument document, string? routers = null)
    {
        var all = document.Services;
        var columns = !document.HasManifest ? Plain : IsHealthKnown(document) ? s_probed : Named;
        output.WriteLine($"IPVS {document.Version}: {Count(all.Count(s => s.InKernel), "virtual service")}, "
            + Count(all.Sum(s => s.Servers.Count(r => r.InKernel)), "real server"));
        if (routers is not null) output.WriteLine(routers);
        WriteDaemon(document.Daemon);

        var grid = new Grid(columns, all.SelectMany(s => s.Servers).Select(s => Cells(s, columns)));
        foreach (var service in all.Where(s => s.Origin is StatusOrigin.Manifest or StatusOrigin.Unknown)) Write(service, grid, columns);
        Section("No longer in the manifest:", [.. all.Where(s => s.Origin == StatusOrigin.Left)], grid, columns);
        Section("Not in the manifest, and not lvsctl's (left alone):", [.. all.Where(s => s.Origin == StatusOrigin.Foreign)], grid, columns);
        WriteOrphans(document.OrphanedIntents ?? []);
    }

    // What nobody has found out yet is worth no column.
    static bool IsHealthKnown(StatusDocument document) =>
        document.Services.Any(s => s.Servers.Any(r => r.Health is not null && (document.Daemon is not null || r.Health != "unknown")));

    void WriteDaemon(StatusDaemon? daemon)
    {
        if (daemon is null) return;
        if (daemon.Trouble is { } trouble) Warn($"The director cannot see to the table: {trouble}");
        if (daemon.Waits is { } waits) Warn($"Waiting: {waits}");
        if (daemon.RefusedReload is { } refused) Warn($"The manifest on disk is not in force: {refused}");
    }

    void Warn(string text) => output.WriteLine(colour ? Terminal.Red(text) : text);

    void Section(string heading, IReadOnlyList<StatusService> services, Grid grid, string[] columns)
    {
        if (services.Count == 0) return;
        output.WriteLine();
        output.WriteLine(heading);
        foreach (var service in services) Write(service, grid, columns);
    }

    void Write(StatusService service, Grid grid, string[] columns)
    {
        output.WriteLine();
        var title = Title(service);
        var note = service.Name is null || service.Because is null ? "" : $"  {service.Because}";
        output.WriteLine(colour ? Terminal.Bold(title) + (note == "" ? "" : !service.InKernel ? Terminal.Red(note) : Terminal.Yellow(note)) : title + note);
        if (service.Servers.Count == 0)
        {
            const string Nobody = "  no real servers: clients are refused";
            output.WriteLine(colour ? Terminal.Red(Nobody) : Nobody);
            return;
        }
        output.WriteLine(grid.Heading);
        foreach (var server in service.Servers)
        {
            var line = grid.Line(Cells(server, columns));
            output.WriteLine(!colour ? line
                : server is { InKernel: false, WantedWeight: not null } ? Terminal.Red(line)
                : server.Because is not null || server.Weight == 0 ? Terminal.Yellow(line)
                : line);
        }
    }

    void WriteOrphans(IReadOnlyList<StatusIntent> orphans)
    {
        if (orphans.Count == 0) return;
        output.WriteLine();
        output.WriteLine("Asked for by operators, about servers that the manifest does not name:");
        foreach (var intent in orphans)
        {
            var name = intent.Service is null ? intent.Server : $"{intent.Service}/{intent.Server}";
            var line = $"  {name}: {intent.Kind} since {intent.Since}; 'lvsctl resume {name}' takes it back";
            output.WriteLine(colour ? Terminal.Yellow(line) : line);
        }
    }

    static string Title(StatusService service)
    {
        var title = $"{(service.Name is null ? service.Key : $"{service.Name} ({service.Key})")}  {service.Scheduler}";
        if (service.Persistent) title += $"  persistent {service.PersistenceTimeout}s";
        if (service.OnePacket) title += "  one-packet";
        return title;
    }

    static string[] Cells(StatusServer server, string[] columns)
    {
        string[] traffic =
        [
            Rate(server.Rates?.ConnectionsPerSecond),
            Rate(server.Rates?.InBytesPerSecond),
            Rate(server.Rates?.OutBytesPerSecond),
        ];
        if (columns == Plain) return [server.Key(), Forward(server.Forward), Number(server.Weight), Number(server.ActiveConnections), Number(server.InactiveConnections), .. traffic];
        string[] health = columns == s_probed ? [server.Health ?? "-"] : [];
        return
        [
            server.Name ?? "-",
            server.Key(),
            Forward(server.Forward),
            server.WantedWeight?.ToString() ?? (server.Name is null ? "-" : "out"),
            Number(server.Weight),
            Number(server.ActiveConnections),
            Number(server.InactiveConnections),
            Number(server.PersistentConnections),
            .. traffic,
            .. health,
            server.Because ?? "",
        ];
    }

    static string Number(long? number) => number?.ToString() ?? "-";

    // As the manifest calls them.
    internal static string Forward(string method) => method switch
    {
        "direct_routing" => "dr",
        "tunnel" => "tun",
        _ => method,
    };

    static string Rate(ulong? perSecond) => perSecond is { } rate ? Rate(rate) : "-";

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

    sealed class Grid
    {
        readonly string[] _heading;
        readonly int[] _widths;

        public Grid(string[] heading, IEnumerable<string[]> rows)
        {
            _heading = heading;
            _widths = [.. heading.Select(h => h.Length)];
            foreach (var row in rows)
            {
                for (var column = 0; column < row.Length; column++) _widths[column] = Math.Max(_widths[column], row[column].Length);
            }
        }

        public string Heading => Line(_heading);

        public string Line(string[] cells) =>
            "  " + string.Join("  ", cells.Select((cell, column) => LeftAligned.Contains(_heading[column]) ? cell.PadRight(_widths[column]) : cell.PadLeft(_widths[column]))).TrimEnd();
    }
}
