using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Control;
using Lvsctl.Director.Events;
using Lvsctl.Director.Intents;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.Running;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Status;

/// <summary>Puts a <see cref="WhyDocument"/> together.</summary>
/// <param name="planned">The kernel's table as it is now, and as it is wanted with health and intents.</param>
/// <param name="health">Null: no check looks at anything.</param>
public sealed class WhyReport(ClusterSpec cluster, PlannedTable planned, DirectorState state, HealthFacts? health)
{
    const int MostEvents = 8;

    readonly Dictionary<ServiceKey, ObservedPool> _pools = planned.Observed.ToDictionary(p => p.Service.Service.Key);

    /// <summary>Null: none is known.</summary>
    public PassView? LastPass { get; init; }

    public StatusDaemon? Daemon { get; init; }

    /// <summary>Null: it cannot be read. The caller of this disposes it.</summary>
    public Func<JournalReader>? Journal { get; init; }

    /// <param name="name">A server's name, <c>web/rs1</c>, or a service's.</param>
    /// <exception cref="ControlException">There is none of that name.</exception>
    public WhyDocument Of(string name, string? service)
    {
        var target = IntentTarget.Read(name, service);
        var found = planned.Desired.Services.Select(s => (Service: s, Servers: s.Servers.Where(r => target.Concerns(s.Name, r.Name)).ToList())).Where(f => f.Servers.Count > 0).ToList();
        if (found.Count == 0 && service is null) found = [.. planned.Desired.Services.Where(s => s.Name == name).Select(s => (s, s.Servers.ToList()))];
        // It says whom there is.
        if (found.Count == 0) target.Verify(planned.Desired, []);
        var news = new News(Journal, [.. found.Select(f => f.Service.Name)]);
        return new([.. found.Select(f => Service(f.Service, f.Servers, news))], Daemon, [.. Unknown(news)]);
    }

    IEnumerable<string> Unknown(News news)
    {
        if (Daemon is null) yield return "no director runs: nobody probes by schedule, and what is told of checks is what the last 'lvsctl check' or 'lvsctl run' left";
        if (news.Trouble is { } trouble) yield return $"events: {trouble}";
    }

    WhyService Service(DesiredService service, List<DesiredServer> servers, News news)
    {
        var spec = cluster.Services.First(s => s.Name == service.Name);
        var key = service.Service.Key;
        var pool = _pools.GetValueOrDefault(key);
        var at = health?.Plan.Services.ToList().FindIndex(s => s.Key == key) ?? -1;
        var status = at >= 0 && health!.IsLive ? health.Services[at] : (ServiceStatus?)null;
        var serving = pool?.Servers.Count(s => s.Server.Weight > 0) ?? 0;
        var shown = servers.ConvertAll(s => Server(service, s, spec, at, pool, news));
        var verdict = servers.Count == 1 && service.Servers.Count > 1 ? shown[0].Verdict
            : pool is null ? $"{service.Name} is not in the kernel's table: clients are refused"
            : serving == 0 ? $"{service.Name} answers nobody: none of its {service.Servers.Count} servers gets connections"
            : $"{service.Name} is answered by {serving} of its {service.Servers.Count} servers{(status?.FallbackStandsIn == true ? "; the fallback stands in" : "")}";
        return new(service.Name, key.ToString(), verdict, pool is not null, serving, spec.MinHealthy.ToString(), spec.OnFailure.ToString().ToLowerInvariant(), shown)
        {
            Quorum = spec.Quorum is { } quorum ? quorum.Hysteresis.Value == 0 ? quorum.Minimum.ToString() : $"{quorum.Minimum} + {quorum.Hysteresis}" : null,
            HasQuorum = status?.HasQuorum,
            Healthy = status?.Healthy,
            KeptIn = status?.KeptIn,
            Fallback = spec.Fallback?.Name,
            FallbackStandsIn = status?.FallbackStandsIn,
            Refused = [.. LastPass?.Refusals.Where(r => r.Text.StartsWith(service.Name + " ", StringComparison.Ordinal) || r.Rule == "max-deletes").Select(r => $"{r.Rule}: {r.Text}") ?? []],
            Events = news.About(service.Name, null),
        };
    }

