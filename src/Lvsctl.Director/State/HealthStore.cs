using System.Text.Json;
using System.Text.Json.Serialization;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.State;

/// <summary>
/// Keeps what is known of the servers' health, in a file of its own beside the state: it can be learnt anew, so unlike the state it is not
/// worth stopping for when it is damaged.
/// </summary>
public sealed class HealthStore(string directory)
{
    const int CurrentVersion = 1;
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path { get; } = System.IO.Path.Combine(directory, "health.json");

    /// <param name="trouble">Why what is there is not used; null where there is nothing or all is well.</param>
    /// <returns>Null where nothing is known.</returns>
    public HealthDocument? Read(out string? trouble)
    {
        trouble = null;
        try
        {
            using var file = File.OpenRead(Path);
            var document = JsonSerializer.Deserialize(file, HealthJson.Default.HealthDocument) ?? throw new FormatException("it is empty");
            if (document.Version != CurrentVersion) throw new FormatException($"its version is {document.Version}; this lvsctl knows {CurrentVersion}");
            // Of a list's elements the reader of JSON does not know that they may not be null.
            var (_, targets, services) = document.Health;
            if (targets.Contains(null!) || services.Any(s => s is null || s.Servers.Contains(null!))) throw new FormatException("there is nothing where something should be");
            return document;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            trouble = $"{Path} cannot be used ({e.Message}): servers stay as they are in the kernel until they have been probed often enough; the file will be written anew";
            return null;
        }
    }

    /// <exception cref="StateException">The file cannot be written; the old one is still there.</exception>
    public void Write(HealthDocument health)
    {
        try
        {
            AtomicFile.CreateDirectory(directory);
            AtomicFile.Write(Path, Mode, file => JsonSerializer.Serialize(file, health with { Version = CurrentVersion }, HealthJson.Default.HealthDocument));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StateException(StateProblem.NotPermitted, $"no permission for {Path}: run as root, or choose another directory with --state-dir", e);
        }
        catch (IOException e)
        {
            throw new StateException(StateProblem.File, $"cannot write {Path}: {e.Message}; what was learnt of the servers is lost, the kernel's table is not", e);
        }
    }
}

/// <param name="Told">Warnings with the time they were last told.</param>
public sealed record HealthDocument(HealthSnapshot Health, IReadOnlyDictionary<string, DateTimeOffset> Told)
{
    /// <summary>When a check last left the table as it should be; null: none did yet.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Of this form; a reader that does not know it must not guess.</summary>
    public int Version { get; init; }

    public static HealthDocument Empty { get; } = new(HealthSnapshot.Empty, new Dictionary<string, DateTimeOffset>());
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(HealthDocument))]
sealed partial class HealthJson : JsonSerializerContext;
