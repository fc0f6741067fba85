using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Explain;

/// <summary>What a path of keys leads to.</summary>
/// <param name="Path">With NAME where people choose names, and [] where there is a list.</param>
/// <param name="Key">Null for the whole manifest, and for what has a name of its own.</param>
sealed record Destination(string Path, Key? Key, Shape Shape);

/// <summary>
/// Follows a path such as <c>services.web.check.http</c> through the format. Names may be given, left out (<c>services.check.http</c>),
/// or be anything else in their place (<c>services.*.check.http</c>).
/// </summary>
sealed class KeyPath(string[] words)
{
    int _furthest = -1;
    string _furthestPath = "";
    IReadOnlyList<Key> _known = [];

    public static string[] Split(string path) => path.Replace("[", ".").Replace("]", "").Split('.', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public Destination? Follow(Shape root) => Walk(root, 0, "", null);

    /// <summary>What is wrong with a path that leads nowhere.</summary>
    public string Problem =>
        $"there is no '{Wording.Excerpt(words[Math.Min(_furthest, words.Length - 1)])}' {(_furthestPath.Length > 0 ? $"below {_furthestPath}" : "in a manifest")}"
        + (Wording.DidYouMean(words[Math.Min(_furthest, words.Length - 1)], _known.Select(k => k.Name)) is { Length: > 0 } near ? near : $"; known there: {string.Join(", ", _known.Select(k => k.Name))}");

    Destination? Walk(Shape shape, int at, string path, Key? key)
    {
        if (at == words.Length) return new(path, key, shape);
        if (shape is IBlock block)
        {
            if (at > _furthest) (_furthest, _furthestPath, _known) = (at, path, block.Keys);
            return block.Find(words[at]) is { } next ? Walk(next.Shape, at + 1, path.Length == 0 ? next.Name : $"{path}.{next.Name}", next) : null;
        }
        foreach (var part in shape.Parts)
        {
            var below = shape.PathStep is { } step ? path + step : path;
            if (Walk(part, at, below, shape.PathStep is null ? key : null) is { } direct) return direct;
            if (shape.PathStep is not null && Walk(part, at + 1, below, null) is { } named) return named;
        }
        return null;
    }
}
