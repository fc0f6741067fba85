using Lvsctl.Director.Status;

namespace Lvsctl.Cli.Commands.Top;

enum TopSort
{
    /// <summary>As the manifest names them.</summary>
    Name,
    Connections,
    Rate,
    Bytes,

    /// <summary>The worst first.</summary>
    State,
}

/// <summary>One line of the view: a service, or one of its servers.</summary>
/// <param name="Id">The same from one look to the next.</param>
/// <param name="Server">Null for the service itself.</param>
/// <param name="IsOpen">Its servers follow.</param>
sealed record TopRow(string Id, StatusService Service, StatusServer? Server, bool IsOpen)
{
    public string Name => Server is null ? Service.Name ?? Service.Key : Server.Name ?? Server.Key();

    public ulong Active => Server is null ? Sum(s => s.ActiveConnections) : Server.ActiveConnections ?? 0;

    public ulong Inactive => Server is null ? Sum(s => s.InactiveConnections) : Server.InactiveConnections ?? 0;

    public StatusRates? Rates => Server is null ? Service.Rates : Server.Rates;

    /// <summary>One word, and how bad it is: 0 is well.</summary>
    public (string Word, int Badness) State => Server is null ? StateOf(Service) : StateOf(Server);

    ulong Sum(Func<StatusServer, uint?> number) => Service.Servers.Aggregate(0ul, (sum, server) => sum + (number(server) ?? 0));

    static (string, int) StateOf(StatusService service)
    {
        if (!service.InKernel) return ("missing", 5);
        var serving = service.Servers.Count(s => s.Weight > 0);
        if (service.FallbackStandsIn == true) return ("fallback", 4);
        if (serving == 0) return ("down", 5);
        return service.Servers.Any(s => StateOf(s).Badness >= 3) ? ("degraded", 3) : ("up", 0);
    }

    static (string Word, int Badness) StateOf(StatusServer server) => server switch
    {
        { Intent.Kind: "maintain" } => ("maintain", 2),
        { Intent.Kind: "drain" } => ("drain", 2),
        { Health: "down" } => ("down", 4),
        { InKernel: false, WantedWeight: not null } => ("missing", 4),
        { LeavingSince: not null } => ("leaving", 2),
        { Weight: 0 } => ("quiet", 1),
        { Health: { } health } => (health, health == "up" ? 0 : 1),
        _ => ("-", 0),
    };

    /// <summary>Whom people see, in their order.</summary>
    public static IReadOnlyList<TopRow> Of(StatusDocument document, TopState state)
    {
        var rows = new List<TopRow>();
        var services = document.Services.Where(s => Matches(state.Filter, s.Name, s.Key) || s.Servers.Any(r => Matches(state.Filter, r.Name, r.Key())))
            .Select(s => new TopRow(s.Key, s, null, !state.Closed.Contains(s.Key)));
        foreach (var service in Sorted(services, state))
        {
            rows.Add(service);
            if (!service.IsOpen) continue;
            var isWhole = Matches(state.Filter, service.Service.Name, service.Service.Key);
            rows.AddRange(Sorted(service.Service.Servers.Where(r => isWhole || Matches(state.Filter, r.Name, r.Key())).Select(r => new TopRow($"{service.Id} {r.Key()}", service.Service, r, false)), state));
        }
        return rows;
    }

    static bool Matches(string filter, string? name, string key) =>
        filter.Length == 0 || name?.Contains(filter, StringComparison.OrdinalIgnoreCase) == true || key.Contains(filter, StringComparison.OrdinalIgnoreCase);

    // The order of the document is by name already where people chose it; equal ones keep it.
    static IEnumerable<TopRow> Sorted(IEnumerable<TopRow> rows, TopState state)
    {
        var sorted = state.Sort switch
        {
            TopSort.Connections => rows.OrderByDescending(r => r.Active + r.Inactive),
            TopSort.Rate => rows.OrderByDescending(r => r.Rates?.ConnectionsPerSecond ?? 0),
            TopSort.Bytes => rows.OrderByDescending(r => (r.Rates?.InBytesPerSecond ?? 0) + (r.Rates?.OutBytesPerSecond ?? 0)),
            TopSort.State => rows.OrderByDescending(r => r.State.Badness),
            _ => rows,
        };
        return state.IsReversed ? sorted.Reverse() : sorted;
    }
}
