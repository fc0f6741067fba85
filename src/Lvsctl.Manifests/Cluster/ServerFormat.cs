using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>One entry among the servers: one server, or a range of them.</summary>
/// <param name="Forward">Null: the service's.</param>
/// <param name="Check">Null: the service's.</param>
sealed record ServerEntry(
    IPAddress? Address, IReadOnlyList<RangeMember>? Range, ushort? Port, int Weight, Thresholds Connections, ForwardSpec? Forward, ChosenCheck? Check, Place PortPlace);

readonly record struct Thresholds(uint Upper, uint Lower);

/// <summary>The keys that a server shares with the defaults for servers.</summary>
static class ServerPolicy
{
    public static readonly Key<ushort> Port = new("port", Shapes.Port,
        "Port of the server. Only NAT can change it.") { DefaultNote = "the port that the client asked for" };
    public static readonly Key<int> Weight = new("weight", new NumberShape(0, int.MaxValue),
        "Its share of the work, relative to the others. 0: no new connections.") { DefaultValue = ServerSpec.DefaultWeight };
    public static readonly Key<Thresholds> Connections = new("connections", new ThresholdsFormat(),
        "How many connections it may have.") { DefaultNote = "no limit", Example = "connections: { upper: 500, lower: 400 }" };
    public static readonly Key<ForwardSpec> Forward = new("forward", ForwardFormat.WithBrief,
        "How packets reach this server.") { DefaultNote = "as the service says" };
    public static readonly Key<ChosenCheck> Check = new("check", new CheckRef(),
        "How this server is found to be healthy.") { DefaultNote = "as the service says" };

    public static readonly Key[] All = [Port, Weight, Connections, Forward, Check];
}

sealed class ServerFormat() : Block<ServerEntry>("server", "a server")
{
    public static readonly Key<IPAddress> Address = new("address", Shapes.Address, "Where it is.") { Example = "address: 192.168.1.102" };
    public static readonly Key<IReadOnlyList<Located<IReadOnlyList<RangeMember>>>> Addresses = new("addresses",
        new ListShape<IReadOnlyList<RangeMember>>(new AddressRangeShape(), oneIsEnough: true, longest: Limits.RangeMembers),
        "Several servers that are alike: a range, or a list of addresses and ranges. Each gets the entry's name with the numbers that its brackets stand for: mx with 10.0.0.[11-14] is mx-11 .. mx-14; without brackets, the last number of its address.")
        { Example = "addresses: \"10.0.0.[11-14]\"" };

    public static Shape<ServerEntry> WithBrief { get; } = new EitherShape<ServerEntry>(new Brief(), new ServerFormat());

    public override IReadOnlyList<Key> Keys { get; } = [Address, Addresses, .. ServerPolicy.All];

    public override IReadOnlyList<Key> OneOf { get; } = [Address, Addresses];

    protected override MapNode? Defaults(ReadContext context) => context.Defaults.Servers;

    protected override ServerEntry? Read(MapCursor map) => Read(map, map.HasItself(Address), null);

    static ServerEntry? Read(MapCursor map, bool hasAddress, AddressPort? brief)
    {
        IReadOnlyList<RangeMember>? range = null;
        var address = brief?.Address;
        if (address is null && hasAddress && !map.TryGet(Address, out address)) return null;
        if (address is null)
        {
            if (!map.TryGet(Addresses, out var parts)) return null;
            range = parts.Count == 1 ? parts[0].Value : [.. parts.SelectMany(p => p.Value)];
            if (range.Count > Limits.RangeMembers)
            {
                map.Complain(Code.TooMuch, map.ValuePlace(Addresses), $"more than {Limits.RangeMembers} addresses");
                return null;
            }
        }

        var context = map.Context;
        var surrounding = context.Surrounding;
        context.Surrounding = surrounding + ".server.check";
        ChosenCheck? check = map.Optional(ServerPolicy.Check);
        context.Surrounding = surrounding;
        return new(address, range, brief?.Port ?? map.Optional(ServerPolicy.Port), map.Get(ServerPolicy.Weight), map.Get(ServerPolicy.Connections),
            map.Optional(ServerPolicy.Forward), check, brief is null ? map.ValuePlace(ServerPolicy.Port) : map.Place);
    }

    /// <summary><c>rs1: 192.168.1.102</c> or <c>rs1: 192.168.1.102:8080</c>.</summary>
    sealed class Brief : Shape<ServerEntry>
    {
        static readonly AddressPortShape At = new(portRequired: false);

        static readonly ServerFormat Format = new();

        public override string Type => At.Type;

        public override bool TryRead(Node node, ReadContext context, out ServerEntry value)
        {
            value = null!;
            if (!At.TryRead(node, context, out var at)) return false;
            value = ServerFormat.Read(new(MapNode.Empty(node.Place), Format, context.Defaults.Servers, context), false, at)!;
            return true;
        }

        public override System.Text.Json.Nodes.JsonObject Schema(SchemaDefinitions definitions) => At.Schema(definitions);
    }
}

sealed class ThresholdsFormat() : Block<Thresholds>("connections", "limits of connections")
{
    public static readonly Key<int> Upper = new("upper", new NumberShape(0, int.MaxValue),
        "Connections at which it takes no more; 0: no limit.") { DefaultValue = 0 };
    public static readonly Key<int> Lower = new("lower", new NumberShape(0, int.MaxValue),
        "Connections below which it takes new ones again.") { DefaultNote = "three quarters of the upper limit" };

    public override IReadOnlyList<Key> Keys { get; } = [Upper, Lower];

    protected override Thresholds Read(MapCursor map)
    {
        var (upper, lower) = (map.Get(Upper), map.Get(Lower));
        if (lower > upper)
        {
            map.Complain(Code.Thresholds, map.ValuePlace(Lower), $"the lower threshold {lower} is above the upper one, {upper}");
        }
        return new((uint)upper, (uint)lower);
    }
}

/// <summary>The sorry server: nothing probes it, and it has no limits.</summary>
/// <param name="Forward">Null: as the service says.</param>
readonly record struct FallbackEntry(IPAddress Address, ushort? Port, ForwardSpec? Forward);

sealed class FallbackFormat() : Block<FallbackEntry>("fallback", "a fallback server")
{
    public static readonly Key<IPAddress> Address = new("address", Shapes.Address, "Where it is.") { Required = true };
    public static readonly Key<ushort> Port = new("port", Shapes.Port,
        "Port of the server. Only NAT can change it.") { DefaultNote = "the port that the client asked for" };
    public static readonly Key<ForwardSpec> Forward = new("forward", ForwardFormat.WithBrief,
        "How packets reach it.") { DefaultNote = "as the service says" };

    public static Shape<FallbackEntry> WithBrief { get; } = new EitherShape<FallbackEntry>(
        new MappedShape<AddressPort, FallbackEntry>(new AddressPortShape(portRequired: false), static at => new(at.Address, at.Port, null)), new FallbackFormat());

    public override IReadOnlyList<Key> Keys { get; } = [Address, Port, Forward];

    protected override FallbackEntry Read(MapCursor map) => new(map.Get(Address) ?? IPAddress.None, map.Optional(Port), map.Optional(Forward));
}
