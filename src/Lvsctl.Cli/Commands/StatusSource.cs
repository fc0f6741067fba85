using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Control;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Director.Status;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

/// <summary>Where the status comes from: the daemon, or else the kernel, the manifest and the state.</summary>
sealed class StatusSource : IDisposable
{
    readonly Workplace _workplace;
    readonly DaemonWay? _daemon;
    readonly IpvsClient? _kernel;
    readonly ClusterSpec? _cluster;
    readonly StateStore? _store;

    StatusSource(Workplace workplace, DaemonWay? daemon, ClusterSpec? cluster, StateStore? store)
    {
        (_workplace, _daemon, _cluster, _store) = (workplace, daemon, cluster, store);
        if (daemon is null) _kernel = workplace.OpenKernel();
    }

    public static async Task<StatusSource> OpenAsync(Workplace workplace, PlanSettings settings, ParseResult parsed, CancellationToken cancellation)
    {
        var (cluster, hasErrors) = Manifest(parsed, settings);
        var daemon = await DaemonWay.FindAsync(workplace, settings, parsed, cluster, mustBeAsked: false, cancellation).ConfigureAwait(false);
        if (daemon is null && hasErrors)
            parsed.InvocationConfiguration.Error.WriteLine($"lvsctl: the manifest in {ManifestReader.DefaultPath} has errors ('lvsctl validate' lists them); this is the kernel's table alone");
        return new(workplace, daemon, cluster, cluster is null ? null : settings.Store(parsed, cluster, workplace.Clock));
    }

    public bool IsDaemon => _daemon is not null;

    public async Task<StatusDocument> ReadAsync(CancellationToken cancellation)
    {
        if (_daemon is not null) return await _daemon.Client.GetAsync(OperatorRoutes.Status, StatusJson.Default.StatusDocument, cancellation).ConfigureAwait(false);
        var info = _kernel!.GetInfo();
        if (_cluster is null) return StatusReport.WithoutManifest(info, _kernel.ReadTableOnce());
        var planned = new Reconciler(_kernel, _store!, _workplace.Clock, KnownHealth.In(_store!, _cluster, _workplace.Clock)).Plan(DesiredTableBuilder.Build(_cluster), PlanOptions.Default);
        return StatusReport.Of(info, planned, _store!.Read(), KnownHealth.Facts(_store, _cluster, _workplace.Clock));
    }

    // Nobody has to have a manifest; whoever names one wants it read.
    internal static (ClusterSpec? Cluster, bool HasErrors) Manifest(ParseResult parsed, PlanSettings settings)
    {
        if (parsed.GetResult(settings.Manifest) is { Implicit: false }) return (ManifestInput.Read(parsed, settings.Manifest), false);
        var result = ManifestReader.Read([ManifestReader.DefaultPath]);
        return (result.Cluster, result.Cluster is null && !result.IsUnreadable);
    }

    public void Dispose()
    {
        _daemon?.Dispose();
        _kernel?.Dispose();
    }
}
