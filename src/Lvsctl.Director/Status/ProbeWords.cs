using Lvsctl.Core.Health;

namespace Lvsctl.Director.Status;

/// <summary>What probes found, in words.</summary>
static class ProbeWords
{
    /// <summary>Of the last probe; of an earlier process's probes the last failure, where that is why the server is down. Null: nothing was learnt yet.</summary>
    public static string? Evidence(in HealthTracker tracker) =>
        tracker.Last is { } last ? Of(last) : tracker.State == HealthState.Down && tracker.Failure is { } failure ? Of(failure.Reason, failure.Detail) : null;

    public static string Of(in ProbeOutcome outcome) => Of(outcome.Reason, outcome.Detail);

    /// <summary><c>connection refused</c>, <c>not the expected answer: status 503</c>.</summary>
    public static string Of(ProbeReason reason, string? detail) => detail is null || detail == reason.Words() ? reason.Words() : reason == ProbeReason.Ok ? detail : $"{reason.Words()}: {detail}";
}
