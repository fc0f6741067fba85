using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Health;

/// <summary>One key of the kernel's table with what its servers' health depends on.</summary>
/// <param name="Servers">One for each of <see cref="ServiceSpec.Servers"/>, in their order.</param>
/// <param name="Fallback">Null where there is none. It is probed only by a check of its own.</param>
public sealed record PlannedService(ServiceSpec Spec, ServiceKey Key, IReadOnlyList<HealthNode> Servers, HealthNode? Fallback)
{
    /// <summary>No probe has a say here.</summary>
    internal bool IsUnprobed => Servers.All(s => s is HealthNode.Always) && Fallback is null or HealthNode.Always;
}

/// <summary>A server whose health depends on a target.</summary>
/// <param name="Service">Index in <see cref="ProbePlan.Services"/>.</param>
/// <param name="Server">Index in <see cref="ServiceSpec.Servers"/>; the number of servers stands for the fallback.</param>
public readonly record struct TargetUse(int Service, int Server);

/// <summary>What has to be probed for a cluster, each thing once, and which servers depend on it.</summary>
public sealed class ProbePlan
{
    readonly ulong[] _hashes;
    readonly uint[] _questions;     // by target: the hash of what its check asks
    readonly int[] _firstUse;       // one more than there are targets
    readonly TargetUse[] _uses;
    readonly string?[] _keys;       // by target: a reload asks for each of them several times
    Dictionary<string, int>? _byKey;
    Dictionary<ulong, int>? _byHash;

    ProbePlan(ClusterSpec cluster, ProbeTarget[] targets, ulong[] hashes, uint[] questions, PlannedService[] services)
    {
        Cluster = cluster;
        Targets = targets;
        Services = services;
        _hashes = hashes;
        _questions = questions;
        _keys = new string?[targets.Length];
        (_firstUse, _uses) = Uses(targets.Length, services);
    }

    public ClusterSpec Cluster { get; }

    public IReadOnlyList<ProbeTarget> Targets { get; }

    /// <summary>In the order of <see cref="DesiredTableBuilder.Build"/>.</summary>
    public IReadOnlyList<PlannedService> Services { get; }

    /// <exception cref="ArgumentException">A check goes through the virtual address of a firewall mark, which has none (no manifest passes with it: LVS073).</exception>
    public static ProbePlan Of(ClusterSpec cluster)
    {
        var builder = new Builder();
        var services = new List<PlannedService>(cluster.Services.Count);
        foreach (var service in cluster.Services)
        {
            foreach (var key in service.Listen)
            {
                var servers = new HealthNode[service.Servers.Count];
                for (var i = 0; i < servers.Length; i++) servers[i] = builder.Node(service.Servers[i].Check ?? service.Check, service.Servers[i], key);
                services.Add(new(service, key, servers, service.Fallback is { } fallback ? builder.Node(fallback.Check, fallback, key) : null));
            }
        }
        return new(cluster, [.. builder.Targets], [.. builder.Hashes], [.. builder.Questions], [.. services]);
    }

    public ReadOnlySpan<TargetUse> UsesOf(int target) => _uses.AsSpan(_firstUse[target].._firstUse[target + 1]);

    /// <summary>The manifest's name of the server; the fallback's for the last index.</summary>
    public string NameOf(TargetUse use)
    {
        var spec = Services[use.Service].Spec;
        return use.Server < spec.Servers.Count ? spec.Servers[use.Server].Name : spec.Fallback!.Name;
    }

    /// <summary>The same for the same target in every process; what probes are spread by.</summary>
    public ulong HashOf(int target) => _hashes[target];

    /// <summary>
    /// The target's identity over restarts: <c>web http 10.0.0.1:80 #1f00ab7c</c>. The number stands for what is asked; when and how often
    /// is not part of it, so that another interval keeps what is known.
    /// </summary>
    public string KeyOf(int target) => _keys[target] ??= Identity.Text(Targets[target], _questions[target]);

    /// <summary>-1 when there is no such target (any more).</summary>
    public int IndexOf(string key)
    {
        if (_byKey is null)
        {
            var byKey = new Dictionary<string, int>(Targets.Count);
            for (var i = 0; i < Targets.Count; i++) byKey.TryAdd(KeyOf(i), i);
            _byKey = byKey;
        }
        return _byKey.GetValueOrDefault(key, -1);
    }

    /// <summary>Where another plan's target is in this one, or -1; as by its key, without ten thousand texts.</summary>
    public int IndexOf(ProbePlan other, int target)
    {
        var hash = other._hashes[target];
        // Most of a manifest stays where it is.
        if (target < _hashes.Length && _hashes[target] == hash) return target;
        if (_byHash is null)
        {
            var byHash = new Dictionary<ulong, int>(_hashes.Length);
            for (var i = 0; i < _hashes.Length; i++) byHash.TryAdd(_hashes[i], i);
            _byHash = byHash;
        }
        return _byHash.GetValueOrDefault(hash, -1);
    }

