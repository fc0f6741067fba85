using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Events;

public enum EventLevel
{
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>A kind of event. Machines go by its id, so an id is never given another meaning and never taken away.</summary>
/// <param name="Id">As in <c>server.down</c>.</param>
/// <param name="Topic">What people subscribe to in the manifest's <c>notify</c>; null: in the journal and the log only.</param>
/// <param name="Meaning">One sentence.</param>
public sealed record EventKind(string Id, EventLevel Level, NotifyEvent? Topic, string Meaning)
{
    public override string ToString() => Id;
}
