using Polly;
using Polly.Retry;

namespace Lvsctl.Director.Notify;

/// <summary>When to try again: soon at first, then less and less often, never all at the same moment. Without end; the caller has one.</summary>
sealed class RetryPlan(TimeProvider clock)
{
    static readonly TimeSpan s_first = TimeSpan.FromSeconds(1);

    /// <summary>Also between tries of what was refused outright.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome.Exception is DeliveryException),
        MaxRetryAttempts = int.MaxValue,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = s_first,
        MaxDelay = Longest,
        DelayGenerator = static attempt => ValueTask.FromResult<TimeSpan?>(attempt.Outcome.Exception is DeliveryException { IsRefusal: true } ? Longest : null),
    }).Build();

    /// <exception cref="OperationCanceledException">The time was over before it succeeded.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken patience) =>
        await _pipeline.ExecuteAsync(static async (run, _) => await run().ConfigureAwait(false), attempt, patience).ConfigureAwait(false);
}
