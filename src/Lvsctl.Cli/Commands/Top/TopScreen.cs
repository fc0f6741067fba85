using Lvsctl.Director.Status;

namespace Lvsctl.Cli.Commands.Top;

/// <summary>What people see: from what they chose, how things stand and how large the screen is, to its lines.</summary>
static class TopScreen
{
    const int HeadLines = 3;
    const int FootLines = 1;

    static readonly (string Title, int Width, TopSort? Sort)[] s_columns =
    [
        ("STATE", 8, TopSort.State), ("WEIGHT", 6, null), ("KERNEL", 6, null), ("ACTIVE", 8, TopSort.Connections), ("INACTIVE", 8, null), ("CONN/S", 7, TopSort.Rate), ("IN B/S", 7, TopSort.Bytes), ("OUT B/S", 7, TopSort.Bytes),
    ];

    static readonly string[] s_help =
    [
        "up, down, PgUp, PgDn, Home, End   move",
        "Enter or space                    show or hide a service's servers; + all, - none",
        "n c r b s                         sort by name, connections, rate, bytes, state; i turns it round",
        "/                                 only names and addresses with these letters; Enter keeps it, Esc ends it",
        "p                                 pause",
        "q                                 quit",
    ];

    public static int Page(int height) => Math.Max(1, height - HeadLines - FootLines);

    /// <summary>As many lines as the screen has at most, none of them longer than it is wide.</summary>
    public static IReadOnlyList<string> Lines(TopState state, StatusDocument document, int width, int height, string time, bool colour)
    {
        var rows = TopRow.Of(document, state);
        var lines = new List<string>
        {
            Cut(Summary(document, state, time), width),
            Cut(Note(document), width),
        };
        if (state.ShowsHelp)
        {
            lines.Add("");
            lines.AddRange(s_help.Select(h => Cut("  " + h, width)));
            lines.Add("");
            lines.Add(Cut("any key goes back", width));
            return [.. lines.Take(height)];
        }
        var name = Math.Clamp(rows.Count == 0 ? 0 : rows.Max(r => r.Name.Length + (r.Server is null ? 2 : 4)), 12, Math.Max(12, width - s_columns.Sum(c => c.Width + 1) - 1));
        var heading = Cut(Heading(name, state), width);
        lines.Add(colour ? Painted(colour, "\e[7m", heading.PadRight(Math.Max(0, width))) : heading);
        var page = Page(height);
        var selected = state.IndexIn(rows);
        var first = Math.Clamp(selected - page / 2, 0, Math.Max(0, rows.Count - page));
        for (var i = first; i < Math.Min(first + page, rows.Count); i++) lines.Add(Row(rows[i], name, width, isSelected: i == selected, colour));
        if (rows.Count == 0) lines.Add(Cut(state.Filter.Length > 0 ? $"  nothing has '{state.Filter}' in its name or address" : "  no virtual services", width));
        while (lines.Count < height - FootLines) lines.Add("");
        lines.Add(Cut(state.IsTyping ? $"filter: {state.Filter}_" : $"q quit  ? help  sort {state.Sort.ToString().ToLowerInvariant()}{(state.IsReversed ? " reversed" : "")}{(state.Filter.Length > 0 ? $"  filter '{state.Filter}'" : "")}", width));
        return [.. lines.Take(height)];
    }

    static string Summary(StatusDocument document, TopState state, string time)
    {
        var servers = document.Services.SelectMany(s => s.Servers).ToList();
        var down = servers.Count(s => s.Health == "down");
        var serving = servers.Count(s => s.Weight > 0);
        return $"lvsctl top  {time}{(state.IsPaused ? "  PAUSED" : "")}  {document.Services.Count} services, {servers.Count} servers, {serving} serving{(down > 0 ? $", {down} down" : "")}; "
            + $"{Sum(servers, s => s.ActiveConnections ?? 0)} active, {Rate(document, r => r.ConnectionsPerSecond)} conn/s, in {Rate(document, r => r.InBytesPerSecond)} B/s, out {Rate(document, r => r.OutBytesPerSecond)} B/s";
    }

    static string Note(StatusDocument document) => document.Daemon switch
    {
        null => "no director is asked: the kernel's table, and what the last check left",
        { Trouble: { } trouble } => $"the director cannot see to the table: {trouble}",
        { Waits: { } waits } => $"waiting: {waits}",
        { RefusedReload: { } refused } => $"the manifest on disk is not in force: {refused}",
        { Pid: var pid, Started: var started } => $"director {pid} since {started}",
    };

    static string Heading(int name, TopState state)
    {
        var mark = state.IsReversed ? '^' : 'v';
        string Title(string title, TopSort? sort) => sort == state.Sort ? $"{title}{mark}" : title;
        return $"{Title("  NAME", TopSort.Name).PadRight(name)} {string.Join(' ', s_columns.Select((c, i) => i == 0 ? Title(c.Title, c.Sort).PadRight(c.Width) : Title(c.Title, c.Sort).PadLeft(c.Width)))} NOTE";
    }

    static string Row(TopRow row, int name, int width, bool isSelected, bool colour)
    {
        var (word, badness) = row.State;
        var title = row.Server is null ? $"{(row.IsOpen ? '-' : '+')} {row.Name}" : $"    {row.Name}";
        var server = row.Server;
        string[] cells =
        [
            word,
            server is null ? "" : server.WantedWeight?.ToString() ?? (server.Name is null ? "-" : "out"),
            server is null ? "" : server.Weight?.ToString() ?? "-",
            $"{row.Active}",
            $"{row.Inactive}",
            Rate(row.Rates?.ConnectionsPerSecond),
            Rate(row.Rates?.InBytesPerSecond),
            Rate(row.Rates?.OutBytesPerSecond),
        ];
        var text = $"{Cut(title, name).PadRight(name)} {string.Join(' ', cells.Select((c, i) => i == 0 ? c.PadRight(s_columns[i].Width) : c.PadLeft(s_columns[i].Width)))} {(server is null ? row.Service.Because ?? "" : server.Because ?? server.Evidence ?? "")}";
        var line = Cut(text.TrimEnd(), width);
        if (isSelected) return Painted(colour, "\e[7m", colour ? line.PadRight(Math.Max(0, width)) : Cut($">{line.PadRight(1)[1..]}", width));
        return Painted(colour, badness switch { >= 4 => "\e[31m", >= 1 => "\e[33m", _ => row.Server is null ? "\e[1m" : "" }, line);
    }

    static string Rate(ulong? perSecond) => perSecond is { } rate ? StatusText.Rate(rate) : "-";

    static string Rate(StatusDocument document, Func<StatusRates, ulong> of) => StatusText.Rate(document.Services.Aggregate(0ul, (sum, service) => sum + (service.Rates is { } rates ? of(rates) : 0)));

    static ulong Sum(List<StatusServer> servers, Func<StatusServer, uint> number) => servers.Aggregate(0ul, (sum, server) => sum + number(server));

    // What servers answered stands in notes, and none of it may move the cursor.
    static string Cut(string text, int width)
    {
        if (text.Any(char.IsControl)) text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length <= width ? text : width <= 0 ? "" : $"{text[..(width - 1)]}…";
    }

    static string Painted(bool colour, string code, string text) => colour && code.Length > 0 ? $"{code}{text}\e[0m" : text;
}
