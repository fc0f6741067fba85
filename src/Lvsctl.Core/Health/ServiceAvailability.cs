using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Health;

/// <summary>
/// Which servers of one service get connections, and how many. It is laid over the manifest after the operators' intents: whoever they took
/// out or brought to weight 0 is no server of ours here, is never put back, and does not count as healthy. For the others, in this order:
/// what is well is in; the fallback stands in (and the servers get no new connections) when nobody is well or the quorum is lost; otherwise
/// the floor keeps sick servers in; weights are the server's own word or else the manifest's, and rise slowly for a server that came in.
/// </summary>
sealed class ServiceAvailability
{
    /// <summary>Weights that a slow start goes through before the full one.</summary>
    const int RampSteps = 10;

    readonly PlannedService _service;
    readonly ServerState[] _servers;
    readonly bool _isInert;
    DesiredServer? _fallback;
    HealthState _fallbackHealth;
    bool _hasQuorum;
    bool _isKnown;              // there is a status to compare the next one with
    ServiceStatus _status;

    DesiredService? _input;
    DesiredService? _output;
    TimeSpan _nextChange;

    struct ServerState
    {
        public ServerState()
        {
        }

        /// <summary>What was last made of it; only to see changes by.</summary>
        public HealthState Health;

        /// <summary>How the kernel had it at the beginning; what an unknown server stays as.</summary>
        public int? KernelWeight;

        /// <summary>It gets new connections, by the last laying or at first by the kernel's table.</summary>
        public bool IsServing;

        public int? AgentWeight;

        /// <summary>Its slow start began then; null: it has its full weight.</summary>
        public TimeSpan? CameIn;

        public Role Role;

        /// <summary>The floor kept it in the last time. It goes on doing so: a success on the way up moves nothing.</summary>
        public bool IsKept;
    }

    /// <summary>What a server is to this laying.</summary>
    enum Role : byte
    {
        /// <summary>An operator's, or without weight in the manifest: left as it is.</summary>
        NotOurs,
        In,

        /// <summary>Well, but said itself that it wants nothing.</summary>
        Drains,

        /// <summary>Nothing is known of it and the kernel has it without weight.</summary>
        Quiet,
        Sick,
    }

    public ServiceAvailability(PlannedService service, ObservedPool? kernel, ServiceMemory? memory, IReadOnlyList<ProbeTarget> targets, ReadOnlySpan<HealthTracker> trackers, Clock clock)
    {
        _service = service;
        _isInert = service.IsUnprobed && service.Spec.SlowStart == TimeSpan.Zero && service.Spec is { Fallback: null, Quorum: null };
        _servers = new ServerState[service.Servers.Count];
        var weights = kernel?.Servers.ToDictionary(s => s.Server.Key, s => s.Server.Weight);
        var memories = new Dictionary<string, ServerMemory>();
        foreach (var server in memory?.Servers ?? []) memories[server.Name] = server;
        for (var i = 0; i < _servers.Length; i++)
        {
            ref var server = ref _servers[i];
            server = new ServerState { Health = service.Servers[i].Judge(trackers) };
            var spec = service.Spec.Servers[i];
            if (weights is not null && weights.TryGetValue(KeyOf(spec), out var weight)) server.KernelWeight = weight;
            server.IsServing = server.KernelWeight > 0;
            server.IsKept = server.KernelWeight is not null;
            // The weight that a server said survives the loss of our memory: the kernel has it.
            if (memory is null && server.IsServing && service.Servers[i].Speaker(targets) >= 0) server.AgentWeight = server.KernelWeight;
            if (memories.GetValueOrDefault(spec.Name) is not { } known) continue;
            // Of a server that is not asked any more its word does not count either.
            server.AgentWeight = known.AgentWeight is >= 0 && service.Servers[i].Speaker(targets) >= 0 ? known.AgentWeight : null;
            if (server.IsServing) server.CameIn = clock.Believe(known.CameIn, service.Spec.SlowStart);
        }
        _fallbackHealth = service.Fallback?.Judge(trackers) ?? HealthState.Unknown;
        var fallbackWeight = 0;
        var isFallbackThere = service.Spec.Fallback is { } fallback && weights is not null && weights.TryGetValue(KeyOf(fallback), out fallbackWeight) && fallbackWeight > 0;
        _hasQuorum = memory?.HasQuorum ?? !isFallbackThere;
        _isKnown = kernel is not null;
        var serving = _servers.Count(s => s.IsServing);
        _status = new(service.Spec.Name, service.Key, serving, serving, memory?.KeptIn ?? 0, _hasQuorum, isFallbackThere);
    }

