using System.Globalization;

namespace Lvsctl.Core.Events;

/// <summary>A fact of an event: a text or a number.</summary>
/// <param name="Name">In lower case with underscores; one of <see cref="EventFields"/>.</param>
public readonly record struct EventField(string Name, string? Text, double? Number)
{
    public EventField(string name, string text)
        : this(name, text, null)
    {
    }

    public EventField(string name, double number)
        : this(name, null, number)
    {
    }

    public override string ToString() => Text ?? Number?.ToString(CultureInfo.InvariantCulture) ?? "";
}

/// <summary>The names of fields; like the kinds' ids they keep their meaning.</summary>
public static class EventFields
{
    public const string Service = "service";
    public const string Server = "server";
    public const string Check = "check";
    public const string Target = "target";

    /// <summary>In words; see <see cref="Health.ProbeReasonText"/>.</summary>
    public const string Reason = "reason";

    /// <summary>What the server answered.</summary>
    public const string Detail = "detail";
    public const string RttMs = "rtt_ms";
    public const string Fails = "fails";
    public const string Successes = "successes";
    public const string Threshold = "threshold";

    /// <summary>Seconds since the last success.</summary>
    public const string LastOkSeconds = "last_ok_s";
    public const string Healthy = "healthy";
    public const string Serving = "serving";
    public const string KeptIn = "kept_in";
    public const string Action = "action";
    public const string Because = "because";
    public const string Steps = "steps";
    public const string Rule = "rule";
    public const string Services = "services";
    public const string Servers = "servers";
    public const string Probes = "probes";
    public const string Kept = "kept";
    public const string Added = "added";
    public const string Gone = "gone";
    public const string Seconds = "seconds";
    public const string Kind = "kind";
    public const string Who = "who";
    public const string Weight = "weight";
    public const string Active = "active";
    public const string Inactive = "inactive";
    public const string Persistent = "persistent";

    /// <summary>Seconds to the deadline.</summary>
    public const string LeftSeconds = "left_s";
    public const string Times = "times";
    public const string Repeated = "repeated";
    public const string Router = "router";
    public const string From = "from";
    public const string To = "to";
    public const string Why = "why";
    public const string Peer = "peer";
    public const string Priority = "priority";
    public const string Address = "address";
    public const string Interface = "interface";
    /// <summary>A virtual router's own priority, after the event.</summary>
    public const string OwnPriority = "own_priority";
    public const string SyncGroup = "sync_group";

    /// <summary>The number of an event of <c>lvsctl vrrp</c> in its own journal.</summary>
    public const string VrrpId = "vrrp_id";
    public const string NotifyTarget = "notify_target";
}
