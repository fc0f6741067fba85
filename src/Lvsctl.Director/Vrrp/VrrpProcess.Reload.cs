using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Vrrp;
using Lvsctl.Director.Control;
using Lvsctl.Director.Probing;

namespace Lvsctl.Director.Vrrp;

// Another manifest: routers that stay keep their state, those that go hand over.
public sealed partial class VrrpProcess
{
    static readonly ReloadOutcome s_stops = new("lvsctl vrrp stops", ExitCode.Failed);

    readonly List<Action<ReloadOutcome>> _reloadsAsked = [];

    /// <param name="done">Gets what came of it.</param>
    void BeginReload(Action<ReloadOutcome> done)
    {
        if (_stopBy != TimeSpan.MaxValue)
        {
            done(s_stops);
            return;
        }
        if (_isReloading)
        {
            // The file may have changed since it was read.
            _reloadsAsked.Add(done);
            return;
        }
        _isReloading = true;
        // Disks are slow, and so is a long manifest.
        _reader.Do(() =>
        {
            var (cluster, part, trouble) = ReadAgain();
            Post(() => EndReload(cluster, part, trouble, done));
        });
    }

    (ClusterSpec?, OwnPart?, string) ReadAgain()
    {
        var reading = _host.ReadManifest();
        if (reading.Cluster is not { } cluster) return (null, null, reading.Trouble);
        try
        {
            var part = _host.PartIn(cluster);
            // Before any of the new ones is there; the old ones are there still.
            _list.Write(AllAddresses(part).Union(AllAddresses(_part)).ToList());
            if (cluster.Control != _control) _door.Give(cluster.Control);
            return (cluster, part, "");
        }
        catch (Exception e) when (e is VrrpException or IOException or UnauthorizedAccessException)
        {
            return (null, null, e.Message);
        }
    }

    void EndReload(ClusterSpec? cluster, OwnPart? part, string trouble, Action<ReloadOutcome> done)
    {
        _isReloading = false;
        done(_stopBy != TimeSpan.MaxValue ? s_stops : Adopt(cluster, part, trouble));
        Shorten();
        if (_reloadsAsked.Count == 0) return;
        List<Action<ReloadOutcome>> asked = [.. _reloadsAsked];
        _reloadsAsked.Clear();
        BeginReload(outcome => asked.ForEach(a => a(outcome)));
    }

    ReloadOutcome Adopt(ClusterSpec? cluster, OwnPart? part, string trouble)
    {
        if (cluster is null || part is null)
        {
            Tell(DirectorEvents.ReloadRefused(trouble));
            return new(trouble, ExitCode.ManifestInvalid);
        }
        // Whoever started this process knows it by its socket, so it stays.
        if (cluster.Control.Socket != _control.Socket) Tell(DirectorEvents.Warning($"control.socket is another in the manifest now; lvsctl vrrp goes on listening at {_host.Socket} until it is started again"));
        _control = cluster.Control;
        Track(cluster);
        Take(part);
        Adopted?.Invoke(cluster);
        Tell(DirectorEvents.VrrpReloaded(_live.Runs.Count));
        return default;
    }

    void Take(OwnPart part)
    {
        var before = _live.Runs;
        _part = part;
        var added = new Dictionary<RouterRun, IReadOnlyList<int>>();
        var gone = new List<OwnAddress>();
        var runs = new List<RouterRun>();
        foreach (var next in part.Routers)
        {
            // Another version, id or family is another router.
            var run = before.FirstOrDefault(r => r.Name == next.Name && r.Part.Spec.Id == next.Spec.Id && r.Part.Spec.Version == next.Spec.Version && r.Part.Family == next.Family && r.Part.Spec.Interface == next.Spec.Interface);
            if (run is null)
            {
                runs.Add(new(next, _host.Clock.GetUtcNow()));
                continue;
            }
            if (run.Election.HoldsAddresses) gone.AddRange(run.Addresses);
            added[run] = run.Take(next);
            run.Ledger.Reset();
            runs.Add(run);
        }
        var leaving = before.Except(runs).ToList();
        _live = new(runs);
        if (leaving.Count > 0) _leaving.Add(new(leaving));
        foreach (var run in runs) Look(run);
        OpenPorts();
        // Priority 0 is said before others begin, perhaps with the same addresses, which are here as long as somebody of us is master with them.
        if (leaving.Count > 0)
        {
            var last = _leaving[^1];
            for (var i = 0; i < leaving.Count; i++) Step(last, i, ElectionInput.Stop);
        }
        foreach (var address in gone.Where(a => !IsHeld(a))) Remove("", address);
        for (var i = 0; i < runs.Count; i++)
        {
            if (!added.TryGetValue(runs[i], out var news))
            {
                Begin(i);
                continue;
            }
            _live.Elections.Reload(i, runs[i].Settings, news, Now, _outputs);
            CarryOut(_live);
            Weigh(_live, i);
        }
        SyncConnections();
    }

    void Track(ClusterSpec cluster)
    {
        _tracking?.Dispose();
        var specs = _part.Routers.SelectMany(r => r.Spec.Track.AsEnumerable()).Where(t => t is not TrackSpec.Interface).Distinct().ToList();
        _tracking = specs.Count == 0 ? null : new Tracking(specs, cluster, _host.Clock, (spec, isWell) => Post(() => Standing(spec, isWell)));
    }

    /// <param name="Refused">Null: the manifest is in force.</param>
    readonly record struct ReloadOutcome(string? Refused, ExitCode Code);
}
