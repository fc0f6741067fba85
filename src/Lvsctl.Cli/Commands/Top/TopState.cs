using System.Collections.Immutable;

namespace Lvsctl.Cli.Commands.Top;

/// <summary>What whoever looks has chosen; a key makes the next one of it.</summary>
sealed record TopState
{
    public TopSort Sort { get; init; }

    public bool IsReversed { get; init; }

    /// <summary>Part of a name or address; empty: all.</summary>
    public string Filter { get; init; } = "";

    /// <summary>Keys go into the filter.</summary>
    public bool IsTyping { get; init; }

    public bool IsPaused { get; init; }

    public bool ShowsHelp { get; init; }

    /// <summary>Seen enough.</summary>
    public bool IsDone { get; init; }

    /// <summary>Services whose servers are not shown.</summary>
    public ImmutableHashSet<string> Closed { get; init; } = [];

    /// <summary><see cref="TopRow.Id"/>; null or gone: the first.</summary>
    public string? Selected { get; init; }

    /// <param name="rows">As they are shown now.</param>
    /// <param name="page">How many of them fit.</param>
    public TopState Press(TopKey key, IReadOnlyList<TopRow> rows, int page)
    {
        if (IsTyping) return Type(key);
        if (ShowsHelp) return this with { ShowsHelp = false, IsDone = key.Character == 'q' };
        return key.Kind switch
        {
            TopKeyKind.Up => Move(rows, -1),
            TopKeyKind.Down => Move(rows, 1),
            TopKeyKind.PageUp => Move(rows, -page),
            TopKeyKind.PageDown => Move(rows, page),
            TopKeyKind.Home => Move(rows, -rows.Count),
            TopKeyKind.End => Move(rows, rows.Count),
            TopKeyKind.Enter => Toggle(rows),
            TopKeyKind.Escape => this with { Filter = "" },
            TopKeyKind.Character => Choose(key.Character, rows),
            _ => this,
        };
    }

    TopState Choose(char key, IReadOnlyList<TopRow> rows) => key switch
    {
        'q' => this with { IsDone = true },
        'n' => this with { Sort = TopSort.Name },
        'c' => this with { Sort = TopSort.Connections },
        'r' => this with { Sort = TopSort.Rate },
        'b' => this with { Sort = TopSort.Bytes },
        's' => this with { Sort = TopSort.State },
        'i' => this with { IsReversed = !IsReversed },
        '/' => this with { IsTyping = true },
        'p' => this with { IsPaused = !IsPaused },
        'h' or '?' => this with { ShowsHelp = true },
        'k' => Move(rows, -1),
        'j' => Move(rows, 1),
        ' ' => Toggle(rows),
        '-' => this with { Closed = [.. rows.Select(r => r.Service.Key)] },
        '+' => this with { Closed = [] },
        _ => this,
    };

    TopState Type(TopKey key) => key.Kind switch
    {
        TopKeyKind.Enter => this with { IsTyping = false },
        TopKeyKind.Escape => this with { IsTyping = false, Filter = "" },
        TopKeyKind.Backspace => this with { Filter = Filter.Length == 0 ? "" : Filter[..^1] },
        TopKeyKind.Character => this with { Filter = Filter + key.Character },
        _ => this,
    };

    TopState Move(IReadOnlyList<TopRow> rows, int by) =>
        rows.Count == 0 ? this : this with { Selected = rows[Math.Clamp(IndexIn(rows) + by, 0, rows.Count - 1)].Id };

    TopState Toggle(IReadOnlyList<TopRow> rows)
    {
        if (rows.Count == 0) return this;
        var key = rows[IndexIn(rows)].Service.Key;
        var opened = Closed.Remove(key);
        return this with { Closed = ReferenceEquals(opened, Closed) ? Closed.Add(key) : opened, Selected = key };
    }

    public int IndexIn(IReadOnlyList<TopRow> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Id == Selected) return i;
        }
        return 0;
    }
}
