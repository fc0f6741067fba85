using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Nodes;
using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>A number for all directors (one entry without a name), or a map from director to number.</summary>
sealed class PriorityShape : Shape<IReadOnlyList<DirectorPriority>>
{
    static readonly NamedShape<byte> Map = new("director", Shapes.Octet);

    public static Shape<IReadOnlyList<DirectorPriority>> Either { get; } = new EitherShape<IReadOnlyList<DirectorPriority>>(
        new MappedShape<byte, IReadOnlyList<DirectorPriority>>(Shapes.Octet, static p => [new("", p)]), new PriorityShape());

    public override string Type => "map from director to number";

    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out IReadOnlyList<DirectorPriority> value)
    {
        value = null;
        if (!Map.TryRead(node, context, out var entries)) return false;
        if (entries.Count == 0)
        {
            context.Complain(Code.NothingWritten, node.Place, "no director has a priority");
            return false;
        }
        var priorities = new List<DirectorPriority>();
        var holders = new Dictionary<byte, string>();
        foreach (var (entry, priority) in entries)
        {
            if (context.IsComplete && context.Directors.All(d => d.Name != entry.Key))
            {
                context.Complain(Code.UnknownName, entry.Place,
                    $"there is no director '{Wording.Excerpt(entry.Key)}'{Wording.DidYouMean(entry.Key, context.Directors.Select(d => d.Name))}");
            }
            if (!holders.TryAdd(priority, entry.Key))
            {
                context.Complain(Code.SamePriority, entry.Value.Place,
                    $"'{holders[priority]}' has priority {priority} too: which of them is master is left to chance");
            }
            priorities.Add(new(entry.Key, priority));
        }
        value = priorities;
        return true;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => Map.Schema(definitions);
}

/// <param name="Addresses">Empty: the other directors.</param>
readonly record struct PeersSpec(bool Unicast, ValueList<IPAddress> Addresses);

/// <summary>multicast, unicast, or a list of addresses.</summary>
sealed class PeersShape : Shape<PeersSpec>
{
    static readonly ChoiceShape<bool> Word = new(("multicast", false), ("unicast", true));
    static readonly ListShape<IPAddress> List = new(new AddressShape(allowLinkLocal: true), oneIsEnough: true, longest: 255);

    public override string Type => $"{Word.Type}; or list of addresses";

    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out PeersSpec value)
    {
        value = default;
        if (node is ListNode)
        {
            if (!List.TryRead(node, context, out var addresses)) return false;
            value = new(true, addresses.Values());
            return true;
        }
        if (!Word.TryRead(node, context, out var unicast)) return false;
        value = new(unicast, []);
        return true;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.AnyOf(Word.Schema(definitions), List.Schema(definitions));
}

sealed class TrackFormat() : Block<TrackSpec>("track", "something tracked")
{
    public static readonly Key<string> Interface = new("interface", Texts.Interface, "Well while this interface is up.");
    public static readonly Key<string> Check = new("check", new TextShape("name of a check", static _ => null, longest: 63),
        "Well while this check succeeds.");
    public static readonly Key<string> File = new("file", Texts.Path, "Well while this file exists.");
    public static readonly Key<string> Process = new("process", Texts.Token, "Well while a process of this name runs.");
    public static readonly Key<IReadOnlyList<Located<DirectorTrouble>>> Director = new("director", new ListShape<DirectorTrouble>(new ChoiceShape<DirectorTrouble>(
        ("late-probes", DirectorTrouble.LateProbes), ("memory", DirectorTrouble.Memory), ("cpu", DirectorTrouble.Cpu), ("quorum", DirectorTrouble.Quorum)), oneIsEnough: true, longest: 4),
        "Well while the director itself has none of these troubles: probes behind their schedule, memory or CPU exhausted, every service below its quorum.") { Example = "director: [ late-probes, quorum ]" };
    public static readonly Key<AddressPort> Target = new("target", new AddressPortShape(portRequired: false),
        "Whom the check asks.") { DefaultNote = "address and port of the check", Example = "target: 192.168.1.1:179" };
    public static readonly Key<int> Weight = new("weight", new NumberShape(-253, 253),
        "Added to the priority: while it fails if negative, while it is well if positive. 0: failing means fault, and another director takes over.") { DefaultValue = 0 };

    public override IReadOnlyList<Key> OneOf { get; } = [Interface, Check, File, Process, Director];

    public override IReadOnlyList<Key> Keys { get; } = [Interface, Check, File, Process, Director, Target, Weight];

    protected override TrackSpec? Read(MapCursor map)
    {
        var target = map.Optional(Target);
        if (target is not null && !map.HasItself(Check))
        {
            map.Complain(Code.NoEffect, map.KeyPlace(Target), "'target' has no effect without a 'check'");
        }
        TrackSpec? tracked = null;
        if (map.Get(Interface) is { } name) tracked = new TrackSpec.Interface(name);
        else if (map.Get(File) is { } path) tracked = new TrackSpec.File(path);
        else if (map.Get(Process) is { } process) tracked = new TrackSpec.Process(process);
        else if (map.Get(Director) is { } troubles) tracked = new TrackSpec.Director(troubles.Values());
        else if (map.Get(Check) is { } check) tracked = Tracked(check, target, map);
        var weight = map.Get(Weight);
        return tracked is null ? null : tracked with { Weight = weight };
    }

    static TrackSpec.Check? Tracked(string name, AddressPort? target, MapCursor map)
    {
        if (map.Context.Checks.Find(name, map.ValuePlace(Check), map.Context) is not { } check) return null;
        foreach (var leaf in CheckRules.Leaves(check))
        {
            if (leaf.ThroughVip)
            {
                map.Complain(Code.ThroughVip, map.ValuePlace(Check),
                    $"check '{leaf.Name}' goes through a virtual address, and a virtual router has no servers behind it");
            }
            if (leaf.Probe is ProbeSpec.Exec or ProbeSpec.File) continue;
            if (target is null && leaf.Address is null)
            {
                map.Complain(Code.NothingTracked, map.ValuePlace(Check),
                    $"check '{leaf.Name}' does not know whom to ask: give it a 'target' here");
            }
            else if (leaf.Probe.NeedsPort && target?.Port is null && leaf.Port is null && leaf.Probe.UsualPort is null)
            {
                map.Complain(Code.NothingTracked, map.ValuePlace(Check),
                    $"check '{leaf.Name}' does not know which port to ask: add it to the target");
            }
        }
        return new(check, target?.Address, target?.Port);
    }
}
