using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

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
    static readonly string[] LeftAligned = ["REAL SERVER", "SERVER", "ADDRESS", "FORWARD", "NOTE"];

    public void Write(StatusReport report)
    {
        var all = report.Services.Concat(report.Leaving).Concat(report.Foreign).ToList();
        var hasManifest = report.Orphans is not null;
        output.WriteLine($"IPVS {report.Info.Version}: {Count(all.Count(s => s.There is not null), "virtual service")}, "
            + Count(all.Sum(s => s.Servers.Count(r => r.There is not null)), "real server"));

        var grid = new Grid(hasManifest ? Named : Plain, all.SelectMany(s => s.Servers).Select(s => Cells(s, hasManifest)));
        foreach (var service in report.Services) Write(service, grid, hasManifest);
        Section("No longer in the manifest:", report.Leaving, grid);
        Section("Not in the manifest, and not lvsctl's (left alone):", report.Foreign, grid);
        WriteOrphans(report.Orphans ?? []);
    }

    void Section(string heading, IReadOnlyList<StatusService> services, Grid grid)
    {
        if (services.Count == 0) return;
        output.WriteLine();
        output.WriteLine(heading);
        foreach (var service in services) Write(service, grid, hasManifest: true);
    }

    void Write(StatusService service, Grid grid, bool hasManifest)
    {
        output.WriteLine();
        var title = Title(service.Name, service.Service);
        var note = service.Name is null || service.Note is null ? "" : $"  {service.Note}";
        output.WriteLine(colour ? Terminal.Bold(title) + (note == "" ? "" : service.There is null ? Terminal.Red(note) : Terminal.Yellow(note)) : title + note);
        if (service.Servers.Count == 0)
        {
            const string Nobody = "  no real servers: clients are refused";
            output.WriteLine(colour ? Terminal.Red(Nobody) : Nobody);
            return;
        }
        output.WriteLine(grid.Heading);
        foreach (var server in service.Servers)
        {
            var line = grid.Line(Cells(server, hasManifest));
            output.WriteLine(!colour ? line
                : server is { There: null, WantedWeight: not null } ? Terminal.Red(line)
                : server.Note is not null || server.There?.Server.Weight == 0 ? Terminal.Yellow(line)
                : line);
        }
    }

    void WriteOrphans(IReadOnlyList<Intent> orphans)
    {
        if (orphans.Count == 0) return;
        output.WriteLine();
        output.WriteLine("Asked for by operators, about servers that the manifest does not name:");
        foreach (var intent in orphans)
        {
            var name = intent.Service is null ? intent.Server : $"{intent.Service}/{intent.Server}";
            var line = $"  {name}: {intent.Kind.ToString().ToLowerInvariant()} since {TimeText.Of(intent.Since)}; 'lvsctl resume {name}' takes it back";
            output.WriteLine(colour ? Terminal.Yellow(line) : line);
        }
    }

    static string Title(string? name, VirtualService service)
    {
        var title = $"{(name is null ? service.Key.ToString() : $"{name} ({service.Key})")}  {service.Scheduler}";
        if (service.IsPersistent) title += $"  persistent {service.PersistenceTimeout}s";
        if ((service.Flags & ServiceFlags.OnePacket) != 0) title += "  one-packet";
        return title;
    }

    static string[] Cells(StatusServer status, bool hasManifest)
    {
        var (server, there) = (status.Server, status.There);
        string[] traffic =
        [
            Rate(there?.Statistics.ConnectionsPerSecond),
            Rate(there?.Statistics.InBytesPerSecond),
            Rate(there?.Statistics.OutBytesPerSecond),
        ];
        if (!hasManifest) return [server.Key.ToString(), Forward(server.Forward), Number(there?.Server.Weight), Number(there?.ActiveConnections), Number(there?.InactiveConnections), .. traffic];
        return
        [
            status.Name ?? "-",
            server.Key.ToString(),
            Forward(server.Forward),
            status.WantedWeight?.ToString() ?? (status.Name is null ? "-" : "out"),
            Number(there?.Server.Weight),
            Number(there?.ActiveConnections),
            Number(there?.InactiveConnections),
            Number(there?.PersistentConnections),
            .. traffic,
            status.Note ?? "",
        ];
    }

    static string Number(long? number) => number?.ToString() ?? "-";

    static string Forward(ForwardingMethod method) => method switch
    {
        ForwardingMethod.Nat => "nat",
        ForwardingMethod.DirectRouting => "dr",
        ForwardingMethod.Tunnel => "tun",
        ForwardingMethod.Local => "local",
        ForwardingMethod.Bypass => "bypass",
        _ => ((uint)method).ToString(),
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
