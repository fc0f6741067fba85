using Lvsctl.Core.Cluster;

namespace Lvsctl.Manifests.Writing;

/// <summary>A kernel's table in the words of a manifest.</summary>
/// <param name="Timeouts">Null: left as they are.</param>
/// <param name="Remarks">What a manifest cannot say about the table as a whole.</param>
public sealed record ExportedTable(IReadOnlyList<ExportedService> Services, TimeoutsSpec? Timeouts, IReadOnlyList<string> Remarks)
{
    /// <summary>Everything that the manifest says otherwise than the kernel, with its place.</summary>
    public IEnumerable<string> AllRemarks =>
        Remarks.Concat(Services.SelectMany(s => s.Remarks.Concat(s.Servers.SelectMany(r => r.Remarks)).Select(text => $"{s.Spec.Listen[0]}: {text}")));
}

public sealed record ExportedService(ServiceSpec Spec, IReadOnlyList<ExportedServer> Servers, IReadOnlyList<string> Remarks);

public sealed record ExportedServer(ServerSpec Spec, IReadOnlyList<string> Remarks);
