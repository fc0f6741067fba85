using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Manifests;

/// <param name="Cluster">Null if there is an error.</param>
/// <param name="Diagnostics">In the order of files, lines and columns.</param>
/// <param name="IsUnreadable">A file or directory is not there, or may not be read.</param>
public sealed record ManifestResult(ClusterSpec? Cluster, IReadOnlyList<Diagnostic> Diagnostics, bool IsUnreadable)
{
    public IEnumerable<Diagnostic> Errors => Diagnostics.Where(d => d.Severity == Severity.Error);

    public IEnumerable<Diagnostic> Warnings => Diagnostics.Where(d => d.Severity == Severity.Warning);
}
