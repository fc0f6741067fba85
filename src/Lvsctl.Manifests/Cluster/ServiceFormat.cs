using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>The keys that a service shares with the defaults for services.</summary>
static class ServicePolicy
{
    public static readonly Key<SchedulerSpec> Scheduler = new("scheduler", SchedulerFormat.WithBrief,
        "Which server gets the next connection: rr, wrr (in turn), lc, wlc (fewest connections), sh, mh (by client address), dh, lblc, lblcr (caches), sed, nq, fo (failover), ovf (overflow), twos.")
        { DefaultValue = SchedulerSpec.Default, Example = "scheduler: { mh: { port: true, fallback: true } }" };
    public static readonly Key<ForwardSpec> Forward = new("forward", ForwardFormat.WithBrief,
        "How packets reach the servers. nat: rewritten both ways, through the director; dr: unchanged, over the same link; tun: unchanged, inside another packet.")
        { DefaultValue = ForwardSpec.Default, Example = "forward: { tun: { kind: gue, port: 5555, checksum: csum } }" };
    public static readonly Key<PersistenceEntry> Persistence = new("persistence", PersistenceFormat.WithBrief,
        "How long a client stays with its server after its last connection.") { DefaultNote = "none", Example = "persistence: 5m" };
    public static readonly Key<bool> OnePacket = new("one-packet", Shapes.Flag,
        "Schedule each UDP packet alone, without a connection.") { DefaultValue = false };
    public static readonly Key<ChosenCheck> Check = new("check", new CheckRef(),
        "How servers are found to be healthy: the name of a check, a list of names (all of them must hold), a check written here, or none.") { DefaultNote = "none: servers are taken for healthy", Example = "check: web" };
    public static readonly Key<Share> MinHealthy = new("min-healthy", new ShareShape(),
        "Probes never take out more servers than leave this many: a number, or a part of all in %.")
        { DefaultValue = Share.Count(0), Example = "min-healthy: 50%" };
    public static readonly Key<QuorumSpec> Quorum = new("quorum", QuorumFormat.WithBrief,
        "The service counts as up only with so many healthy servers; below, the fallback stands in.") { DefaultNote = "one server is enough", Example = "quorum: { minimum: 3, hysteresis: 1 }" };
    public static readonly Key<FailureAction> OnFailure = new("on-failure", new ChoiceShape<FailureAction>(("remove", FailureAction.Remove), ("quiesce", FailureAction.Quiesce)),
        "What happens to a server that fails. remove: it leaves the table, and its connections end; quiesce: weight 0, its connections stay.") { DefaultValue = FailureAction.Remove };
    public static readonly Key<TimeSpan> SlowStart = new("slow-start", new DurationShape("0s", "1d"),
        "How long a server that came back takes to its full weight.") { DefaultValue = TimeSpan.Zero };

    public static readonly Key[] All = [Scheduler, Forward, Persistence, OnePacket, Check, MinHealthy, Quorum, OnFailure, SlowStart];
}

sealed class ServiceFormat() : Block<ServiceSpec>("service", "a service")
{
    public static readonly Key<IReadOnlyList<Located<ServiceKey[]>>> Listen = new("listen", new ListShape<ServiceKey[]>(new ListenShape(), oneIsEnough: true, longest: Limits.Listens),
        "What clients connect to: protocol, virtual address and port (several: 80,443 or 8000-8010; every port: *), or a firewall mark.")
        { Required = true, Example = "listen: [ \"tcp 192.168.1.200:80,443\", fwmark 7 ]" };
    public static readonly Key<FallbackEntry> Fallback = new("fallback", FallbackFormat.WithBrief,
        "The sorry server: stands in when no server is left, or the quorum is lost.") { DefaultNote = "none", Example = "fallback: 192.168.1.9:80" };
    public static readonly Key<IReadOnlyList<KeyValuePair<Entry, ServerEntry>>> Servers = new("servers", new NamedShape<ServerEntry>("server", ServerFormat.WithBrief),
        "The real servers, by name: an address, address:port, or a map.") { Required = true, Example = "servers: { rs1: 192.168.1.102, rs2: { address: 192.168.1.103, weight: 2 } }" };

    const string FallbackName = "fallback";

    public override IReadOnlyList<Key> Keys { get; } = [Listen, .. ServicePolicy.All, Fallback, Servers];

    protected override MapNode? Defaults(ReadContext context) => context.Defaults.Services;