    WhyServer Server(DesiredService service, DesiredServer wanted, ServiceSpec spec, int at, ObservedPool? pool, News news)
    {
        var index = service.Servers.ToList().IndexOf(wanted);
        var manifest = index < spec.Servers.Count ? spec.Servers[index] : spec.Fallback!;
        var node = at < 0 ? null : index < spec.Servers.Count ? health!.Plan.Services[at].Servers[index] : health!.Plan.Services[at].Fallback;
        var there = pool?.Servers.FirstOrDefault(s => s.Server.Key == wanted.Server.Key);
        var (name, key) = (wanted.Name, wanted.Server.Key);
        var step = planned.Plan.Steps.FirstOrDefault(s => s.ServiceKey == service.Service.Key && s.ServerKey == key);
        var failed = LastPass?.Report?.Failed.FirstOrDefault(f => f.Step.ServiceKey == service.Service.Key && f.Step.ServerKey == key)?.Why;
        var intents = state.Intents.Where(i => i.Concerns(service.Name, name)).Select(i => new WhyIntent(StatusIntent.Of(i), news.WhoAsked(i))).ToList();
        var pending = step is null ? null : $"{step.Action.ToString().ToLowerInvariant()}{(step.Fields.Count == 0 ? "" : $" {string.Join(", ", step.Fields.Select(f => f.Before is null ? $"{f.Field} {f.After}" : $"{f.Field} {f.Before} -> {f.After}"))}")}";
        return new(name, key.ToString(), Verdict(service, wanted, there, pool, node, intents, failed), manifest.Weight, TableWords.Of(wanted.Server.Forward), intents,
            node is null or HealthNode.Always ? null : Check(node), wanted.IsOut ? null : wanted.Server.Weight, wanted.Because, there?.Server.Weight)
        {
            ActiveConnections = there?.ActiveConnections,
            InactiveConnections = there?.InactiveConnections,
            SlowStart = spec.SlowStart == TimeSpan.Zero ? null : Duration.Text(spec.SlowStart),
            Pending = pending,
            Failed = failed,
            Events = news.About(service.Name, name),
        };
    }

    string Verdict(DesiredService service, DesiredServer wanted, ObservedServer? there, ObservedPool? pool, HealthNode? node, List<WhyIntent> intents, string? failed)
    {
        var name = $"{service.Name}/{wanted.Name}";
        var sick = node is not null && health!.Judge(node) == HealthState.Down ? Sickness(node) : null;
        if (there is { Server.Weight: > 0 })
        {
            var wishes = wanted.IsOut || wanted.Server.Weight == 0 ? $"; it should not: {wanted.Because ?? "its weight in the manifest is 0"}{Against(failed)}" : wanted.Because is { } because && sick is null ? $" ({because})" : "";
            return sick is null ? $"{name} gets connections: weight {there.Server.Weight}{wishes}" : $"{name} gets connections although {sick}{(wanted.IsOut || wanted.Server.Weight == 0 ? wishes : $": {wanted.Because}")}";
        }
        var no = $"{name} gets no connections: ";
        if (intents.FirstOrDefault(i => i.Intent.Kind is "maintain" or "drain") is { } intent)
            return $"{no}{(intent.Who is { } who ? $"{who} asked: " : "")}{wanted.Because ?? intent.Intent.Kind}";
        if (sick is not null) return no + sick;
        if (wanted.IsOut || wanted.Server.Weight == 0) return no + (wanted.Because ?? "its weight in the manifest is 0");
        if (pool is null) return $"{no}{service.Name} is not in the kernel's table{Against(failed)}";
        return $"{no}it is wanted with weight {wanted.Server.Weight}, and {(there is null ? "not in the kernel's table" : "has weight 0 there")}{Against(failed)}";
    }

    static string Against(string? failed) => failed is null ? "" : $" ({failed})";

