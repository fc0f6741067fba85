using System.IO.Pipelines;
using System.Text.Json;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Metrics;
using Lvsctl.Director.Running;

namespace Lvsctl.Director.Page;

/// <summary>
/// What the page shows, as JSON. It is the page's own and no contract: programs ask <c>lvsctl status -o json</c>. What goes without saying is
/// left out, as ten thousand servers are asked for every few seconds.
/// </summary>
sealed class PageState : IDisposable
{
    public const string Path = "/page/state";

    readonly DirectorView _view;
    readonly KernelReading _kernel;
    readonly RecentEvents _events;
    readonly long _after;
    readonly Utf8JsonWriter _json;
    readonly Dictionary<ServiceKey, DesiredService> _wanted;
    readonly Dictionary<ServiceKey, ServiceCapacity> _capacity;

    /// <param name="after">Events up to this id are known already.</param>
    public PageState(DirectorView view, KernelReading kernel, RecentEvents events, long after, PipeWriter output)
    {
        (_view, _kernel, _events, _after, _json) = (view, kernel, events, after, new Utf8JsonWriter(output));
        _wanted = view.Last?.Planned.Desired.Services.ToDictionary(s => s.Service.Key) ?? [];
        _capacity = view.Last?.Planned.Plan.Capacity.ToDictionary(c => c.Key) ?? [];
    }

    /// <summary>Each step of it is a place where what was written so far may be sent.</summary>
    public IEnumerable<int> Write()
    {
        _json.WriteStartObject();
        _json.WriteString("cluster"u8, _view.Cluster.Name);
        _json.WriteString("host"u8, Environment.MachineName);
        _json.WriteString("version"u8, DirectorMetrics.Version);
        Time("now", _view.Wall);
        Time("started", _view.Started);
        Manifest();
        Text("trouble", _view.Trouble);
        Text("waits", _view.Waits);
        Text("kernel", _kernel.Trouble);
        Refusals();
        if (_view.Last is { } last)
        {
            Time("pass", last.At);
            if (last.LastSuccess is { } success) Time("success", success);
        }
        Events();
        _json.WriteStartArray("services"u8);
        for (var s = 0; s < _view.Plan.Services.Count; s++)
        {
            Service(s);
            _json.Flush();
            yield return s;
        }
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
    }

    void Manifest()
    {
        _json.WriteStartObject("manifest"u8);
        _json.WriteString("path"u8, string.Join(", ", _view.Manifest.Paths));
        _json.WriteString("hash"u8, _view.Manifest.Hash);
        Time("read", _view.Manifest.ReadAt);
        Text("refused", _view.Manifest.Refused);
        _json.WriteEndObject();
    }

    void Refusals()
    {
        _json.WriteStartArray("refusals"u8);
        foreach (var refusal in _view.Last?.Refusals ?? []) _json.WriteStringValue(refusal.Text);
        foreach (var failed in _view.Last?.Report?.Failed ?? []) _json.WriteStringValue($"{failed.Step.Service}{(failed.Step.Server is { } server ? $"/{server}" : "")}: {failed.Why}");
        _json.WriteEndArray();
    }

    void Events()
    {
        var events = _events.After(_after, out var last);
        _json.WriteStartArray("events"u8);
        foreach (var entry in events) _json.WriteRawValue(entry, skipInputValidation: true);
        _json.WriteEndArray();
        _json.WriteNumber("lastEvent"u8, last);
    }

