using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Tests.Health;

/// <summary>One service with servers rs1, rs2, …, a monitor over it, and a clock that goes when told.</summary>
sealed class Rig
{
    public static readonly ServiceKey Key = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    /// <summary>One outcome is enough, so that tests of other things stay short.</summary>
    public static readonly CheckSpec Quick = new("web", new ProbeSpec.Tcp()) { Rise = 1, Fall = 1, Every = TimeSpan.FromSeconds(1) };

    public static readonly ServerSpec Sorry = new("fallback", IPAddress.Parse("10.1.0.99"));

    readonly ClusterSpec _cluster;
    readonly DesiredTable _manifest;

    public Rig(ServiceSpec service, IReadOnlyList<ObservedPool>? kernel = null, HealthSnapshot? memory = null, TimeSpan? wallAhead = null)
    {
        _cluster = new ClusterSpec { Services = [service] };
        _manifest = DesiredTableBuilder.Build(_cluster);
        WallAhead = wallAhead ?? TimeSpan.Zero;
        Monitor = new(ProbePlan.Of(_cluster), memory, kernel ?? Kernel(service, service.Servers.Count), Now, Wall);
    }

    public HealthMonitor Monitor { get; }

    /// <summary>Of a clock that has run for a while before anything here began.</summary>
    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(7);

    public TimeSpan WallAhead { get; set; }

    public DateTimeOffset Wall => Start + WallAhead + (Now - TimeSpan.FromHours(7));

    public List<ServiceChange> Changes { get; } = [];

    public List<Intent> Intents { get; } = [];

    public static ServiceSpec Service(int servers, CheckSpec? check = null, int weight = 1) => new("web")
    {
        Listen = [Key],
        Check = check ?? Quick,
        Servers = [.. Enumerable.Range(1, servers).Select(i => new ServerSpec($"rs{i}", IPAddress.Parse($"10.1.0.{i}")) { Weight = weight })],
    };

    /// <summary>The kernel's table with the first so many servers in it.</summary>
    public static IReadOnlyList<ObservedPool> Kernel(ServiceSpec service, int servers, int? weight = null) =>
    [
        new(new(DesiredTableBuilder.Service(service, Key), default),
            [.. service.Servers.Take(servers).Select(s => new ObservedServer(DesiredTableBuilder.Server(s with { Weight = weight ?? s.Weight }, Key), 0, 0, 0, default))]),
    ];

    public static ProbeOutcome Ok => new(ProbeReason.Ok, TimeSpan.FromMilliseconds(1));

    public static ProbeOutcome Refused => new(ProbeReason.Refused, TimeSpan.FromMilliseconds(1));

    public static ProbeOutcome Says(string word) => Ok with { Word = AgentWord.Read(word) };

    public Rig Pass(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    /// <summary>The servers' targets, one after another; a second passes each time.</summary>
    public Rig Probe(ProbeOutcome outcome, params ReadOnlySpan<int> servers)
    {
        foreach (var server in servers)
        {
            Pass(1);
            Observe(server, outcome);
        }
        return this;
    }

    public HealthChange? Observe(int server, ProbeOutcome outcome)
    {
        var address = server == 99 ? Sorry.Address : _cluster.Services[0].Servers[server - 1].Address;
        for (var i = 0; i < Monitor.Plan.Targets.Count; i++)
        {
            if (Monitor.Plan.Targets[i].Address.Equals(address)) return Monitor.Observe(i, outcome, Now);
        }
        throw new InvalidOperationException($"rs{server} is not probed");
    }

    public DesiredService Lay() => Monitor.Lay(Overlay.Lay(Intents, _manifest, [], Wall), Now, Wall, Changes).Services[0];

    /// <summary><c>rs1=1 rs2=out</c>.</summary>
    public string Table => string.Join(' ', Lay().Servers.Select(s => $"{s.Name}={(s.IsOut ? "out" : s.Server.Weight)}"));

    public string? Because(string name) => Lay().Servers.Single(s => s.Name == name).Because;

    public HealthSnapshot Remember() => Monitor.Remember(Now, Wall);
}
