namespace Lvsctl.Core.Cluster;

/// <summary>What a probe asks, and which answer is a good one. The set is closed.</summary>
public abstract partial record ProbeSpec
{
    ProbeSpec()
    {
    }

    /// <summary>The manifest's word for it: <c>https</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Asked when neither check nor server names a port; null where nothing is usual.</summary>
    public virtual ushort? UsualPort => null;

    /// <summary>Whether it talks to a port at all.</summary>
    public virtual bool NeedsPort => true;

    /// <summary>Healthy when every member is.</summary>
    public sealed record All(ValueList<CheckSpec> Members) : ProbeSpec
    {
        public override string Kind => "all";

        public override bool NeedsPort => false;
    }

    /// <summary>Healthy when one of the members is.</summary>
    public sealed record Any(ValueList<CheckSpec> Members) : ProbeSpec
    {
        public override string Kind => "any";

        public override bool NeedsPort => false;
    }
}
