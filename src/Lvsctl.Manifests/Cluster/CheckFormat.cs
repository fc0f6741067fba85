using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>When to ask and how to judge: the keys that a check shares with the defaults for checks.</summary>
static class CheckPolicy
{
    public static readonly Key<TimeSpan> Every = new("every", new DurationShape("10ms", "1d"),
        "From the start of one probe to that of the next.") { DefaultValue = CheckSpec.DefaultEvery };
    public static readonly Key<TimeSpan> FastEvery = new("fast-every", new DurationShape("10ms", "1d"),
        "The same while the server is changing: from its first failure until it is out, and from its first success until it is in.") { DefaultNote = "no different" };
    public static readonly Key<TimeSpan> Timeout = new("timeout", new DurationShape("1ms", "10m"),
        "For the whole probe: connecting, asking, and reading the answer.") { DefaultValue = CheckSpec.DefaultTimeout };
    public static readonly Key<int> Rise = new("rise", new NumberShape(1, 1000),
        "Successes in a row before a server comes (back) in.") { DefaultValue = CheckSpec.DefaultRise };
    public static readonly Key<int> Fall = new("fall", new NumberShape(1, 1000),
        "Failures in a row before it goes out.") { DefaultValue = CheckSpec.DefaultFall };
    public static readonly Key<StartState> Start = new("start", new ChoiceShape<StartState>(("last", StartState.Last), ("up", StartState.Up), ("down", StartState.Down)),
        "What a server is taken for before it was probed. last: what it was, if that is known and younger than daemon.state-max-age; otherwise it stays as it is in the kernel's table until its probes have said enough.") { DefaultValue = StartState.Last };
    public static readonly Key<FlapSpec> Flap = new("flap", new FlapFormat(),
        "Hold a server down that keeps coming and going.")
        { DefaultNote = "no damping", Example = "flap: { changes: 6, within: 10m, hold: 5m }" };
    public static readonly Key<ProbeSource> Source = new("source", new SourceShape(),
        "Address or interface that probes are sent from.") { DefaultNote = "as the kernel routes", Example = "source: eth1" };

    public static readonly Key[] All = [Every, FastEvery, Timeout, Rise, Fall, Start, Flap, Source];
}

sealed class CheckFormat() : Block<CheckSpec>("check", "a check")
{
    public static readonly Key<ProbeSpec> Tcp = Probe("tcp", new TcpFormat(), "Connect; optionally send and expect something.", "tcp: {}");
    public static readonly Key<ProbeSpec> Http = Probe("http", new HttpFormat(tls: false), "Ask by HTTP/1.1.", "http: { path: /health, host: shop.example }");
    public static readonly Key<ProbeSpec> Https = Probe("https", new HttpFormat(tls: true), "Ask by HTTP/1.1 over TLS.", "https: { path: /health, host: shop.example }");
    public static readonly Key<ProbeSpec> Icmp = Probe("icmp", new IcmpFormat(), "Echo request (ping), over IPv4 or IPv6.", "icmp: {}");
    public static readonly Key<ProbeSpec> Udp = Probe("udp", new UdpFormat(), "Send a packet and expect a reply.", "udp: { send-hex: ff ff, accept-silence: true }");
    public static readonly Key<ProbeSpec> Dns = Probe("dns", new DnsFormat(), "Ask a name server.", "dns: { name: shop.example, type: A }");
    public static readonly Key<ProbeSpec> Smtp = Probe("smtp", new SmtpFormat(), "Greeting, EHLO and QUIT; optionally STARTTLS.", "smtp: { helo: lb.shop.example }");
    public static readonly Key<ProbeSpec> Exec = new("exec", ExecFormat.WithBrief,
        "Run a program: a list of program and arguments, or a map. Never a shell.")
        { Example = "exec: [ /usr/lib/lvsctl/check-queue, --max, \"100\" ]" };
    public static readonly Key<ProbeSpec> File = new("file", FileFormat.WithBrief,
        "Look for a file on the director: its path, or a map.") { Example = "file: /run/shop/up" };
    public static readonly Key<ProbeSpec> MySql = Probe("mysql", new MySqlFormat(), "Greeting of a MySQL or MariaDB server; optionally log in and look at its role.", "mysql: { user: lvs, password-file: /etc/lvsctl/mysql.secret, role: primary }");
    public static readonly Key<ProbeSpec> Postgres = Probe("postgres", new PostgresFormat(), "Start-up message to a PostgreSQL server.", "postgres: {}");
    public static readonly Key<ProbeSpec> Redis = Probe("redis", new RedisFormat(), "PING to a Redis server; optionally look at its role.", "redis: { role: primary }");
    public static readonly Key<IReadOnlyList<Located<string>>> All = new("all", CheckRef.Names,
        "Healthy when every one of these checks is.") { Example = "all: [ port, web ]" };
    public static readonly Key<IReadOnlyList<Located<string>>> Any = new("any", CheckRef.Names,
        "Healthy when one of these checks is.") { Example = "any: [ port, web ]" };

    public static readonly Key<System.Net.IPAddress> Address = new("address", Shapes.Address,
        "Ask this address instead of the server's.") { DefaultNote = "the server's address" };
    public static readonly Key<ushort> Port = new("port", Shapes.Port,
        "Ask this port instead of the server's.") { DefaultNote = "the server's port, or else the probe's usual one" };
    public static readonly Key<bool> Through = new("through", new ChoiceShape<bool>(("server", false), ("vip", true)),
        "server: ask the server's own address. vip: ask the virtual address along the real forwarding path to this server, which also finds servers that do not hold the virtual address and tunnels that are down.") { DefaultValue = false };
    public static readonly Key<AgentWeightSpec> Weight = new("weight", new AgentWeightFormat(),
        "Let the server say its own weight, as a number, a part in % of the manifest's, or 'drain'.") { DefaultNote = "the manifest's weight", Example = "weight: { from: header, header: X-Weight, step: 10% }" };

