using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Director.Running;

/// <summary>What the director has done since it started. Only its own thread writes it; others get a copy in a <see cref="DirectorView"/>.</summary>
public sealed class DirectorCounters
{
    /// <summary>Upper bounds of a probe's duration in seconds; above the last there is one more bucket.</summary>
    public static readonly double[] DurationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>Of all probes by one check, whatever their targets.</summary>
    public sealed class CheckCounters
    {
        public long Up { get; set; }

        public long Down { get; set; }

        public long Unmade { get; set; }

        /// <summary>Seconds, over those that were made.</summary>
        public double Duration { get; set; }

        /// <summary>Not cumulative; one more than there are <see cref="DurationBounds"/>.</summary>
        public long[] Durations { get; init; } = new long[DurationBounds.Length + 1];

        internal CheckCounters Copy() => new() { Up = Up, Down = Down, Unmade = Unmade, Duration = Duration, Durations = [.. Durations] };
    }

    /// <summary>By the check's name and kind.</summary>
    public Dictionary<(string Check, string Kind), CheckCounters> Checks { get; private init; } = [];

    /// <summary>Times that a server came up or went down, by the names of service and server.</summary>
    public Dictionary<(string Service, string Server), (long Ups, long Downs)> Transitions { get; private init; } = [];

    /// <summary>Steps carried out, by what they do.</summary>
    public Dictionary<PlanAction, long> Steps { get; private init; } = [];

    public long StepsFailed { get; set; }

    /// <summary>Over the whole table.</summary>
    public long Passes { get; set; }

    /// <summary>Over just the services whose health had changed.</summary>
    public long HealthPasses { get; set; }

    /// <summary>Of both kinds.</summary>
    public double PassSeconds { get; set; }

    /// <summary>Times that somebody else's changes were mended.</summary>
    public long Drifts { get; set; }

    /// <summary>Times that the kernel could not be talked to.</summary>
    public long KernelErrors { get; set; }

    public long ReloadsDone { get; set; }

    public long ReloadsRefused { get; set; }

    /// <summary>What the last pass took.</summary>
    public double LastPassSeconds { get; set; }

    /// <summary>The longest that a turn of the loop took in seconds, within the last one or two minutes.</summary>
    public double LongestTurn => Math.Max(_longestNow, _longestBefore);

    static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    TimeSpan _minuteEnds;
    double _longestNow;
    double _longestBefore;

    internal void Turned(TimeSpan now, TimeSpan took)
    {
        if (now >= _minuteEnds)
        {
            (_longestBefore, _longestNow) = (now < _minuteEnds + s_minute ? _longestNow : 0, 0);
            _minuteEnds = now + s_minute;
        }
        if (took.TotalSeconds > _longestNow) _longestNow = took.TotalSeconds;
    }

    internal void Probed(string check, string kind, in ProbeOutcome outcome)
    {
        if (!Checks.TryGetValue((check, kind), out var counters)) Checks[(check, kind)] = counters = new();
        switch (outcome.Verdict)
        {
            case ProbeVerdict.Unmade:
                counters.Unmade++;
                return;
            case ProbeVerdict.Up:
                counters.Up++;
                break;
            default:
                counters.Down++;
                break;
        }
        var seconds = outcome.Took.TotalSeconds;
        counters.Duration += seconds;
        var bucket = Array.BinarySearch(DurationBounds, seconds);
        counters.Durations[bucket < 0 ? ~bucket : bucket]++;
    }

    internal void Turned(string service, string server, HealthState to)
    {
        var (ups, downs) = Transitions.GetValueOrDefault((service, server));
        Transitions[(service, server)] = to == HealthState.Up ? (ups + 1, downs) : (ups, downs + 1);
    }

    /// <summary>Another manifest: servers that have gone are forgotten, or names that are never used again would be kept for ever.</summary>
    internal void Keep(ClusterSpec cluster)
    {
        var servers = cluster.Services.SelectMany(s => s.Servers.Select(r => (s.Name, r.Name))).ToHashSet();
        foreach (var gone in Transitions.Keys.Where(t => !servers.Contains(t)).ToList()) Transitions.Remove(gone);
    }

    internal void Stepped(PlanStep step) => Steps[step.Action] = Steps.GetValueOrDefault(step.Action) + 1;

    internal DirectorCounters Copy() => new()
    {
        Checks = Checks.ToDictionary(c => c.Key, c => c.Value.Copy()),
        Transitions = new(Transitions),
        Steps = new(Steps),
        StepsFailed = StepsFailed,
        Passes = Passes,
        HealthPasses = HealthPasses,
        PassSeconds = PassSeconds,
        Drifts = Drifts,
        KernelErrors = KernelErrors,
        ReloadsDone = ReloadsDone,
        ReloadsRefused = ReloadsRefused,
        LastPassSeconds = LastPassSeconds,
        _longestNow = LongestTurn,
    };
}
