namespace Lvsctl.Core.Model;

public enum Severity
{
    /// <summary>Legal, but surely not what was meant.</summary>
    Warning,
    Error,
}

/// <summary>Something to be said about a text, with its place.</summary>
/// <param name="Code"><c>LVS020</c>; stable, explained by <c>lvsctl explain LVS020</c>.</param>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="Column">From 1, in characters; 0 when the whole file is meant.</param>
public sealed record Diagnostic(string Code, Severity Severity, string File, int Line, int Column, string Text)
{
    /// <summary><c>cluster.yaml:12:5: error LVS020: …</c>.</summary>
    public override string ToString()
    {
        var place = Line == 0 ? File : $"{File}:{Line}:{Column}";
        return $"{place}: {(Severity == Severity.Error ? "error" : "warning")} {Code}: {Text}";
    }
}