    public ServiceStatus Status => _status;

    /// <summary>When the next laying differs although nothing was observed.</summary>
    public TimeSpan NextChange => _nextChange;

    /// <summary>Looks at the tree again.</summary>
    public bool Refresh(int index, ReadOnlySpan<HealthTracker> trackers, out HealthState from, out HealthState to)
    {
        _input = null;
        ref var health = ref _fallbackHealth;
        if (index < _servers.Length) health = ref _servers[index].Health;
        from = health;
        to = health = (index < _servers.Length ? _service.Servers[index] : _service.Fallback!).Judge(trackers);
        return from != to;
    }

    /// <summary>The server said something about its weight, or nothing: then the manifest's counts again.</summary>
    public bool Heed(int index, AgentWord word, Share? step)
    {
        ref var server = ref _servers[index];
        var manifest = _service.Spec.Servers[index].Weight;
        var before = server.AgentWeight;
        var current = before ?? manifest;
        var goal = word.Kind switch
        {
            AgentWordKind.Weight => word.Value,
            // A part of a server that wants some connections is not none.
            AgentWordKind.Percent => word.Value == 0 ? 0 : (int)Math.Clamp((long)manifest * word.Value / 100, Math.Min(1, manifest), int.MaxValue),
            AgentWordKind.Drain => 0,
            _ => manifest,
        };
        // A drain is a wish, not a measurement that could be wrong by some units.
        var reach = word.Kind == AgentWordKind.Drain || step is null ? int.MaxValue : Math.Max(1, step.Value.Of(manifest));
        var next = (int)Math.Clamp((long)goal, (long)current - reach, (long)current + reach);
        server.AgentWeight = word.Kind == AgentWordKind.None && next == manifest ? null : next;
        if (server.AgentWeight == before) return false;
        _input = null;
        return true;
    }

    /// <param name="changes">Null: nobody wants to know.</param>
    public DesiredService Lay(DesiredService wanted, ReadOnlySpan<HealthTracker> trackers, IReadOnlyList<ProbeTarget> targets, Clock clock, List<ServiceChange>? changes)
    {
        if (ReferenceEquals(wanted, _input) && clock.Now < _nextChange) return _output!;
        if (wanted.Servers.Count != _servers.Length) throw new ArgumentException($"the table is of another manifest: {wanted.Name} has {wanted.Servers.Count} servers, not {_servers.Length}");
        _input = wanted;
        _nextChange = TimeSpan.MaxValue;
        if (_isInert)
        {
            var count = wanted.Servers.Count(s => s is { IsOut: false, Server.Weight: > 0 });
            Tell(new(wanted.Name, _service.Key, count, count, 0, HasQuorum: true, FallbackStandsIn: false), changes);
            return _output = wanted;
        }

        var healthy = Cast(wanted, trackers);
        var standsIn = FallbackStandsIn(healthy, trackers);
        var kept = Keep(healthy, trackers);
        var result = new DesiredServer[_servers.Length + (_service.Spec.Fallback is null ? 0 : 1)];
        var serving = 0;
        for (var i = 0; i < _servers.Length; i++)
        {
            result[i] = Lay(i, wanted.Servers[i], kept.Contains(i), standsIn, kept.Count, healthy, trackers, targets, clock);
            var isServing = result[i] is { IsOut: false, Server.Weight: > 0 };
            _servers[i].IsServing = isServing;
            _servers[i].IsKept = kept.Contains(i);
            if (!isServing) _servers[i].CameIn = null;
            else serving++;
        }
        if (_service.Spec.Fallback is { } fallback) result[^1] = Fallback(fallback, standsIn, healthy);

        Tell(new(wanted.Name, _service.Key, healthy, serving, standsIn ? 0 : kept.Count, _hasQuorum, standsIn), changes);
        var isAsWanted = result.Length == wanted.Servers.Count;
        for (var i = 0; isAsWanted && i < result.Length; i++) isAsWanted = ReferenceEquals(result[i], wanted.Servers[i]);
        return _output = isAsWanted ? wanted : wanted with { Servers = result };
    }

