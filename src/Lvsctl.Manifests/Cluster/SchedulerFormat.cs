using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>A scheduler's name, or a map of one such name to its options.</summary>
sealed class SchedulerFormat : ScalarShape<SchedulerSpec>
{
    const int LongestName = 15;

    static readonly string[] Known = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos", "none"];

    static readonly SchedulerOptions Options = new();

    public static Shape<SchedulerSpec> WithBrief { get; } = new EitherShape<SchedulerSpec>(new SchedulerFormat(), new Full());

    public override string Type => "scheduler";

    public override string Show(SchedulerSpec value) => value.Name;

    // Not a mistake of form: a kernel may have a scheduler that lvsctl has never heard of.
    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out SchedulerSpec value)
    {
        if (!base.TryRead(node, context, out value)) return false;
        WarnOfUnknown(value.Name, node.Place, context);
        return true;
    }

    static void WarnOfUnknown(string name, Place place, ReadContext context)
    {
        if (Known.Contains(name)) return;
        var near = Wording.DidYouMean(name, Known);
        context.Complain(Code.UnknownScheduler, place,
            $"scheduler '{name}' is not known{(near.Length > 0 ? near : $"; known are {string.Join(", ", Known)}")}");
    }

    protected override Problem? Parse(string text, out SchedulerSpec? value)
    {
        value = new(text);
        return NameProblem(text) is { } problem ? new(Code.Malformed, $"{Quote(text)} is no scheduler: {problem}") : null;
    }

    static string? NameProblem(string name) =>
        name.Length is 0 or > LongestName ? $"names have 1 to {LongestName} characters"
        : name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')) ? "names have letters, digits, dashes and underscores"
        : null;

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.Text("^[A-Za-z0-9_-]{1,15}$");

    sealed class Full : Shape<SchedulerSpec>
    {
        public override string Type => "map of one scheduler to its options";

        public override IEnumerable<Shape> Parts => [new NamedShape<ServiceFlags>("scheduler", Options)];

        public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out SchedulerSpec value)
        {
            value = null;
            if (node is not MapNode { Entries: [var entry] })
            {
                context.Complain(Code.WrongKind, node.Place, "one scheduler with its options is wanted here, as { mh: { port: true } }");
                return false;
            }
            if (NameProblem(entry.Key) is { } problem)
            {
                context.Complain(Code.Malformed, entry.Place, $"'{Wording.Excerpt(entry.Key)}' is no scheduler: {problem}");
                return false;
            }
            WarnOfUnknown(entry.Key, entry.Place, context);
            if (!Options.TryRead(entry.Value, context, out var flags)) return false;
            CheckOptions(entry, context);
            value = new(entry.Key, flags);
            return true;
        }

        static void CheckOptions(Entry scheduler, ReadContext context)
        {
            if (scheduler.Key is "sh" or "mh" || scheduler.Value is not MapNode map) return;
            foreach (var option in map.Entries)
            {
                // The kernel keeps them for any scheduler, and a table that has them must be writable.
                if (option.Key == SchedulerOptions.Flags.Name)
                {
                    if (Known.Contains(scheduler.Key))
                    {
                        context.Complain(Code.NoEffect, option.Place,
                            $"{scheduler.Key} has no flags: the kernel keeps them and does nothing with them");
                    }
                    continue;
                }
                context.Complain(Code.SchedulerOption, option.Place, $"'{Wording.Excerpt(option.Key)}' means nothing to {scheduler.Key}");
            }
        }

        public override JsonObject Schema(SchemaDefinitions definitions) => new()
        {
            ["type"] = JsonValue.Create("object"),
            ["minProperties"] = JsonValue.Create(1),
            ["maxProperties"] = JsonValue.Create(1),
            ["propertyNames"] = new JsonObject { ["pattern"] = JsonValue.Create("^[A-Za-z0-9_-]{1,15}$") },
            ["additionalProperties"] = Options.Schema(definitions),
        };
    }
}

sealed class SchedulerOptions() : Block<ServiceFlags>("scheduler-options", "the options of a scheduler")
{
    public static readonly Key<bool> Port = new("port", Shapes.Flag,
        "sh and mh: the client's port counts too, so that its connections are spread.") { DefaultValue = false };
    public static readonly Key<bool> Fallback = new("fallback", Shapes.Flag,
        "sh and mh: when the chosen server has weight 0 or is overloaded, take the next one.") { DefaultValue = false };
    public static readonly Key<IReadOnlyList<Located<int>>> Flags = new("flags", new ListShape<int>(new NumberShape(1, 3), oneIsEnough: true, longest: 3),
        "The kernel's flags 1 to 3 for the scheduler; for those that lvsctl does not know.") { Example = "flags: [ 1, 3 ]" };

    public override IReadOnlyList<Key> Keys { get; } = [Port, Fallback, Flags];

    protected override ServiceFlags Read(MapCursor map)
    {
        var flags = ServiceFlags.None;
        if (map.Get(Fallback)) flags |= ServiceFlags.Scheduler1;
        if (map.Get(Port)) flags |= ServiceFlags.Scheduler2;
        foreach (var flag in map.Get(Flags) ?? []) flags |= (ServiceFlags)((uint)ServiceFlags.Scheduler1 << (flag.Value - 1));
        return flags;
    }
}
