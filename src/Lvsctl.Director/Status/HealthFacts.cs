using Lvsctl.Core.Health;
using Lvsctl.Director.Running;

namespace Lvsctl.Director.Status;

/// <summary>What is known of the servers' health at one moment: the daemon's own knowledge, or what the last run left on disk.</summary>
/// <param name="Trackers">By target of the plan.</param>
/// <param name="States">By service of the plan and server of the manifest.</param>
/// <param name="Services">By service of the plan.</param>
/// <param name="Now">Of the clock that the trackers' times are of.</param>
public sealed record HealthFacts(
    ProbePlan Plan,
    IReadOnlyList<HealthTracker> Trackers,
    IReadOnlyList<IReadOnlyList<HealthState>> States,
    IReadOnlyList<ServiceStatus> Services,
    TimeSpan Now,
    DateTimeOffset Wall)
{
    /// <summary>Somebody probes at this moment.</summary>
    public bool IsLive { get; init; }

    public static HealthFacts Of(DirectorView view) => new(view.Plan, view.Trackers, view.States, view.Services, view.Now, view.Wall) { IsLive = true };

    public DateTimeOffset WallOf(TimeSpan time) => Wall + (time - Now);

    /// <summary>The target that decides about a server: the first that makes it down, else the first at all; -1: no check looks at it.</summary>
    public int Decisive(HealthNode node)
    {
        var targets = Targets(node);
        var state = Judge(node);
        foreach (var target in targets)
        {
            if (Trackers[target].State == state && state == HealthState.Down) return target;
        }
        foreach (var target in targets)
        {
            if (Trackers[target].State == state) return target;
        }
        return targets.Count == 0 ? -1 : targets[0];
    }

    public HealthState Judge(HealthNode node) => node.Judge(_trackers ??= [.. Trackers]);

    /// <summary>From left to right, each once.</summary>
    public static IReadOnlyList<int> Targets(HealthNode node)
    {
        var found = new List<int>();
        Add(node);
        return found;

        void Add(HealthNode each)
        {
            if (each is HealthNode.Leaf leaf && !found.Contains(leaf.Target)) found.Add(leaf.Target);
            foreach (var member in each.Members) Add(member);
        }
    }

    HealthTracker[]? _trackers;
}
