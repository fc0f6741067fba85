using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lvsctl.Director.Status;

/// <summary>The chain of facts from the manifest to the kernel's table: what <c>lvsctl why</c> shows people and programs.</summary>
/// <param name="Daemon">Null: none was asked.</param>
/// <param name="Unknown">What cannot be known this way, for people.</param>
public sealed record WhyDocument(IReadOnlyList<WhyService> Services, StatusDaemon? Daemon, IReadOnlyList<string> Unknown);

/// <param name="Verdict">One sentence.</param>
/// <param name="MinHealthy">As the manifest has it: <c>2</c> or <c>50%</c>.</param>
/// <param name="Healthy">Null where it is not known; likewise the others.</param>
public sealed record WhyService(string Name, string Key, string Verdict, bool InKernel, int Serving, string MinHealthy, string OnFailure, IReadOnlyList<WhyServer> Servers)
{
    public string? Quorum { get; init; }

    public bool? HasQuorum { get; init; }

    public int? Healthy { get; init; }

    public int? KeptIn { get; init; }

    public string? Fallback { get; init; }

    public bool? FallbackStandsIn { get; init; }

    /// <summary>Why the safety gate refuses what is wanted of this service.</summary>
    public IReadOnlyList<string> Refused { get; init; } = [];

    /// <summary>The last ones about the service itself.</summary>
    public IReadOnlyList<WhyEvent> Events { get; init; } = [];
}

/// <param name="Verdict">One sentence.</param>
/// <param name="Address">With its port.</param>
/// <param name="ManifestWeight">The manifest's alone.</param>
/// <param name="Check">Null: no check looks at it.</param>
/// <param name="WantedWeight">With health and operators' wishes laid over; null: out of the table.</param>
/// <param name="Because">Why that is not the manifest's.</param>
/// <param name="KernelWeight">Null: it is not in the kernel's table.</param>
public sealed record WhyServer(
    string Name, string Address, string Verdict, int ManifestWeight, string Forward, IReadOnlyList<WhyIntent> Intents, WhyCheck? Check, int? WantedWeight, string? Because, int? KernelWeight)
{
    public uint? ActiveConnections { get; init; }

    public uint? InactiveConnections { get; init; }

    /// <summary>Duration; null: it has its full weight at once.</summary>
    public string? SlowStart { get; init; }

    /// <summary>What differs still between what is wanted and the kernel.</summary>
    public string? Pending { get; init; }

    /// <summary>What the kernel said against it.</summary>
    public string? Failed { get; init; }

    /// <summary>The last ones about it, oldest first.</summary>
    public IReadOnlyList<WhyEvent> Events { get; init; } = [];
}

/// <param name="Who">Null where the journal does not tell (any more).</param>
public sealed record WhyIntent(StatusIntent Intent, string? Who);

/// <summary>A check, or several of which all or any have to be good.</summary>
/// <param name="Kind"><c>all</c>, <c>any</c>, or the probe's.</param>
/// <param name="State"><c>up</c>, <c>down</c> or <c>unknown</c>.</param>
public sealed record WhyCheck(string Kind, string State)
{
    /// <summary>Of <c>all</c> and <c>any</c>.</summary>
    public IReadOnlyList<WhyCheck> Members { get; init; } = [];

    public string? Name { get; init; }

    /// <summary>Who is asked: <c>web (http) at 10.0.0.1:80</c>.</summary>
    public string? Target { get; init; }

    public string? Since { get; init; }

    /// <summary>Of the last probe, in words.</summary>
    public string? Evidence { get; init; }

    public double? RttMs { get; init; }

    /// <summary>When something was last learnt.</summary>
    public string? Seen { get; init; }

    /// <summary>Outcomes in a row that speak against the state.</summary>
    public int Count { get; init; }

    /// <summary>So many are needed to change it.</summary>
    public int Threshold { get; init; }

    public string? LastOk { get; init; }

    public string? LastFailure { get; init; }

    public string? HeldUntil { get; init; }

    /// <summary>Duration from one probe to the next, at the pace that holds now.</summary>
    public string? Every { get; init; }

    /// <summary>About when; null where nobody probes.</summary>
    public string? NextProbe { get; init; }
}

public sealed record WhyEvent(long Id, string Time, string Event, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(WhyDocument))]
public sealed partial class WhyJson : JsonSerializerContext
{
    /// <summary>For people's eyes too: no more is escaped than JSON asks for.</summary>
    public static WhyJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