    protected override ServiceSpec? Read(MapCursor map)
    {
        var context = map.Context;
        var name = context.Surrounding;
        context.Surrounding = name + ".check";
        var check = map.Get(ServicePolicy.Check).Check;
        context.Surrounding = name;

        var service = new ServiceSpec(name)
        {
            Listen = context.Services.Listen(map.Get(Listen), name, context),
            Scheduler = map.Get(ServicePolicy.Scheduler)!,
            Forward = map.Get(ServicePolicy.Forward),
            Persistence = map.Get(ServicePolicy.Persistence)?.Spec,
            OnePacket = map.Get(ServicePolicy.OnePacket),
            Check = check,
            MinHealthy = map.Get(ServicePolicy.MinHealthy),
            Quorum = map.Optional(ServicePolicy.Quorum),
            OnFailure = map.Get(ServicePolicy.OnFailure),
            SlowStart = map.Get(ServicePolicy.SlowStart),
        };
        var fallback = map.Optional(Fallback);
        if (!map.TryGet(Servers, out var entries)) return null;
        service = service with
        {
            Fallback = fallback is { } f ? new(FallbackName, f.Address) { Port = f.Port, Forward = f.Forward ?? service.Forward } : null,
            Servers = new ServerRules(service, map.KeyPlace(ServicePolicy.Check), context).Expand(entries),
        };
        return service.Listen.Count == 0 ? null : ServiceRules.Check(service, map);
    }
}

sealed class QuorumFormat() : Block<QuorumSpec>("quorum", "a quorum")
{
    public static readonly Key<Share> Minimum = new("minimum", new ShareShape(),
        "The quorum is lost below this many healthy servers.") { Required = true };
    public static readonly Key<Share> Hysteresis = new("hysteresis", new ShareShape(),
        "So many more must be healthy before it is regained.") { DefaultValue = Share.Count(0) };

    public static Shape<QuorumSpec> WithBrief { get; } = new EitherShape<QuorumSpec>(
        new MappedShape<Share, QuorumSpec>(new ShareShape(), static m => new(m, Share.Count(0)), static q => q.Minimum), new QuorumFormat());

    public override IReadOnlyList<Key> Keys { get; } = [Minimum, Hysteresis];

    protected override QuorumSpec Read(MapCursor map) => new(map.Get(Minimum), map.Get(Hysteresis));
}

/// <summary>How the netmask was written; what is right depends on what the service listens on.</summary>
enum NetmaskForm
{
    None,
    Mask,
    Prefix,
}

/// <param name="Spec">Its netmask is a prefix's length if it was written so.</param>
sealed record PersistenceEntry(PersistenceSpec Spec, NetmaskForm Form);

sealed class PersistenceFormat() : Block<PersistenceEntry>("persistence", "persistence")
{
    static readonly DurationShape Time = new("1s", "31d", "1s");

    public static readonly Key<TimeSpan> Timeout = new("timeout", Time, "How long a client stays with its server after its last connection.")
        { DefaultValue = TimeSpan.FromSeconds(VirtualService.DefaultPersistenceTimeout) };
    public static readonly Key<uint> Netmask = new("netmask", new NetmaskShape(),
        "IPv4 clients that are equal under this mask go to one server.")
        { DefaultNote = "255.255.255.255", Example = "netmask: 255.255.255.0" };
    public static readonly Key<int> Prefix = new("prefix", new NumberShape(1, 128, "bits"),
        "The same as the length of a prefix, for IPv4 and IPv6.") { DefaultNote = "32 or 128" };
    public static readonly Key<string> Engine = new("engine", new ChoiceShape<string>(("sip", "sip")),
        "Tell clients apart by something else than their address. sip: by the Call-ID of SIP over UDP.") { DefaultNote = "by address" };

    public static Shape<PersistenceEntry> WithBrief { get; } = new EitherShape<PersistenceEntry>(
        new MappedShape<TimeSpan, PersistenceEntry>(Time, static t => new(new(t), NetmaskForm.None)), new PersistenceFormat());

    public override IReadOnlyList<Key> Keys { get; } = [Timeout, Netmask, Prefix, Engine];

    protected override PersistenceEntry Read(MapCursor map)
    {
        map.Exclusive(Netmask, Prefix);
        var prefix = map.Optional(Prefix);
        var netmask = map.Optional(Netmask);
        var form = prefix is not null ? NetmaskForm.Prefix : netmask is not null ? NetmaskForm.Mask : NetmaskForm.None;
        return new(new(map.Get(Timeout)) { Netmask = (uint?)prefix ?? netmask, Engine = map.Get(Engine) }, form);
    }
}
