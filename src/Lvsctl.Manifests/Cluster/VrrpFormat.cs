using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

sealed class VrrpFormat() : Block<VrrpRouterSpec>("vrrp-router", "a virtual router")
{
    const int MostAddresses = 255;

    static readonly ListShape<VirtualAddress> AddressList = new(VirtualAddressFormat.WithBrief, oneIsEnough: true, longest: MostAddresses);

    public static readonly Key<string> Interface = new("interface", Texts.Interface,
        "Where it speaks, and where its addresses live.") { Required = true, Example = "interface: eth0" };
    public static readonly Key<byte> Id = new("id", Shapes.Octet,
        "Virtual router id, the same on all directors, and free on the link.") { Required = true, Example = "id: 51" };
    public static readonly Key<int> Version = new("version", new ChoiceShape<int>(("3", 3), ("2", 2)),
        "2: RFC 3768, IPv4 only; 3: RFC 9568.") { DefaultValue = 3 };
    public static readonly Key<TimeSpan> Interval = new("interval", new DurationShape("10ms", "255s", "10ms"),
        "Between adverts: 10ms .. 40.95s in version 3, whole seconds in version 2. A dead master is noticed after about three of them.") { DefaultValue = VrrpRouterSpec.DefaultInterval };
    public static readonly Key<IReadOnlyList<DirectorPriority>> Priority = new("priority", PriorityShape.Either,
        "The highest one alive is master: a number for all, or a map from director to number. 255 is for the owner of the addresses. A director that the map does not name takes no part.")
        { DefaultNote = VrrpRouterSpec.DefaultPriority.ToString(), Example = "priority: { lb-a: 100, lb-b: 90 }" };
    public static readonly Key<IReadOnlyList<Located<VirtualAddress>>> Addresses = new("addresses", AddressList,
        "The virtual addresses, all of one family.") { Required = true, Example = "addresses: [ 192.168.1.200/24, 192.168.1.201/24 ]" };
    public static readonly Key<IReadOnlyList<Located<VirtualAddress>>> Excluded = new("excluded", AddressList,
        "Addresses that move along but are not in the adverts: of the other family, or more than an advert holds.") { DefaultNote = "none" };
    public static readonly Key<PreemptSpec> Preempt = new("preempt", PreemptFormat.WithBrief,
        "Whether a director of higher priority takes over from one that works; with a delay, how long it waits.") { DefaultNote = "true", Example = "preempt: { delay: 10s }" };
    public static readonly Key<TimeSpan> StartDelay = new("start-delay", new DurationShape("0s", "1h"),
        "Stay silent for so long after the start.") { DefaultValue = TimeSpan.Zero };
    public static readonly Key<PeersSpec> Peers = new("peers", new PeersShape(),
        "Whom adverts are sent to: multicast, unicast (the other directors), or a list of addresses.")
        { DefaultNote = "multicast", Example = "peers: unicast" };
    public static readonly Key<byte> MinTtl = new("min-ttl", Shapes.Octet,
        "Refuse unicast adverts with a lower TTL, which come from further away. Multicast adverts always need 255.") { DefaultValue = 1 };
    public static readonly Key<IPAddress> Source = new("source", new AddressShape(allowLinkLocal: true),
        "Address to speak from.") { DefaultNote = "the interface's first address" };
    public static readonly Key<VrrpAuthentication> Authentication = new("authentication", new AuthenticationFormat(),
        "Version 2 only, for routers that insist: it keeps mistakes out, not attackers.") { DefaultNote = "none", Example = "authentication: { type: pass, password-file: /etc/lvsctl/vrrp.secret }" };
    public static readonly Key<bool> Checksum = new("checksum", new ChoiceShape<bool>(("pseudo-header", true), ("plain", false)),
        "Version 3 over IPv4: what the checksum covers. pseudo-header: as keepalived and RFC 5798; plain: as RFC 9568 and some routers. Both are accepted.") { DefaultValue = true };
    public static readonly Key<AnnounceSpec> Announce = new("announce", new AnnounceFormat(),
        "How a new master tells the network (gratuitous ARP, neighbour advertisements).");
    public static readonly Key<IReadOnlyList<Located<TrackSpec>>> Track = new("track", new ListShape<TrackSpec>(new TrackFormat(), longest: 100),
        "What the director's fitness depends on.")
        { DefaultNote = "nothing", Example = "track: [ { interface: eth1 }, { check: port, target: 192.168.1.1:179, weight: -20 } ]" };
    public static readonly Key<string> SyncGroup = new("sync-group", Texts.Token,
        "Routers of one group change their state together.") { DefaultNote = "none" };
    public static readonly Key<ConnectionSyncSpec?> SyncConnections = new("sync-connections", ConnectionSyncFormat.WithBrief,
        "Run the kernel's connection sync: the master sends, the backups receive, so that open connections survive. true, or a map.") { DefaultNote = "false", Example = "sync-connections: true" };