    static (int[] First, TargetUse[] Uses) Uses(int targets, PlannedService[] services)
    {
        var first = new int[targets + 1];
        var leaves = new List<int>();
        Walk((target, _) => first[target + 1]++);
        for (var i = 0; i < targets; i++) first[i + 1] += first[i];
        var uses = new TargetUse[first[targets]];
        var next = first.AsSpan(0, targets).ToArray();
        Walk((target, use) => uses[next[target]++] = use);
        return (first, uses);

        void Walk(Action<int, TargetUse> each)
        {
            for (var s = 0; s < services.Length; s++)
            {
                var count = services[s].Servers.Count;
                for (var i = 0; i < count; i++) Visit(services[s].Servers[i], new(s, i));
                if (services[s].Fallback is { } fallback) Visit(fallback, new(s, count));
            }

            void Visit(HealthNode node, TargetUse use)
            {
                if (node is HealthNode.Leaf leaf)
                {
                    each(leaf.Target, use);
                    return;
                }
                leaves.Clear();
                node.AddTargets(leaves);
                for (var i = 0; i < leaves.Count; i++)
                {
                    if (leaves.IndexOf(leaves[i]) == i) each(leaves[i], use);
                }
            }
        }
    }

    /// <summary>Finds equal targets without comparing whole checks again and again.</summary>
    sealed class Builder
    {
        readonly record struct Place(int Check, IPAddress Address, ushort Port, ForwardingPath? Path);

        // One object usually serves thousands of servers: look at the reference before looking inside.
        readonly Dictionary<CheckSpec, int> _seen = new(ReferenceEqualityComparer.Instance);
        readonly Dictionary<CheckSpec, int> _checks = [];
        readonly List<StableHash> _checkHashes = [];
        readonly Dictionary<Place, HealthNode.Leaf> _leaves = [];

        public List<ProbeTarget> Targets { get; } = [];

        public List<ulong> Hashes { get; } = [];

        public List<uint> Questions { get; } = [];

        public HealthNode Node(CheckSpec? check, ServerSpec server, ServiceKey service) => check?.Probe switch
        {
            null => HealthNode.Well,
            ProbeSpec.All all => new HealthNode.All(Members(all.Members, server, service)),
            ProbeSpec.Any any => new HealthNode.Any(Members(any.Members, server, service)),
            _ => Leaf(check, server, service),
        };

        HealthNode[] Members(ValueList<CheckSpec> checks, ServerSpec server, ServiceKey service)
        {
            var members = new HealthNode[checks.Count];
            for (var i = 0; i < members.Length; i++) members[i] = Node(checks[i], server, service);
            return members;
        }

        HealthNode.Leaf Leaf(CheckSpec check, ServerSpec server, ServiceKey service)
        {
            var index = IndexOf(check);
            var path = check.ThroughVip ? PathTo(check, server, service) : null;
            var address = path is null ? check.Address ?? server.Address : service.Address;
            var place = new Place(index, address, PortOf(check, server, service), path);
            if (_leaves.TryGetValue(place, out var known)) return known;

            var target = new ProbeTarget(check, address, place.Port, path);
            var leaf = new HealthNode.Leaf(Targets.Count);
            Targets.Add(target);
            Hashes.Add(Identity.Hash(_checkHashes[index], target).Mixed());
            Questions.Add((uint)_checkHashes[index].Mixed());
            _leaves.Add(place, leaf);
            return leaf;
        }

        int IndexOf(CheckSpec check)
        {
            if (_seen.TryGetValue(check, out var index)) return index;
            if (!_checks.TryGetValue(check, out index))
            {
                index = _checks.Count;
                _checks.Add(check, index);
                _checkHashes.Add(Identity.Hash(check));
            }
            return _seen[check] = index;
        }

        // The private service for the probe holds just this server, which must get the probe whatever weight clients see.
        static ForwardingPath PathTo(CheckSpec check, ServerSpec server, ServiceKey service) =>
            service.IsFirewallMark
                ? throw new ArgumentException($"check '{check.Name}' goes through the virtual address, and {service} has none")
                : new(service, DesiredTableBuilder.Server(server with { Weight = 1, UpperThreshold = 0, LowerThreshold = 0 }, service));

        static ushort PortOf(CheckSpec check, ServerSpec server, ServiceKey service)
        {
            // A program decides for itself whether it needs one.
            if (!check.Probe.NeedsPort && check.Probe is not ProbeSpec.Exec) return 0;
            if (check.Port is { } own) return own;
            var port = check.ThroughVip ? service.Port : DesiredTableBuilder.Port(server, service);
            if (port == 0) port = server.Port ?? 0;
            return port == 0 ? check.Probe.UsualPort ?? 0 : port;
        }
    }

    static class Identity
    {
        /// <summary>Of what is asked. Records print all they hold, in an order that the source fixes.</summary>
        public static StableHash Hash(CheckSpec check) =>
            StableHash.Empty.With(check.Name).With(check.Probe.ToString()).With(check.Source?.ToString() ?? "").With(check.ThroughVip ? 1ul : 0);

        public static StableHash Hash(StableHash check, ProbeTarget target)
        {
            var hash = check.With(target.Address).With(target.Port);
            return target.Path is { } path ? hash.With(path.Service.ToString()).With(Way(path)) : hash;
        }

        public static string Text(ProbeTarget target, uint question)
        {
            var address = new IPEndPoint(target.Address, target.Port).ToString();
            var via = target.Path is { } path ? $" through {path.Service} to {Way(path)}" : "";
            return $"{target.Check.Name} {target.Check.Probe.Kind} {address}{via} #{question:x8}";
        }

        static string Way(ForwardingPath path) => $"{path.Server.Key} {path.Server.Forward} {path.Server.Tunnel}";
    }
}
