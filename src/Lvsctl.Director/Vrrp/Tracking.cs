using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Probing;

namespace Lvsctl.Director.Vrrp;

/// <summary>Watches what routers depend on besides interfaces: checks, files, processes, and the director. On a thread of its own, as looking takes time.</summary>
sealed class Tracking : IDisposable
{
    static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    readonly IReadOnlyList<TrackSpec> _specs;
    readonly bool?[] _told;
    readonly Action<TrackSpec, bool?> _tell;
    readonly ClusterSpec _cluster;
    readonly TimeProvider _clock;
    readonly DirectorHealth _director;
    readonly Thread _thread;
    volatile bool _isOver;
    ProbeEngine? _engine;

    /// <param name="tell">Called on the tracking thread with everything that turned; at first with all that is known.</param>
    public Tracking(IReadOnlyList<TrackSpec> specs, ClusterSpec cluster, TimeProvider clock, Action<TrackSpec, bool?> tell)
    {
        (_specs, _cluster, _clock, _tell) = (specs, cluster, clock, tell);
        _told = new bool?[specs.Count];
        _director = DirectorHealth.At(cluster.Control.Socket);
        _thread = new Thread(Watch) { Name = "vrrp-track", IsBackground = true };
        _thread.Start();
    }

    void Watch()
    {
        using var engine = _engine = new ProbeEngine(ProbeSettings.Of(_cluster.Daemon), _clock);
        var checks = Enumerable.Range(0, _specs.Count).Where(i => _specs[i] is TrackSpec.Check).ToList();
        var monitor = new HealthMonitor(ProbePlan.Of(PlanFor(checks.Select(i => (TrackSpec.Check)_specs[i]))), null, [], engine.Now, _clock.GetUtcNow());
        var runner = new ProbeRunner(engine, monitor);
        TimeSpan? looked = null;
        while (!_isOver)
        {
            if (looked is null || engine.Now - looked >= s_look)
            {
                looked = engine.Now;
                LookAtFilesAndProcesses();
            }
            runner.Pump(looked.Value + s_look - engine.Now, static (int _, in ProbeOutcome _, HealthChange? _) => { });
            for (var c = 0; c < checks.Count; c++) Judge(checks[c], monitor.StateOf(new(c, 0)) switch { HealthState.Up => true, HealthState.Down => false, _ => null });
        }
    }

    /// <summary>
    /// Each check as the one server of a service of its own, so that rise, fall, flapping and combinations are what they are for servers. The
    /// services are firewall marks: those have no port that a server would have to have too.
    /// </summary>
    internal static ClusterSpec PlanFor(IEnumerable<TrackSpec.Check> checks) => new()
    {
        Services = checks.Select((track, number) =>
        {
            var address = track.Address ?? track.Spec.Address ?? IPAddress.Loopback;
            return new ServiceSpec($"track{number}")
            {
                Listen = [ServiceKey.Marked((uint)number + 1, address.Family())],
                Servers = [new ServerSpec("target", address) { Port = track.Port, Check = track.Spec }],
            };
        }).ToValueList(),
    };

    void LookAtFilesAndProcesses()
    {
        HashSet<string>? processes = null;
        for (var i = 0; i < _specs.Count; i++)
        {
            switch (_specs[i])
            {
                case TrackSpec.File file:
                    Judge(i, File.Exists(file.Path));
                    break;
                case TrackSpec.Process process:
                    Judge(i, (processes ??= RunningPrograms.Names()).Contains(RunningPrograms.Cut(process.Name)));
                    break;
                case TrackSpec.Director director:
                    Judge(i, _director.Look(director.Troubles));
                    break;
            }
        }
    }

    void Judge(int index, bool? isWell)
    {
        if (isWell is null || _told[index] == isWell) return;
        _told[index] = isWell;
        if (!_isOver) _tell(_specs[index], isWell);
    }

    /// <summary>Nothing is told afterwards, save what was being told.</summary>
    public void Dispose()
    {
        _isOver = true;
        _engine?.Poller.Wake();
    }
}
