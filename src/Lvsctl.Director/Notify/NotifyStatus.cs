namespace Lvsctl.Director.Notify;

/// <summary>How one target is doing, since the start.</summary>
/// <param name="Kind"><c>exec</c>, <c>email</c> or <c>webhook</c>.</param>
/// <param name="Failed">Tries in vain.</param>
/// <param name="Waiting">Events that are to be told yet.</param>
/// <param name="LastSuccess">Null: none yet.</param>
/// <param name="Trouble">Why it could not be told last; null: it could.</param>
public sealed record NotifyStatus(string Name, string Kind, long Delivered, long Failed, long GivenUp, long Waiting, DateTimeOffset? LastSuccess, string? Trouble);
