using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests.Cluster;

/// <summary>One key for each setting that Core knows.</summary>
sealed class SettingsFormat() : Block<SettingsSpec>("settings", "the director's kernel settings")
{
    static readonly (Key<string> Key, KernelSetting Setting)[] Settings = [.. KernelSetting.All.Select(s => (new Key<string>(s.Name, Shape(s), Meaning(s)) { DefaultNote = Default(s) }, s))];

    public static readonly Key<TimeoutsSpec> Timeouts = new("timeouts", new TimeoutsFormat(),
        "How long IPVS remembers connections that carry nothing.")
        { DefaultNote = "left as they are", Example = "timeouts: { tcp: 15m, tcp-fin: 2m, udp: 5m }" };

    public override IReadOnlyList<Key> Keys { get; } = [.. Settings.Select(s => s.Key), Timeouts];

    protected override SettingsSpec Read(MapCursor map)
    {
        var values = new List<SettingValue>();
        foreach (var (key, setting) in Settings)
        {
            if (map.TryGet(key, out var value)) values.Add(new(setting, value));
        }
        return new() { Sysctls = values.ToValueList(), Timeouts = map.Get(Timeouts) };
    }

    static string Meaning(KernelSetting setting) =>
        $"{setting.Meaning} Sets {setting.Sysctl}{(setting.Since is { } since ? $", which exists since Linux {since}" : "")}.";

    static string Default(KernelSetting setting) => setting.KernelDefault switch
    {
        null => "left as it is",
        "0" when setting.Kind == SettingKind.Flag => "left as it is (Linux: false)",
        "1" when setting.Kind == SettingKind.Flag => "left as it is (Linux: true)",
        var value => $"left as it is (Linux: {value})",
    };

    static Shape<string> Shape(KernelSetting setting) => setting.Kind switch
    {
        SettingKind.Flag => new MappedShape<bool, string>(Shapes.Flag, static on => on ? "1" : "0"),
        SettingKind.Number => new MappedShape<int, string>(new NumberShape(setting.Minimum, setting.Maximum), static n => n.ToString(CultureInfo.InvariantCulture)),
        SettingKind.Pair => new PairShape(),
        _ => new TextShape("list of processors", static t => t.Length > 0 && t.All(c => char.IsAsciiDigit(c) || c is ',' or '-') ? null : "write 0-3,7", longest: 200),
    };

    /// <summary><c>3 50</c>, as the kernel writes it, or <c>[3, 50]</c>.</summary>
    sealed class PairShape : Shape<string>
    {
        static readonly NumberShape Number = new(0, int.MaxValue);
        static readonly ListShape<int> List = new(Number, longest: 2);

        public override string Type => "list of two numbers";

        public override bool TryRead(Yaml.Node node, ReadContext context, [MaybeNullWhen(false)] out string value)
        {
            value = null;
            if (!List.TryRead(node, context, out var numbers)) return false;
            value = string.Join(' ', numbers.Values());
            if (numbers.Count == 2) return true;
            context.Complain(Code.OutOfRange, node.Place, "two numbers are wanted here");
            return false;
        }

        public override JsonObject Schema(SchemaDefinitions definitions)
        {
            var schema = List.Schema(definitions);
            schema["minItems"] = JsonValue.Create(2);
            schema["maxItems"] = JsonValue.Create(2);
            return schema;
        }
    }
}

sealed class TimeoutsFormat() : Block<TimeoutsSpec>("timeouts", "time-outs of connections")
{
    static readonly DurationShape Time = new("1s", "31d", "1s");

    public static readonly Key<TimeSpan> Tcp = new("tcp", Time,
        "Established TCP connections.") { DefaultNote = "left as it is (Linux: 15m)" };
    public static readonly Key<TimeSpan> TcpFin = new("tcp-fin", Time,
        "TCP connections after a FIN.") { DefaultNote = "left as it is (Linux: 2m)" };
    public static readonly Key<TimeSpan> Udp = new("udp", Time, "UDP.") { DefaultNote = "left as it is (Linux: 5m)" };

    public override IReadOnlyList<Key> Keys { get; } = [Tcp, TcpFin, Udp];

    protected override TimeoutsSpec Read(MapCursor map) => new(map.Optional(Tcp), map.Optional(TcpFin), map.Optional(Udp));
}
