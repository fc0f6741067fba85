using System.Text.Json.Serialization;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Director.State;

public enum ConfirmationOutcome
{
    Pending,
    Confirmed,
    RolledBack,

    /// <summary>It was rolled back, and somebody has applied a manifest since.</summary>
    Superseded,
}

/// <summary>An apply that stays only if somebody confirms it in time, with all that it takes to undo it.</summary>
/// <param name="Id">Tells one from the next.</param>
/// <param name="Deadline">Wall time: whoever finds it may be another process.</param>
/// <param name="Boot">Which start of the kernel it was; the table of another is gone, and with it what there was to undo.</param>
/// <param name="Settings">Of the director's kernel, with their values before.</param>
/// <param name="Before">What was lvsctl's, and what was leaving, before.</param>
/// <param name="Gained">What became lvsctl's by it.</param>
public sealed record PendingConfirmation(
    Guid Id,
    DateTimeOffset Deadline,
    string? Boot,
    ConfirmationOutcome Outcome,
    Snapshot Snapshot,
    IReadOnlyList<SettingChange> Settings,
    DirectorState Before,
    Ownership Gained);

/// <summary>It as it is on disk.</summary>
/// <param name="Version">Of this form. A reader that does not know it must not guess.</param>
sealed record ConfirmationDocument(
    int Version,
    Guid Id,
    DateTimeOffset Deadline,
    string? Boot,
    ConfirmationOutcome Outcome,
    IReadOnlyList<ConfirmationDocument.Service> Services,
    IReadOnlyList<ConfirmationDocument.Server> Servers,
    IReadOnlyList<ConfirmationDocument.Setting> Settings,
    StateDocument Before,
    StateDocument Gained)
{
    const int CurrentVersion = 1;

    public sealed record Service(string Key, string Name, ServiceBefore? Before);

    public sealed record ServiceBefore(string Scheduler, ServiceFlags Flags, uint PersistenceTimeout, uint Netmask, string? PersistenceEngine)
    {
        public static ServiceBefore From(VirtualService s) => new(s.Scheduler, s.Flags, s.PersistenceTimeout, s.Netmask, s.PersistenceEngine);

        public VirtualService At(ServiceKey key) =>
            new(key) { Scheduler = Scheduler, Flags = Flags, PersistenceTimeout = PersistenceTimeout, Netmask = Netmask, PersistenceEngine = PersistenceEngine };
    }

    public sealed record Server(string Service, string Key, string Name, ServerBefore? Before);

    public sealed record ServerBefore(ForwardingMethod Forward, int Weight, uint UpperThreshold, uint LowerThreshold, TunnelType Tunnel, ushort TunnelPort, TunnelChecksum TunnelChecksum)
    {
        public static ServerBefore From(RealServer s) => new(s.Forward, s.Weight, s.UpperThreshold, s.LowerThreshold, s.Tunnel.Type, s.Tunnel.Port, s.Tunnel.Checksum);

        public RealServer At(RealServerKey key) => new(key)
        {
            Forward = Forward,
            Weight = Weight,
            UpperThreshold = UpperThreshold,
            LowerThreshold = LowerThreshold,
            Tunnel = new(Tunnel, TunnelPort, TunnelChecksum),
        };
    }

    public sealed record Setting(string Name, string Place, string? Before, string After);

    public static ConfirmationDocument From(PendingConfirmation p) => new(
        CurrentVersion, p.Id, p.Deadline, p.Boot, p.Outcome,
        [.. p.Snapshot.Services.Select(s => new Service(s.Key.ToString(), s.Name, s.Before is { } before ? ServiceBefore.From(before) : null))],
        [.. p.Snapshot.Servers.Select(s => new Server(s.Service.ToString(), s.Key.ToString(), s.Name, s.Before is { } before ? ServerBefore.From(before) : null))],
        [.. p.Settings.Select(s => new Setting(s.Name, s.Place, s.Before, s.After))],
        StateDocument.From(p.Before),
        StateDocument.From(DirectorState.Empty with { Ownership = p.Gained }));

    /// <exception cref="FormatException">It is none that this version understands.</exception>
    public PendingConfirmation ToConfirmation()
    {
        if (Version != CurrentVersion) throw new FormatException($"its version is {Version}; this lvsctl knows {CurrentVersion}");
        var services = Services.Select(s => (Key: StateDocument.Service(s.Key), s.Name, s.Before)).Select(s => new TouchedService(s.Key, s.Name, s.Before?.At(s.Key)));
        var servers = Servers.Select(s => (Service: StateDocument.Service(s.Service), Key: StateDocument.Server(s.Key), s.Name, s.Before))
            .Select(s => new TouchedServer(s.Service, s.Key, s.Name, s.Before?.At(s.Key)));
        return new(Id, Deadline, Boot, Outcome, new Snapshot([.. services], [.. servers]),
            [.. Settings.Select(s => new SettingChange(s.Name, s.Place, s.Before, s.After))], Before.ToState(), Gained.ToState().Ownership);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ConfirmationDocument))]
sealed partial class ConfirmationJson : JsonSerializerContext;
