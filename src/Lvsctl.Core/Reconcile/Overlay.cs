using Lvsctl.Core.Model;

namespace Lvsctl.Core.Reconcile;

/// <summary>Lays operators' intents over what the manifest wants.</summary>
public static class Overlay
{
    /// <param name="observed">Tells a drain whether its connections have ended.</param>
    /// <param name="now">Wall time, as in <see cref="Intent.Since"/>.</param>
    public static DesiredTable Lay(IReadOnlyList<Intent> intents, DesiredTable manifest, IReadOnlyList<ObservedPool> observed, DateTimeOffset now)
    {
        if (intents.Count == 0) return manifest;
        var servers = observed.ToDictionary(p => p.Service.Service.Key, p => p.Servers.ToDictionary(s => s.Server.Key));
        return new DesiredTable([.. manifest.Services.Select(service => service with
        {
            Servers = [.. service.Servers.Select(server => Lay(intents, service, server, servers.GetValueOrDefault(service.Service.Key)?.GetValueOrDefault(server.Server.Key), now))],
        })]);
    }

    static DesiredServer Lay(IReadOnlyList<Intent> intents, DesiredService service, DesiredServer server, ObservedServer? there, DateTimeOffset now)
    {
        // Maintenance is the strongest wish, a weight the weakest; of two of a kind the later one holds.
        Intent? Find(IntentKind kind) => intents.LastOrDefault(i => i.Kind == kind && i.Concerns(service.Name, server.Name));

        if (Find(IntentKind.Maintain) is { } maintain)
            return server with { IsOut = true, Because = $"in maintenance since {TimeText.Of(maintain.Since)}" };
        if (Find(IntentKind.Drain) is { } drain) return Drain(drain, service.Service, server, there, now);
        if (Find(IntentKind.Weight) is { } weight)
            return server with { Server = server.Server with { Weight = weight.Weight }, Because = $"weight set to {weight.Weight} at {TimeText.Of(weight.Since)}" };
        return server;
    }

    static DesiredServer Drain(Intent drain, VirtualService service, DesiredServer server, ObservedServer? there, DateTimeOffset now)
    {
        var quiesced = server with { Server = server.Server with { Weight = 0 } };
        var progress = DrainProgress.Of(service, there);
        if (drain.Then == DrainEnd.Hold) return quiesced with { Because = $"held at weight 0 since {TimeText.Of(drain.Since)}{progress.Text}" };
        if (progress.IsDone) return server with { IsOut = true, Because = $"drained at an operator's wish since {TimeText.Of(drain.Since)}" };
        if (drain.Deadline is { } deadline && now >= deadline)
            return server with { IsOut = true, Because = $"drain deadline of {TimeText.Of(deadline)} passed{progress.Text}" };
        var until = drain.Deadline is { } end ? $", until {TimeText.Of(end)} at the latest" : "";
        return quiesced with { IsDraining = true, Because = $"draining since {TimeText.Of(drain.Since)}{until}{progress.Text}" };
    }
}

/// <summary>What still holds a server that is to go.</summary>
/// <param name="IsDone">It can go without cutting anything that waiting would save.</param>
public readonly record struct DrainProgress(bool IsDone, uint Active, uint Inactive, uint Persistent)
{
    /// <param name="there">Null when the kernel does not have the server (any more).</param>
    public static DrainProgress Of(VirtualService service, ObservedServer? there)
    {
        if (there is null) return new(true, 0, 0, 0);
        // UDP flows follow their entry whatever the weight is, and are never counted as active: waiting ends nothing.
        var waits = service.Key.Protocol is not (TransportProtocol.Udp or TransportProtocol.Sctp);
        // At another weight than 0 the next connection may be on its way.
        var isDone = !waits || there is { Server.Weight: 0, ActiveConnections: 0, InactiveConnections: 0, PersistentConnections: 0 };
        return new(isDone, there.ActiveConnections, there.InactiveConnections, there.PersistentConnections);
    }

    internal string Text => (Active, Inactive, Persistent) == (0, 0, 0)
        ? ""
        : $" ({Active} active, {Inactive} inactive{(Persistent > 0 ? $", {Persistent} persistence templates" : "")})";
}
