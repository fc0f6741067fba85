using System.Text.Json;
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
sealed record ConfirmationDocument(
    int Version,
    Guid Id,
    DateTimeOffset Deadline,
    string? Boot,
    ConfirmationOutcome Outcome,
    Snapshot Snapshot,
    IReadOnlyList<SettingChange> Settings,
    StateDocument Before,
    StateDocument Gained)
{
    const int CurrentVersion = 1;

    public static ConfirmationDocument From(PendingConfirmation p) =>
        new(CurrentVersion, p.Id, p.Deadline, p.Boot, p.Outcome, p.Snapshot, p.Settings, StateDocument.From(p.Before), StateDocument.From(DirectorState.Empty with { Ownership = p.Gained }));

    /// <exception cref="FormatException">It is none that this version understands.</exception>
    public PendingConfirmation ToConfirmation() => Version == CurrentVersion
        ? new(Id, Deadline, Boot, Outcome, Snapshot, Settings, Before.ToState(), Gained.ToState().Ownership)
        : throw new FormatException($"its version is {Version}; this lvsctl knows {CurrentVersion}");
}

sealed class ServiceKeyConverter : JsonConverter<ServiceKey>
{
    public override ServiceKey Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        KeyText.TryReadService(reader.GetString() ?? "", out var key) ? key : throw new JsonException("no virtual service");

    public override void Write(Utf8JsonWriter writer, ServiceKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

sealed class RealServerKeyConverter : JsonConverter<RealServerKey>
{
    public override RealServerKey Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        KeyText.TryReadServer(reader.GetString() ?? "", out var key) ? key : throw new JsonException("no real server");

    public override void Write(Utf8JsonWriter writer, RealServerKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(ServiceKeyConverter), typeof(RealServerKeyConverter)])]
[JsonSerializable(typeof(ConfirmationDocument))]
sealed partial class ConfirmationJson : JsonSerializerContext;