    void Service(int index)
    {
        var planned = _view.Plan.Services[index];
        var (spec, key, status) = (planned.Spec, planned.Key, _view.Services[index]);
        var desired = _wanted.GetValueOrDefault(key);
        var pool = _kernel.Pools.GetValueOrDefault(key);
        _json.WriteStartObject();
        _json.WriteString("name"u8, spec.Name);
        _json.WriteString("at"u8, key.ToString());
        _json.WriteString("scheduler"u8, spec.Scheduler.Name);
        _json.WriteNumber("healthy"u8, status.Healthy);
        _json.WriteNumber("serving"u8, status.Serving);
        if (status.KeptIn > 0) _json.WriteNumber("kept"u8, status.KeptIn);
        if (!status.HasQuorum) _json.WriteBoolean("noQuorum"u8, true);
        if (status.FallbackStandsIn) _json.WriteBoolean("fallback"u8, true);
        if (_capacity.TryGetValue(key, out var capacity)) _json.WriteNumber("canLose"u8, capacity.CanLose);
        if (pool is not null)
        {
            _json.WriteNumber("active"u8, pool.Servers.Values.Sum(s => (long)s.ActiveConnections));
            _json.WriteNumber("rate"u8, pool.Service.Statistics.ConnectionsPerSecond);
        }
        _json.WriteStartArray("servers"u8);
        for (var i = 0; i < spec.Servers.Count; i++) Server(planned, new(index, i), desired?.Servers[i], pool);
        // What is more than the manifest's servers is the fallback.
        if (desired is not null && desired.Servers.Count > spec.Servers.Count) Fallback(desired.Servers[^1], pool);
        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    void Server(PlannedService planned, TargetUse use, DesiredServer? desired, PoolReading? pool)
    {
        var spec = planned.Spec.Servers[use.Server];
        var key = new RealServerKey(spec.Address, DesiredTableBuilder.Port(spec, planned.Key));
        var state = _view.States[use.Service][use.Server];
        _json.WriteStartObject();
        _json.WriteString("name"u8, spec.Name);
        _json.WriteString("at"u8, key.ToString());
        _json.WriteString("state"u8, planned.Servers[use.Server] is HealthNode.Always ? "unchecked" : state.ToString().ToLowerInvariant());
        _json.WriteNumber("weight"u8, desired is null ? spec.Weight : desired.IsOut ? 0 : desired.Server.Weight);
        if (spec.Weight != (desired?.Server.Weight ?? spec.Weight) || desired?.IsOut == true) _json.WriteNumber("of"u8, spec.Weight);
        if (desired?.IsOut == true) _json.WriteBoolean("out"u8, true);
        Text("why", desired?.Because ?? Doubt(planned.Servers[use.Server], state));
        Since(planned.Servers[use.Server]);
        if (IntentOn(planned.Spec.Name, spec.Name) is { } intent)
        {
            _json.WriteString("intent"u8, intent.Kind.ToString().ToLowerInvariant());
            if (intent.Deadline is { } deadline) Time("deadline", deadline);
        }
        Connections(pool, key);
        _json.WriteEndObject();
    }

    void Fallback(DesiredServer fallback, PoolReading? pool)
    {
        _json.WriteStartObject();
        _json.WriteString("name"u8, fallback.Name);
        _json.WriteString("at"u8, fallback.Server.Key.ToString());
        _json.WriteString("state"u8, "fallback");
        _json.WriteNumber("weight"u8, fallback.IsOut ? 0 : fallback.Server.Weight);
        if (fallback.IsOut) _json.WriteBoolean("out"u8, true);
        Text("why", fallback.Because);
        Connections(pool, fallback.Server.Key);
        _json.WriteEndObject();
    }

    void Connections(PoolReading? pool, RealServerKey key)
    {
        if (pool?.Servers.GetValueOrDefault(key) is not { } there) return;
        _json.WriteNumber("active"u8, there.ActiveConnections);
        if (there.InactiveConnections > 0) _json.WriteNumber("inactive"u8, there.InactiveConnections);
    }

    void Since(HealthNode node)
    {
        if (node is HealthNode.Leaf leaf && _view.Trackers[leaf.Target] is { State: not HealthState.Unknown } tracker) Time("since", _view.WallOf(tracker.Changed));
    }

    // What the table does not say (yet): that nothing is known, or that the first of several failures has been seen.
    string? Doubt(HealthNode node, HealthState state)
    {
        if (node is not HealthNode.Leaf leaf) return state == HealthState.Unknown ? "nothing is known of it yet" : null;
        var (tracker, check) = (_view.Trackers[leaf.Target], _view.Plan.Targets[leaf.Target].Check);
        if (tracker.Last is { Verdict: ProbeVerdict.Unmade } unmade) return $"cannot be probed: {Words(unmade.Reason, unmade.Detail)} (check {check.Name})";
        if (state != HealthState.Up) return tracker.Failure is { } why ? $"{Words(why.Reason, why.Detail)} (check {check.Name})" : "nothing is known of it yet";
        if (tracker.Count < 0 && tracker.Failure is { } failure) return $"failed {-tracker.Count} of {check.Fall} times: {Words(failure.Reason, failure.Detail)} (check {check.Name})";
        return tracker.Last?.Warning;
    }

    static string Words(ProbeReason reason, string? detail) => detail is null || detail == reason.Words() ? reason.Words() : $"{reason.Words()}, {detail}";

    // The strongest wish, as it is laid over the table.
    Intent? IntentOn(string service, string server)
    {
        Intent? found = null;
        foreach (var intent in _view.State.Intents)
        {
            if (intent.Concerns(service, server) && (found is null || Strength(intent) >= Strength(found))) found = intent;
        }
        return found;

        static int Strength(Intent intent) => intent.Kind switch { IntentKind.Maintain => 2, IntentKind.Drain => 1, _ => 0 };
    }

    void Time(string name, DateTimeOffset time) => _json.WriteNumber(name, time.ToUnixTimeMilliseconds());

    void Text(string name, string? text)
    {
        if (text is not null) _json.WriteString(name, text);
    }

    public void Dispose() => _json.Dispose();
}