    static readonly Key<ProbeSpec>[] Probes = [Tcp, Http, Https, Icmp, Udp, Dns, Smtp, Exec, File, MySql, Postgres, Redis];

    public override IReadOnlyList<Key> OneOf { get; } = [.. Probes, All, Any];

    public override IReadOnlyList<Key> Keys { get; } = [.. Probes, All, Any, .. CheckPolicy.All, Address, Port, Through, Weight];

    static Key<ProbeSpec> Probe<T>(string name, Block<T> format, string meaning, string example) where T : ProbeSpec =>
        new(name, new MappedShape<T, ProbeSpec>(format, static p => p), meaning) { Example = example };

    protected override MapNode? Defaults(ReadContext context) => context.Defaults.Checks;

    protected override CheckSpec? Read(MapCursor map)
    {
        var name = map.Context.Surrounding;
        if (ReadProbe(map) is not { } probe) return null;
        var check = new CheckSpec(name, probe)
        {
            Every = map.Get(CheckPolicy.Every),
            FastEvery = map.Optional(CheckPolicy.FastEvery),
            Timeout = map.Get(CheckPolicy.Timeout),
            Rise = map.Get(CheckPolicy.Rise),
            Fall = map.Get(CheckPolicy.Fall),
            Start = map.Get(CheckPolicy.Start),
            Flap = map.Get(CheckPolicy.Flap),
            Source = map.Get(CheckPolicy.Source),
            Address = map.Get(Address),
            Port = map.Optional(Port),
            ThroughVip = map.Get(Through),
            Weight = map.Get(Weight),
        };
        CheckRules.Check(check, map);
        return check;
    }

    static ProbeSpec? ReadProbe(MapCursor map)
    {
        foreach (var key in Probes)
        {
            if (map.HasItself(key)) return map.Get(key);
        }
        if (map.HasItself(All)) return map.TryGet(All, out var all) ? new ProbeSpec.All(map.Context.Checks.Members(all, map.Context)) : null;
        return map.TryGet(Any, out var any) ? new ProbeSpec.Any(map.Context.Checks.Members(any, map.Context)) : null;
    }
}

sealed class FlapFormat() : Block<FlapSpec>("flap", "flap damping")
{
    public static readonly Key<int> Changes = new("changes", new NumberShape(2, 1000), "So many changes of state …") { Required = true };
    public static readonly Key<TimeSpan> Within = new("within", Shapes.Span, "… within this time …") { Required = true };
    public static readonly Key<TimeSpan> Hold = new("hold", Shapes.Span, "… hold the server down for so long.") { Required = true };

    public override IReadOnlyList<Key> Keys { get; } = [Changes, Within, Hold];

    protected override FlapSpec Read(MapCursor map) => new(map.Get(Changes), map.Get(Within), map.Get(Hold));
}

sealed class AgentWeightFormat() : Block<AgentWeightSpec>("agent-weight", "a weight from the server")
{
    public static readonly Key<WeightSource> From = new("from", new ChoiceShape<WeightSource>(
        ("header", WeightSource.Header), ("body", WeightSource.Body), ("exit", WeightSource.Exit), ("content", WeightSource.Content)),
        "Where it says it. header: an HTTP header; body: the reply's text; exit: the program's exit code, where 0 is healthy with the manifest's weight, 1 sick, 2 to 254 the weights 0 to 252, and 255 drain; content: the file's text.") { Required = true };
    public static readonly Key<string> Header = new("header", Texts.Token, "Which header, for 'from: header'.");
    public static readonly Key<Share> Step = new("step", new ShareShape(int.MaxValue, "units of weight"),
        "How far one answer may move the weight.") { DefaultNote = "any distance", Example = "step: 10%" };

    public override IReadOnlyList<Key> Keys { get; } = [From, Header, Step];

    protected override AgentWeightSpec Read(MapCursor map)
    {
        var weight = new AgentWeightSpec(map.Get(From), map.Get(Header), map.Optional(Step));
        if (!map.Has(From)) return weight;
        if (weight.From == WeightSource.Header && weight.Header is null)
        {
            map.Complain(Code.MissingKey, map.Place, "which header? 'header' is missing");
        }
        if (weight.From != WeightSource.Header && weight.Header is not null)
        {
            map.Complain(Code.NoEffect, map.KeyPlace(Header), "'header' has no effect unless the weight comes 'from: header'");
        }
        return weight;
    }
}

sealed class SourceShape : ScalarShape<ProbeSource>
{
    public override string Type => "address or interface name";

    protected override Problem? Parse(string text, out ProbeSource? value)
    {
        value = null;
        if (IpText.Address(text) is { } address)
        {
            if (IpText.Unusable(address) is { } why) return new(Code.UnusableAddress, $"{address} cannot be used here: {why}");
            value = new(address, null);
            return null;
        }
        if (text.Length is 0 or > 15 || text.Any(c => c is '/' or ':' || c <= ' ') || text.All(c => char.IsAsciiDigit(c) || c == '.'))
        {
            return new(Code.Malformed, $"{Quote(text)} is neither an address nor an interface name");
        }
        value = new(null, text);
        return null;
    }

    public override System.Text.Json.Nodes.JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.Text("^[^/ ]+$");
}
