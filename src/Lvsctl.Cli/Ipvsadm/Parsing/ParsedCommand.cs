using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

/// <summary>What a command line asks for: one change of the table, something to be shown, or restore, help and version.</summary>
abstract record ParsedCommand
{
    ParsedCommand()
    {
    }

    public sealed record Change(TableChange What) : ParsedCommand;

    public sealed record List(ListRequest What) : ParsedCommand;

    /// <param name="Full">Also what ipvsadm leaves out: thresholds, time-outs, sync daemons.</param>
    public sealed record Save(bool Numeric, bool Full) : ParsedCommand;

    public sealed record Restore : ParsedCommand;

    public sealed record Help : ParsedCommand;

    public sealed record Version : ParsedCommand;
}

enum ListSubject
{
    Table,
    OneService,
    Connections,
    Timeouts,
    Daemons,
}

/// <summary>Which columns a table has. Of several that are asked for, the later in this list wins.</summary>
enum TableColumns
{
    Connections,
    Tunnel,
    PersistentConnections,
    Thresholds,
    Rate,
    Statistics,
}

sealed record ListRequest(ListSubject Subject)
{
    public static ListRequest Everything { get; } = new(ListSubject.Table);

    /// <summary>Of <see cref="ListSubject.OneService"/>.</summary>
    public ServiceKey Service { get; init; }

    public TableColumns Columns { get; init; }

    public bool Numeric { get; init; }

    public bool Exact { get; init; }

    public bool Sorted { get; init; } = true;

    /// <summary>Of <see cref="ListSubject.Connections"/>: with the data of the persistence engine.</summary>
    public bool EngineData { get; init; }

    public bool Json { get; init; }
}
