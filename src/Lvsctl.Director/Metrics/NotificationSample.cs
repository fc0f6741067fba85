namespace Lvsctl.Director.Metrics;

/// <summary>How the deliveries to one target of the manifest's <c>notify</c> stand.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Kind">exec, email or webhook.</param>
/// <param name="FailedAttempts">Deliveries that are tried again.</param>
/// <param name="GivenUp">Not delivered in their time, or lost.</param>
/// <param name="Waiting">In the queue now.</param>
public sealed record NotificationSample(string Target, string Kind, long Delivered, long FailedAttempts, long GivenUp, long Waiting);