    string Sickness(HealthNode node)
    {
        var target = health!.Decisive(node);
        var tracker = health.Trackers[target];
        var check = health.Plan.Targets[target].Check.Name;
        if (tracker.IsHeld(health.Now)) return $"its check {check} came and went too often; it is held down until {TimeText.Of(health.WallOf(tracker.HeldUntil!.Value))}";
        var evidence = tracker.Failure is { } failure ? $" ({ProbeWords.Of(failure.Reason, failure.Detail)})" : "";
        return $"its check {check} has failed since {TimeText.Of(health.WallOf(tracker.Changed))}{evidence}";
    }

    WhyCheck Check(HealthNode node)
    {
        var word = health!.Judge(node).ToString().ToLowerInvariant();
        if (node is not HealthNode.Leaf leaf) return new(node is HealthNode.All ? "all" : "any", word) { Members = [.. node.Members.Where(m => m is not HealthNode.Always).Select(Check)] };
        var (tracker, target) = (health.Trackers[leaf.Target], health.Plan.Targets[leaf.Target]);
        var check = target.Check;
        var every = !tracker.IsSettled && !tracker.IsHeld(health.Now) ? check.FastEvery ?? check.Every : check.Every;
        return new(check.Probe.Kind, word)
        {
            Name = check.Name,
            Target = target.ToString(),
            Since = Time(tracker.Changed),
            Evidence = ProbeWords.Evidence(tracker),
            RttMs = tracker.Last is { Verdict: not ProbeVerdict.Unmade } last ? Math.Round(last.Took.TotalMilliseconds, 3) : null,
            Seen = Time(tracker.Seen),
            Count = Math.Abs(tracker.Count),
            Threshold = tracker.State == HealthState.Up || tracker.Count < 0 ? check.Fall : check.Rise,
            LastOk = Time(tracker.LastOk),
            LastFailure = tracker.Failure is { } failure ? ProbeWords.Of(failure.Reason, failure.Detail) : null,
            HeldUntil = tracker.IsHeld(health.Now) ? Time(tracker.HeldUntil) : null,
            Every = Duration.Text(every),
            NextProbe = health.IsLive && tracker.Seen is { } seen ? Time(seen + every > health.Now ? seen + every : health.Now) : null,
        };
    }

    string? Time(TimeSpan? moment) => moment is { } at ? TimeText.Of(health!.WallOf(at)) : null;

    /// <summary>What the journal says about some services, the last of it.</summary>
    sealed class News
    {
        readonly Dictionary<(string Service, string? Server), Queue<WhyEvent>> _about = [];
        readonly Dictionary<(string? Service, string Server, string Kind), string> _asked = [];

        public News(Func<JournalReader>? open, HashSet<string> services)
        {
            if (open is null)
            {
                Trouble = "the journal cannot be read";
                return;
            }
            try
            {
                using var reader = open();
                while (reader.TryRead(out var entry)) Take(entry, services);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Trouble = e.Message;
            }
        }

        public string? Trouble { get; }

        public WhyEvent[] About(string service, string? server) => _about.GetValueOrDefault((service, server))?.ToArray() ?? [];

        public string? WhoAsked(Intent intent) => _asked.GetValueOrDefault((intent.Service, intent.Server, intent.Kind.ToString().ToLowerInvariant()));

        void Take(JournalEntry entry, HashSet<string> services)
        {
            var what = entry.Event;
            if (what.Server is { } asked && what.Kind == EventKinds.IntentTaken) _asked[(what.Service, asked, what[EventFields.Kind] ?? "")] = what[EventFields.Who] ?? "somebody";
            if (what.Service is { } service)
            {
                if (services.Contains(service)) Add((service, what.Server), entry);
            }
            // Asked of a server wherever it is.
            else if (what.Server is { } server)
            {
                foreach (var each in services) Add((each, server), entry);
            }
        }

        void Add((string, string?) about, JournalEntry entry)
        {
            if (!_about.TryGetValue(about, out var events)) _about[about] = events = new();
            events.Enqueue(new(entry.Id, entry.TimeText, entry.Event.Kind.Id, entry.Event.Text));
            if (events.Count > MostEvents) events.Dequeue();
        }
    }
}