    /// <summary>Gives each server its role and counts those that are in for being well.</summary>
    int Cast(DesiredService wanted, ReadOnlySpan<HealthTracker> trackers)
    {
        var healthy = 0;
        for (var i = 0; i < _servers.Length; i++)
        {
            ref var server = ref _servers[i];
            var input = wanted.Servers[i];
            server.Role = RoleOf(input, server, _service.Servers[i].Judge(trackers));
            if (server.Role == Role.In) healthy++;
        }
        return healthy;
    }

    static Role RoleOf(DesiredServer input, in ServerState server, HealthState health)
    {
        if (input.IsOut || input.Server.Weight == 0) return Role.NotOurs;
        return health switch
        {
            HealthState.Up => Weight(input, server) > 0 ? Role.In : Role.Drains,
            HealthState.Down => Role.Sick,
            // Lack of knowledge changes nothing.
            _ => server.KernelWeight switch { null => Role.Sick, 0 => Role.Quiet, _ => Role.In },
        };
    }

    // A weight that an operator has set is the last word.
    static int Weight(DesiredServer input, in ServerState server) =>
        input.Because is null && server.AgentWeight is { } word ? word : input.Server.Weight;

    bool FallbackStandsIn(int healthy, ReadOnlySpan<HealthTracker> trackers)
    {
        var spec = _service.Spec;
        if (spec.Quorum is { } quorum)
        {
            var needed = quorum.Minimum.Of(_servers.Length) + (_hasQuorum ? 0L : quorum.Hysteresis.Of(_servers.Length));
            _hasQuorum = healthy >= needed;
        }
        else
        {
            _hasQuorum = true;
        }
        // One that is known to be dead helps nobody; one that is not known is better than none.
        if (_service.Fallback is not { } fallback || fallback.Judge(trackers) == HealthState.Down) return false;
        return healthy == 0 || !_hasQuorum;
    }

    /// <summary>The servers that the floor keeps in although they are not well: those that answer, those that serve, those that were well last.</summary>
    List<int> Keep(int healthy, ReadOnlySpan<HealthTracker> trackers)
    {
        var missing = _service.Spec.MinHealthy.Of(_servers.Length) - healthy;
        if (missing <= 0) return [];
        var candidates = new List<(bool Drains, bool IsServing, bool IsKept, TimeSpan LastOk, int Index)>();
        for (var i = 0; i < _servers.Length; i++)
        {
            if (_servers[i].Role is Role.NotOurs or Role.In) continue;
            candidates.Add((_servers[i].Role == Role.Drains, _servers[i].IsServing, _servers[i].IsKept, _service.Servers[i].LastOk(trackers), i));
        }
        candidates.Sort((a, b) =>
            a.Drains != b.Drains ? b.Drains.CompareTo(a.Drains)
            : a.IsServing != b.IsServing ? b.IsServing.CompareTo(a.IsServing)
            : a.IsKept != b.IsKept ? b.IsKept.CompareTo(a.IsKept)
            : a.LastOk != b.LastOk ? b.LastOk.CompareTo(a.LastOk)
            : a.Index.CompareTo(b.Index));
        return [.. candidates.Take(missing).Select(c => c.Index)];
    }

    DesiredServer Lay(int index, DesiredServer input, bool isKept, bool standsIn, int kept, int healthy, ReadOnlySpan<HealthTracker> trackers, IReadOnlyList<ProbeTarget> targets, Clock clock)
    {
        ref var server = ref _servers[index];
        if (server.Role == Role.NotOurs) return input;
        if (server.Role == Role.In)
        {
            return standsIn
                ? WithWeight(input, 0, $"set aside while the fallback stands in: {QuorumText(healthy)}")
                : In(index, input, isAlone: kept == 0, clock);
        }
        var reason = server.Role switch
        {
            Role.Drains => "drained at its own word",
            Role.Quiet => "at weight 0 in the kernel, and not known to be up yet",
            _ => Reason(_service.Servers[index], trackers, targets, clock),
        };
        // The floor promises that connections live, and as long as nobody better is there, that new ones come too.
        if (isKept) return WithWeight(input, standsIn ? 0 : input.Server.Weight, $"kept in by min-healthy {_service.Spec.MinHealthy}: {reason}");
        return server.Role == Role.Sick && _service.Spec.OnFailure == FailureAction.Remove
            ? input with { IsOut = true, Because = reason }
            : WithWeight(input, 0, reason);
    }

