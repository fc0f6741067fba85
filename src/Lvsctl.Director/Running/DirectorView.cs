using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Running;

/// <summary>How the director sees the world at one moment, for threads other than its own; nothing in it changes any more.</summary>
/// <param name="Trackers">By target of the plan. Their times are of the clock that <paramref name="Now"/> is of.</param>
/// <param name="States">By service of the plan and server of the manifest.</param>
/// <param name="Services">By service of the plan, as of the last pass.</param>
/// <param name="Last">The last pass over the kernel's table; null before the first, and where the kernel could not be talked to since.</param>
/// <param name="State">Intents, and who leaves.</param>
public sealed record DirectorView(
    ClusterSpec Cluster,
    ManifestFacts Manifest,
    ProbePlan Plan,
    IReadOnlyList<HealthTracker> Trackers,
    IReadOnlyList<IReadOnlyList<HealthState>> States,
    IReadOnlyList<ServiceStatus> Services,
    PassView? Last,
    DirectorState State,
    DirectorCounters Counters,
    TimeSpan Now,
    DateTimeOffset Wall)
{
    public DateTimeOffset Started { get; init; }

    /// <summary>Why the kernel's table cannot be seen to; null: it can.</summary>
    public string? Trouble { get; init; }

    /// <summary>What people have to confirm first, or took back; null: nothing waits for people.</summary>
    public string? Waits { get; init; }

    /// <summary>Something has changed since the last pass, and the next one is about to come.</summary>
    public bool IsBehind { get; init; }

    /// <summary>See <see cref="Probing.ProbeRunner.Late"/>.</summary>
    public TimeSpan ProbesLate { get; init; }

    /// <summary>Probes under way or in line.</summary>
    public int Pending { get; init; }

    /// <summary>Of the services whose servers are probed some has its quorum and somebody who is not known to be sick; null: none is probed, or none was looked at yet.</summary>
    public bool? AnyQuorum
    {
        get
        {
            if (Last is null) return null;
            bool? any = null;
            for (var i = 0; i < Services.Count && any != true; i++)
            {
                if (States[i].Count > 0) any = Services[i].HasQuorum && States[i].Any(s => s != HealthState.Down);
            }
            return any;
        }
    }

    public DateTimeOffset WallOf(TimeSpan time) => Wall + (time - Now);
}

/// <param name="Planned">The table as it was read, and as it is wanted with health and intents.</param>
/// <param name="Report">Null: there was nothing to do, or the gate refused and health wanted nothing.</param>
/// <param name="Refusals">Why the safety gate refused what else is wanted.</param>
/// <param name="LastSuccess">When the kernel's table was last known to be as wanted.</param>
public sealed record PassView(PlannedTable Planned, ApplyReport? Report, IReadOnlyList<Refusal> Refusals, DateTimeOffset At, DateTimeOffset? LastSuccess)
{
    /// <summary>With some services as they are wanted and as they are in the kernel since.</summary>
    public PassView With(DesiredTable desired, IReadOnlyList<ObservedPool> observed)
    {
        var wanted = desired.Services.ToDictionary(s => s.Service.Key);
        var there = observed.ToDictionary(p => p.Service.Service.Key);
        return this with
        {
            Planned = Planned with
            {
                Desired = new([.. Planned.Desired.Services.Select(s => wanted.GetValueOrDefault(s.Service.Key, s))]),
                Observed = [.. Planned.Observed.Select(p => there.GetValueOrDefault(p.Service.Service.Key, p))],
            },
            Report = Report is null ? null : Report with { Done = [.. Report.Done.Where(s => !there.ContainsKey(s.ServiceKey))] },
        };
    }
}

/// <param name="Paths">As they were given.</param>
/// <param name="Hash">Tells versions of the files apart: 16 hexadecimal digits.</param>
/// <param name="ReadAt">When the manifest in force was read.</param>
/// <param name="Refused">Why a newer one is not in force; null: there is none, or it is.</param>
public sealed record ManifestFacts(IReadOnlyList<string> Paths, string Hash, DateTimeOffset ReadAt, string? Refused);