    public override IReadOnlyList<Key> Keys { get; } =
    [
        Interface, Id, Version, Interval, Priority, Addresses, Excluded, Preempt, StartDelay, Peers, MinTtl, Source, Authentication, Checksum, Announce, Track, SyncGroup,
        SyncConnections,
    ];

    protected override VrrpRouterSpec? Read(MapCursor map)
    {
        var preempt = map.Optional(Preempt) ?? new(true, TimeSpan.Zero);
        var peers = map.Optional(Peers) ?? new(false, []);
        var minTtl = map.Get(MinTtl);
        var priorities = map.Get(Priority) ?? [new("", VrrpRouterSpec.DefaultPriority)];
        var router = new VrrpRouterSpec(map.Context.Surrounding, map.Get(Interface) ?? "", map.Get(Id))
        {
            Version = map.Get(Version),
            Interval = map.Get(Interval),
            Priorities = VrrpRules.Priorities(priorities, map.Context),
            Priority = priorities is [{ Director: "", Priority: var forAll }] ? forAll : (byte)VrrpRouterSpec.DefaultPriority,
            Addresses = map.Get(Addresses).Values(),
            Excluded = map.Get(Excluded).Values(),
            Preempt = preempt.IsOn,
            PreemptDelay = preempt.Delay,
            StartDelay = map.Get(StartDelay),
            Unicast = peers.Unicast ? new(peers.Addresses, minTtl) : null,
            Source = map.Get(Source),
            Authentication = map.Get(Authentication),
            ChecksumPseudoHeader = map.Get(Checksum),
            Announce = map.Get(Announce) ?? new(),
            Track = map.Get(Track).Values(),
            SyncGroup = map.Get(SyncGroup),
            SyncConnections = map.Get(SyncConnections),
        };
        VrrpRules.Check(router, map);
        return router;
    }
}

readonly record struct PreemptSpec(bool IsOn, TimeSpan Delay);

sealed class PreemptFormat() : Block<PreemptSpec>("preempt", "preemption")
{
    public static readonly Key<TimeSpan> Delay = new("delay", new DurationShape("0s", "1d"),
        "How long a better director waits before it takes over.") { Required = true };

    public static Shape<PreemptSpec> WithBrief { get; } = new EitherShape<PreemptSpec>(
        new MappedShape<bool, PreemptSpec>(Shapes.Flag, static on => new(on, TimeSpan.Zero)), new PreemptFormat());

    public override IReadOnlyList<Key> Keys { get; } = [Delay];

    protected override PreemptSpec Read(MapCursor map) => new(true, map.Get(Delay));
}

sealed class VirtualAddressFormat() : Block<VirtualAddress>("virtual-address", "a virtual address")
{
    public static readonly Key<AddressPrefix> Address = new("address", new AddressPrefixShape(),
        "The address, with its prefix.") { Required = true };
    public static readonly Key<string> Interface = new("interface", Texts.Interface,
        "Where it lives.") { DefaultNote = "the router's interface" };
    public static readonly Key<string> Label = new("label", Texts.Label, "Label that ifconfig and ip show, for ifconfig with the interface in front.") { DefaultNote = "none", Example = "label: eth0:web" };

    public static Shape<VirtualAddress> WithBrief { get; } = new EitherShape<VirtualAddress>(
        new MappedShape<AddressPrefix, VirtualAddress>(new AddressPrefixShape(), static a => new(a.Address, a.Length)), new VirtualAddressFormat());

    public override IReadOnlyList<Key> Keys { get; } = [Address, Interface, Label];

    protected override VirtualAddress? Read(MapCursor map) => map.TryGet(Address, out var address)
        ? new(address.Address, address.Length, map.Get(Interface), map.Get(Label))
        : null;
}

