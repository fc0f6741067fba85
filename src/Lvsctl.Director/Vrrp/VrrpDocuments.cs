using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lvsctl.Director.Vrrp;

/// <summary>What <c>lvsctl vrrp status</c> shows people and programs. Every field is always there, null where it means nothing; fields are added, never renamed or removed.</summary>
/// <param name="Director">The manifest's name of this director.</param>
/// <param name="RealTime">Its loop goes before ordinary processes.</param>
/// <param name="Lateness">Of the loop's timers.</param>
public sealed record VrrpStatusDocument(string Director, int Process, bool RealTime, bool MemoryLocked, VrrpLateness Lateness, IReadOnlyList<VrrpRouterDocument> Routers);

/// <param name="Notable">So many were more than 5 ms behind.</param>
public sealed record VrrpLateness(double WorstMs, long Notable, long Served);

/// <param name="State"><c>master backup fault leaving stopped</c></param>
/// <param name="SinceS">Seconds in this state.</param>
/// <param name="Source">Null: the interface has no address to speak from.</param>
/// <param name="Master">The one that a backup hears; null: none, or itself.</param>
/// <param name="HeldS">Seconds that it still stands back after a failover that an operator wanted; null: it does not.</param>
public sealed record VrrpRouterDocument(string Name, byte Id, int Version, string Interface, string? Source, string State, double SinceS, string? Fault, string? SyncGroup)
{
    public required VrrpPriorityDocument Priority { get; init; }

    public required bool Preempt { get; init; }

    public required double? HeldS { get; init; }

    public required VrrpTimersDocument Timers { get; init; }

    public required VrrpPeerDocument? Master { get; init; }

    public required IReadOnlyList<string> Addresses { get; init; }

    public required IReadOnlyList<VrrpPeerDocument> Peers { get; init; }

    public required VrrpCounters Counters { get; init; }

    /// <summary>What it cannot do at the moment; null: nothing.</summary>
    public required string? Trouble { get; init; }
}

/// <param name="Text">As a sum, in words.</param>
public sealed record VrrpPriorityDocument(byte Base, byte Value, string Text);

/// <param name="MasterIntervalMs">Learned from the master in version 3.</param>
/// <param name="DeadlineMs">Until the next timer ends; null: there is none.</param>
public sealed record VrrpTimersDocument(double IntervalMs, double MasterIntervalMs, double SkewMs, double MasterDownMs, double? DeadlineMs);

/// <param name="HeardS">Seconds ago.</param>
public sealed record VrrpPeerDocument(string Address, byte Priority, double? HeardS, long? Adverts);

/// <param name="Refused">By cause; only those that happened.</param>
/// <param name="Remarks">Accepted, but odd; by cause.</param>
public sealed record VrrpCounters(long Sent, long SendFailures, long Received, long Transitions, long TimesMaster, long Announcements, long Rivals, long Late, IReadOnlyDictionary<string, long> Refused, IReadOnlyDictionary<string, long> Remarks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(VrrpStatusDocument))]
public sealed partial class VrrpJson : JsonSerializerContext
{
    /// <summary>For people's eyes too: no more is escaped than JSON asks for.</summary>
    public static VrrpJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