    /// <param name="isAlone">No sick server is kept in. Beside those, one that is well gets all it can, not a slow start.</param>
    DesiredServer In(int index, DesiredServer input, bool isAlone, Clock clock)
    {
        ref var server = ref _servers[index];
        var full = Weight(input, server);
        var slow = _service.Spec.SlowStart;
        if (slow > TimeSpan.Zero && !server.IsServing) server.CameIn = clock.Now;
        if (!isAlone) server.CameIn = null;
        if (server.CameIn is { } came)
        {
            var step = (int)Math.Clamp((clock.Now - came).Ticks * RampSteps / slow.Ticks, 0, RampSteps);
            if (step < RampSteps)
            {
                // The middle of each step of the straight line.
                var weight = (int)Math.Max(1, (long)full * (2 * step + 1) / (2 * RampSteps));
                var next = came + new TimeSpan((slow.Ticks * (step + 1) + RampSteps - 1) / RampSteps);
                if (next < _nextChange) _nextChange = next;
                return weight == full ? Own(input, server, full) : WithWeight(input, weight, $"slow start since {clock.Text(came)}: weight {weight} of {full}");
            }
            server.CameIn = null;
        }
        return Own(input, server, full);
    }

    static DesiredServer Own(DesiredServer input, in ServerState server, int weight) =>
        weight == input.Server.Weight ? input : WithWeight(input, weight, $"weight {weight} at its own word");

    static DesiredServer WithWeight(DesiredServer input, int weight, string because) =>
        input with { Server = weight == input.Server.Weight ? input.Server : input.Server with { Weight = weight }, Because = because };

    static string Reason(HealthNode node, ReadOnlySpan<HealthTracker> trackers, IReadOnlyList<ProbeTarget> targets, Clock clock)
    {
        var culprit = node.Culprit(trackers);
        if (culprit < 0) return "not known to be up yet";
        var tracker = trackers[culprit];
        var check = targets[culprit].Check.Name;
        if (tracker.IsHeld(clock.Now)) return $"held down until {clock.Text(tracker.HeldUntil!.Value)}, it came and went too often (check {check})";
        if (tracker.Failure is not { } failure) return $"down until it is found well (check {check})";
        var detail = failure.Detail is { } text && text != failure.Reason.Words() ? $", {text}" : "";
        return $"down since {clock.Text(tracker.Changed)}: {failure.Reason.Words()}{detail} (check {check})";
    }

    DesiredServer Fallback(ServerSpec fallback, bool standsIn, int healthy)
    {
        var because = standsIn ? $"the fallback stands in: {QuorumText(healthy)}" : "the fallback is not needed";
        if (_fallback is { } last && last.IsOut != standsIn && last.Because == because) return last;
        return _fallback = new(fallback.Name, DesiredTableBuilder.Server(fallback, _service.Key), because) { IsOut = !standsIn };
    }

    string QuorumText(int healthy) => healthy == 0 ? "no server is left" : $"the quorum is lost, {healthy} of {_servers.Length} are well";

    void Tell(ServiceStatus status, List<ServiceChange>? changes)
    {
        var before = _status;
        _status = status;
        if (!_isKnown)
        {
            _isKnown = true;
            return;
        }
        var isSame = (before.HasQuorum, before.FallbackStandsIn, before.Serving > 0, before.KeptIn > 0)
            == (status.HasQuorum, status.FallbackStandsIn, status.Serving > 0, status.KeptIn > 0);
        if (!isSame) changes?.Add(new(before, status));
    }

    public ServiceMemory Remember(Clock clock)
    {
        var servers = new List<ServerMemory>();
        for (var i = 0; i < _servers.Length; i++)
        {
            ref var server = ref _servers[i];
            if (server.CameIn is null && server.AgentWeight is null) continue;
            servers.Add(new(_service.Spec.Servers[i].Name)
            {
                CameIn = server.CameIn is { } came ? clock.ToWall(came) : null,
                AgentWeight = server.AgentWeight,
            });
        }
        return new(_service.Key.ToString(), _hasQuorum, _status.KeptIn, servers);
    }

    RealServerKey KeyOf(ServerSpec server) => new(server.Address, DesiredTableBuilder.Port(server, _service.Key));
}