sealed class AuthenticationFormat() : Block<VrrpAuthentication>("vrrp-authentication", "authentication")
{
    public static readonly Key<VrrpAuthenticationKind> Kind = new("type", new ChoiceShape<VrrpAuthenticationKind>(("pass", VrrpAuthenticationKind.Pass), ("ah", VrrpAuthenticationKind.Ah)),
        "pass: up to eight bytes in clear text; ah: IPsec authentication header.") { Required = true };
    public static readonly Key<string> PasswordFile = new("password-file", Texts.Path,
        "File that holds the password. The manifest never does.") { Required = true };

    public override IReadOnlyList<Key> Keys { get; } = [Kind, PasswordFile];

    protected override VrrpAuthentication Read(MapCursor map) => new(map.Get(Kind), map.Get(PasswordFile) ?? "");
}

sealed class AnnounceFormat() : Block<AnnounceSpec>("announce", "announcements")
{
    static readonly AnnounceSpec Default = new();

    public static readonly Key<int> Count = new("count", new NumberShape(1, 100),
        "Packets for each address, at once on becoming master.") { DefaultValue = Default.Count };
    public static readonly Key<TimeSpan> RepeatAfter = new("repeat-after", new DurationShape("0s", "1h"),
        "Then the same once more.") { DefaultValue = Default.RepeatAfter };
    public static readonly Key<TimeSpan> Refresh = new("refresh", new DurationShape("0s", "1d"),
        "And one for each address this often, while master; 0s: never.") { DefaultValue = Default.Refresh };
    public static readonly Key<TimeSpan> Spacing = new("spacing", new DurationShape("0s", "1s"),
        "At least so long between two packets.") { DefaultValue = Default.Spacing };

    public override IReadOnlyList<Key> Keys { get; } = [Count, RepeatAfter, Refresh, Spacing];

    protected override AnnounceSpec Read(MapCursor map) => new()
    {
        Count = map.Get(Count),
        RepeatAfter = map.Get(RepeatAfter),
        Refresh = map.Get(Refresh),
        Spacing = map.Get(Spacing),
    };
}

sealed class ConnectionSyncFormat() : Block<ConnectionSyncSpec>("connection-sync", "connection sync")
{
    public static readonly Key<string> Interface = new("interface", Texts.Interface,
        "Where sync messages go.") { DefaultNote = "the router's interface" };
    public static readonly Key<int> Id = new("id", new NumberShape(0, 255),
        "Tells several pairs of directors on one link apart.") { DefaultNote = "the router's id" };
    public static readonly Key<IPAddress> Group = new("group", new AddressShape(allowMulticast: true),
        "Multicast group.") { DefaultNote = "224.0.0.81" };
    public static readonly Key<ushort> Port = new("port", Shapes.Port, "UDP port.") { DefaultNote = "8848" };
    public static readonly Key<byte> Ttl = new("ttl", Shapes.Octet, "TTL of the messages.") { DefaultNote = "1" };
    public static readonly Key<int> MaxLength = new("max-length", new NumberShape(1, 65507, "bytes"),
        "Longest message.") { DefaultNote = "as the interface's MTU allows" };

    public static Shape<ConnectionSyncSpec?> WithBrief { get; } = new EitherShape<ConnectionSyncSpec?>(
        new MappedShape<bool, ConnectionSyncSpec?>(Shapes.Flag, static on => on ? new() : null),
        new MappedShape<ConnectionSyncSpec, ConnectionSyncSpec?>(new ConnectionSyncFormat(), static s => s));

    public override IReadOnlyList<Key> Keys { get; } = [Interface, Id, Group, Port, Ttl, MaxLength];

    protected override ConnectionSyncSpec Read(MapCursor map)
    {
        var group = map.Get(Group);
        if (group is not null && !(group.IsIPv6Multicast || group.GetAddressBytes() is [>= 224 and < 240, _, _, _]))
        {
            map.Complain(Code.UnusableAddress, map.ValuePlace(Group), $"{group} is no multicast address");
        }
        return new()
        {
            Interface = map.Get(Interface),
            Id = (byte?)map.Optional(Id),
            Group = group,
            Port = map.Get(Port),
            Ttl = map.Get(Ttl),
            MaxLength = (ushort)map.Get(MaxLength),
        };
    }
}
