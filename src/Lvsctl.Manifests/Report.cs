using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests;

/// <summary>Gathers what there is to say. Saying the same twice at one place (a default that several services use) counts once.</summary>
sealed class Report
{
    readonly List<string> _files = [];
    readonly HashSet<(Place, int)> _said = [];
    readonly HashSet<Place> _broken = [];
    readonly List<(Place Place, Code Code, string Text)> _entries = [];
    int _unsaid;
    bool _gaveUp;

    public bool HasErrors { get; private set; }

    /// <summary>Nothing could be read at the place where the manifest should be.</summary>
    public bool IsUnreadable { get; private set; }

    /// <summary>There is no use in reading on.</summary>
    public bool IsFull => _gaveUp || _entries.Count + _unsaid >= Limits.Mistakes;

    public void GiveUp() => _gaveUp = true;

    public int AddFile(string name)
    {
        _files.Add(name);
        return _files.Count - 1;
    }

    public void Add(Code code, Place place, string text)
    {
        if (code.Severity == Severity.Error) HasErrors = true;
        if (code == Code.CannotRead) IsUnreadable = true;
        if (_broken.Contains(place) || !_said.Add((place, code.Number))) return;
        if (_entries.Count < Limits.Diagnostics) _entries.Add((place, code, text));
        else _unsaid++;
    }

    /// <summary>The same, of a value that cannot be used: whatever else would be said about it is but a consequence.</summary>
    public void AddBroken(Code code, Place place, string text)
    {
        Add(code, place, text);
        _broken.Add(place);
    }

    /// <summary><c>web.yaml:3</c>, or <c>line 3</c> if it is the same file.</summary>
    public string Describe(Place place, Place seenFrom) =>
        place.File == seenFrom.File ? $"line {place.Line}" : $"{_files[place.File]}:{place.Line}";

    public IReadOnlyList<Diagnostic> ToDiagnostics()
    {
        var sorted = _entries
            .OrderBy(e => e.Place.File).ThenBy(e => e.Place.Line).ThenBy(e => e.Place.Column).ThenBy(e => e.Code.Number)
            .Select(e => new Diagnostic(e.Code.Id, e.Code.Severity, _files[e.Place.File], e.Place.Line, e.Place.Column, e.Text))
            .ToList();
        if (_unsaid > 0)
        {
            sorted.Add(new(Code.TooMuch.Id, Severity.Error, sorted[^1].File, 0, 0, $"{Wording.Count(_unsaid, "more message")} of this kind, not shown"));
        }
        return sorted;
    }
}
