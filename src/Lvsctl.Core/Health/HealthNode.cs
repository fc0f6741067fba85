namespace Lvsctl.Core.Health;

/// <summary>How the health of one server follows from the probed targets. The set is closed.</summary>
public abstract class HealthNode
{
    HealthNode()
    {
    }

    /// <summary>No check: taken for healthy.</summary>
    public static HealthNode Well { get; } = new Always();

    public sealed class Always : HealthNode
    {
        internal Always()
        {
        }
    }

    /// <param name="target">Index in <see cref="ProbePlan.Targets"/>.</param>
    public sealed class Leaf(int target) : HealthNode
    {
        public int Target => target;
    }

    public sealed class All(IReadOnlyList<HealthNode> members) : HealthNode
    {
        public override IReadOnlyList<HealthNode> Members => members;
    }

    public sealed class Any(IReadOnlyList<HealthNode> members) : HealthNode
    {
        public override IReadOnlyList<HealthNode> Members => members;
    }

    public virtual IReadOnlyList<HealthNode> Members => [];

    /// <summary>What is not known stays unknown unless the others decide alone.</summary>
    public HealthState Judge(ReadOnlySpan<HealthTracker> trackers) => this switch
    {
        Leaf leaf => trackers[leaf.Target].State,
        All => Join(HealthState.Down, HealthState.Up, trackers),
        Any => Join(HealthState.Up, HealthState.Down, trackers),
        _ => HealthState.Up,
    };

    HealthState Join(HealthState decisive, HealthState otherwise, ReadOnlySpan<HealthTracker> trackers)
    {
        foreach (var member in Members)
        {
            var state = member.Judge(trackers);
            if (state == decisive) return decisive;
            if (state == HealthState.Unknown) otherwise = HealthState.Unknown;
        }
        return otherwise;
    }

    /// <summary>The first target that makes it down; -1: none.</summary>
    internal int Culprit(ReadOnlySpan<HealthTracker> trackers)
    {
        switch (this)
        {
            case Leaf leaf:
                return trackers[leaf.Target].State == HealthState.Down ? leaf.Target : -1;
            case All or Any:
                foreach (var member in Members)
                {
                    if (member.Judge(trackers) == HealthState.Down && member.Culprit(trackers) is >= 0 and var culprit) return culprit;
                }
                return -1;
            default:
                return -1;
        }
    }

    /// <summary>When it was last all well, as far as anybody knows.</summary>
    internal TimeSpan LastOk(ReadOnlySpan<HealthTracker> trackers)
    {
        if (this is Leaf leaf) return trackers[leaf.Target].LastOk ?? TimeSpan.MinValue;
        var last = this is Any ? TimeSpan.MinValue : TimeSpan.MaxValue;
        foreach (var member in Members)
        {
            var its = member.LastOk(trackers);
            if (this is Any ? its > last : its < last) last = its;
        }
        return last;
    }

    /// <summary>Whose word on the weight is heeded: the first check that asks for one.</summary>
    internal int Speaker(IReadOnlyList<ProbeTarget> targets)
    {
        if (this is Leaf leaf) return targets[leaf.Target].Check.Weight is null ? -1 : leaf.Target;
        foreach (var member in Members)
        {
            if (member.Speaker(targets) is >= 0 and var speaker) return speaker;
        }
        return -1;
    }

    /// <summary>From left to right; a target that stands there twice comes twice.</summary>
    internal void AddTargets(List<int> into)
    {
        if (this is Leaf leaf) into.Add(leaf.Target);
        foreach (var member in Members) member.AddTargets(into);
    }
}
