using Lvsctl.Core.Reconcile;

namespace Lvsctl.Director.Intents;

/// <summary>Turns the intents in force into those that should be, for one server.</summary>
abstract record IntentWish
{
    /// <param name="intents">Those in force.</param>
    /// <param name="server">The manifest's name.</param>
    /// <param name="service">The manifest's name, or null for every service that has such a server.</param>
    public abstract IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service);

    /// <summary>The same wish again, or one for all services, takes the place of the earlier ones.</summary>
    protected static IEnumerable<Intent> Without(IReadOnlyList<Intent> intents, IntentKind? kind, string server, string? service) =>
        intents.Where(i => i.Server != server || (kind is not null && i.Kind != kind) || (service is not null && i.Service != service));
}

sealed record DrainWish(DateTimeOffset Now, TimeSpan Deadline, DrainEnd Then) : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) =>
        [.. Without(intents, IntentKind.Drain, server, service), new Intent(IntentKind.Drain, server, service, Now) { Deadline = Now + Deadline, Then = Then }];
}

sealed record MaintainWish(DateTimeOffset Now) : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) =>
        [.. Without(intents, IntentKind.Maintain, server, service), new Intent(IntentKind.Maintain, server, service, Now)];
}

sealed record WeightWish(DateTimeOffset Now, int Weight) : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) =>
        [.. Without(intents, IntentKind.Weight, server, service), new Intent(IntentKind.Weight, server, service, Now) { Weight = Weight }];
}

sealed record ResumeWish : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) =>
        [.. Without(intents, kind: null, server, service)];
}

/// <summary>Nothing new: what is in force is carried out now, such as the end of a drain.</summary>
sealed record SameWish : IntentWish
{
    public override IReadOnlyList<Intent> Over(IReadOnlyList<Intent> intents, string server, string? service) => intents;
}
