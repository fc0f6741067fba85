using Lvsctl.Director.Running;

namespace Lvsctl.Director.Metrics;

/// <summary>One view of the director for all who look at about the same time: however many they are, they cost its thread no more.</summary>
sealed class SharedView(Func<Task<DirectorView>> look, TimeProvider clock)
{
    static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    readonly Lock _one = new();
    Task<DirectorView>? _last;
    long _at;

    /// <exception cref="TimeoutException">The director does not answer.</exception>
    /// <exception cref="OperationCanceledException">The director stops, or nobody waits for the answer any more.</exception>
    public Task<DirectorView> GetAsync(CancellationToken cancellation)
    {
        lock (_one)
        {
            // Who waits for it already is not asked again.
            var isOver = _last is null || _last.IsCompleted && (!_last.IsCompletedSuccessfully || clock.GetElapsedTime(_at) >= s_fresh);
            if (isOver) (_last, _at) = (look(), clock.GetTimestamp());
            return _last!.WaitAsync(s_patience, clock, cancellation);
        }
    }
}
