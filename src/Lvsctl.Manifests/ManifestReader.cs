using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests;

/// <summary>
/// From text to a cluster, or to everything that is wrong with it. Several files are one manifest: names are unique across them, and
/// none overrides another.
/// </summary>
public static class ManifestReader
{
    /// <summary>Where the manifest is unless somebody says otherwise.</summary>
    public const string DefaultPath = "/etc/lvsctl";

    /// <param name="paths">Files, directories of <c>*.yaml</c> and <c>*.yml</c>, or <c>-</c> for standard input.</param>
    public static ManifestResult Read(IReadOnlyList<string> paths)
    {
        var report = new Report();
        return Read(ManifestFiles.Load(paths, report), new ReadContext(report));
    }

    public static ManifestResult Read(params IEnumerable<ManifestSource> sources) => Read(sources, new ReadContext(new Report()));

    internal static ManifestResult Read(IEnumerable<ManifestSource> sources, ReadContext context)
    {
        var report = context.Report;
        var strings = new StringCache();
        var roots = new List<MapNode>();
        var isComplete = true;
        foreach (var source in sources)
        {
            switch (SourceText.Parse(source, report, strings))
            {
                case MapNode map:
                    roots.Add(map);
                    break;
                case { } other:
                    report.Add(Code.WrongKind, other.Place, $"a manifest is a map, not {other.Kind}; it starts with a line such as 'services:'");
                    isComplete = false;
                    break;
                default:
                    isComplete = false;
                    break;
            }
        }
        context.IsComplete = isComplete && !report.IsUnreadable;
        ClusterSpec? cluster = null;
        if (roots.Count > 0) RootFormat.Instance.TryRead(Sections.Join(roots, context), context, out cluster);
        return new(report.HasErrors ? null : cluster, report.ToDiagnostics(), report.IsUnreadable);
    }
}
