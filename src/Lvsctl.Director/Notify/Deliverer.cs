using Lvsctl.Director.Events;

namespace Lvsctl.Director.Notify;

/// <summary>Carries events to one target. It is asked for one delivery at a time.</summary>
abstract class Deliverer : IDisposable
{
    /// <summary>Events that may go together.</summary>
    public virtual int MostAtOnce => 1;

    /// <summary>How long it is worth waiting for more of them.</summary>
    public virtual TimeSpan Gathers => TimeSpan.Zero;

    /// <param name="events">In order; at least one. After a failure the same ones come again, or those of them that are not too old by then.</param>
    /// <returns>What people should know although it was delivered; null: nothing.</returns>
    /// <exception cref="DeliveryException">It was not delivered.</exception>
    public abstract Task<string?> DeliverAsync(IReadOnlyList<JournalEntry> events, CancellationToken cancellation);

    public virtual void Dispose()
    {
    }
}
