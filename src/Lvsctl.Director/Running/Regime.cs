using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Director.Running;

/// <summary>A manifest with all that follows from it alone; made on any thread, since for ten thousand servers that takes its time.</summary>
sealed record Regime(ClusterSpec Cluster, DesiredTable Manifest, ProbePlan Plan, ManifestFacts Facts)
{
    public static Regime Of(ClusterSpec cluster, IReadOnlyList<string> paths, DateTimeOffset now) =>
        new(cluster, DesiredTableBuilder.Build(cluster), ProbePlan.Of(cluster), new(paths, ManifestPrint.Hash(paths), now, Refused: null));
}
