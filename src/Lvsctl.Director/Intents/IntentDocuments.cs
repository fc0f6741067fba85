using System.Text.Json.Serialization;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Control;

namespace Lvsctl.Director.Intents;

/// <summary>What an operator asks of a server.</summary>
/// <param name="Kind"><c>drain</c>, <c>maintain</c>, <c>weight</c>, <c>resume</c>, or <c>finish</c>: what was asked before is carried out as far as it can be now.</param>
/// <param name="Server">The manifest's name: <c>rs1</c>, or with its service <c>web/rs1</c>.</param>
public sealed record IntentRequest(string Kind, string Server)
{
    public string? Service { get; init; }

    /// <summary>Of a drain: <c>10m</c>, which is the default.</summary>
    public string? Deadline { get; init; }

    /// <summary>Of a drain: <c>remove</c>, the default, or <c>hold</c>.</summary>
    public string? Then { get; init; }

    /// <summary>Of a weight: 0..2147483647.</summary>
    public int? Weight { get; init; }

    /// <summary><c>2</c> or <c>50%</c>; null: the manifest's.</summary>
    public string? MaxUnavailable { get; init; }

    public int? MaxDeletes { get; init; }

    public bool Force { get; init; }

    /// <summary>How long to wait for another lvsctl that is at work; null: 10s.</summary>
    public string? Patience { get; init; }
}

/// <summary>What became of it.</summary>
/// <param name="ExitCode">As the verb ends with it.</param>
/// <param name="Applied">False: the gate refused, and nothing was changed.</param>
/// <param name="Notes">What people should know, and how things stand where there was nothing to do.</param>
/// <param name="Steps">What was to be done.</param>
/// <param name="Done">How many of them were.</param>
public sealed record IntentAnswer(
    ExitCode ExitCode,
    bool Applied,
    IReadOnlyList<string> Notes,
    IReadOnlyList<StepDocument> Steps,
    int Done,
    IReadOnlyList<FailureDocument> Failed,
    int NotTried,
    IReadOnlyList<Refusal> Refusals,
    IReadOnlyList<CapacityDocument> Capacity)
{
    /// <summary>Said after all else.</summary>
    public string? Remark { get; init; }

    /// <summary>Now in force; null: nothing new is.</summary>
    public Intent? Intent { get; init; }
}

/// <param name="ServiceKey">As <see cref="Core.Model.ServiceKey.ToString"/> writes it.</param>
/// <param name="ServerKey">Null when the step is about the service itself.</param>
public sealed record StepDocument(
    PlanAction Action, string Service, string ServiceKey, string? Server, string? ServerKey, IReadOnlyList<FieldChange> Fields, string? Because, long ConnectionsCut)
{
    public static StepDocument Of(PlanStep step) =>
        new(step.Action, step.Service, step.ServiceKey.ToString(), step.Server, step.ServerKey?.ToString(), step.Fields, step.Because, step.ConnectionsCut);
}

/// <param name="Where"><c>web/rs1</c>.</param>
public sealed record FailureDocument(string Where, string Why);

public sealed record CapacityDocument(string Service, int CanLose);

/// <summary>How far a drain is, over all the services that have the server.</summary>
/// <param name="Intents">In force for the server.</param>
public sealed record DrainDocument(IReadOnlyList<Intent> Intents, long Active, long Inactive, long Persistent)
{
    [JsonIgnore]
    public bool IsDone => (Active, Inactive, Persistent) == (0, 0, 0);

    [JsonIgnore]
    public string Text => $"{Active} active and {Inactive} inactive connections, {Persistent} persistence templates";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(IntentRequest))]
[JsonSerializable(typeof(IntentAnswer))]
[JsonSerializable(typeof(DrainDocument))]
public sealed partial class IntentJson : JsonSerializerContext;
