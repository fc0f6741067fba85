using System.Text.Json.Serialization;

namespace Lvsctl.Director.Control;

/// <summary>Which director answers.</summary>
/// <param name="Manifest">Its manifest's paths, as it was given them, made absolute.</param>
public sealed record InfoDocument(string Version, int Pid, DateTimeOffset Started, IReadOnlyList<string> Manifest, string ManifestHash, DateTimeOffset ManifestReadAt, string StateDirectory)
{
    /// <summary>Why a newer manifest is not in force.</summary>
    public string? ManifestRefused { get; init; }

    /// <summary>Of the probed services some has its quorum; null: none is probed, or none was looked at yet.</summary>
    public bool? AnyQuorum { get; init; }

    /// <summary>Seconds that probes were behind their schedule lately, at worst.</summary>
    public double ProbesLate { get; init; }
}

/// <param name="Refused">Why the old manifest stays in force; null: the new one is.</param>
public sealed record ReloadDocument(string? Refused, int Kept, int Added, int Gone)
{
    /// <summary>Why nothing of it but health changes the table yet; null: it does.</summary>
    public string? Waits { get; init; }
}

/// <param name="Objection">Why a reload would refuse the manifest as it is on disk now; null: it would not.</param>
public sealed record ManifestDocument(string? Objection);

/// <param name="Error">What happened and what to do.</param>
/// <param name="ExitCode">What the caller's command should end with; null: 1.</param>
public sealed record ErrorDocument(string Error, int? ExitCode = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InfoDocument))]
[JsonSerializable(typeof(ReloadDocument))]
[JsonSerializable(typeof(ManifestDocument))]
[JsonSerializable(typeof(ErrorDocument))]
public sealed partial class ControlJson : JsonSerializerContext;
