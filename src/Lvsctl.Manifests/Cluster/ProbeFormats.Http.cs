using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using static Lvsctl.Core.Cluster.ProbeSpec;

namespace Lvsctl.Manifests.Cluster;

sealed class HttpFormat(bool tls) : Block<Http>(tls ? "https" : "http", tls ? "an https probe" : "an http probe")
{
    public static readonly Key<string> Path = new("path", Texts.UrlPath,
        "Path to ask for, with its query.") { DefaultValue = "/", Example = "path: /health?deep=1" };
    public static readonly Key<string> Method = new("method", Texts.Token, "Method of the request.") { DefaultValue = "GET" };
    public static readonly Key<string> Host = new("host", Texts.Line,
        "Host header, and the name for TLS unless that has one of its own.") { DefaultNote = "the address that is asked" };
    public static readonly Key<IReadOnlyList<KeyValuePair<Yaml.Entry, string>>> Headers = new("headers", Shapes.Headers,
        "More headers of the request.") { Example = "headers: { X-Probe: lvsctl }" };
    public static readonly Key<string> Send = new("send", Texts.Any, "Body of the request.") { DefaultNote = "none" };
    public static readonly Key<IReadOnlyList<Located<StatusRange>>> Expect = new("expect", new ListShape<StatusRange>(new StatusShape(), oneIsEnough: true, longest: 100),
        "Status codes that count as healthy. Redirects are answers; they are not followed.") { DefaultNote = "200-299", Example = "expect: [ 200-299, 401 ]" };
    public static readonly Key<BodyExpectation> Body = new("body", new BodyFormat(),
        "What the reply's body must be like.") { Example = "body: { contains: ok }" };
    public static readonly Key<int> MaxBody = new("max-body", new SizeShape(0, 16 * 1024 * 1024),
        "How much of the reply's body is read at most.") { DefaultValue = Http.DefaultMaxBody };
    public static readonly Key<TlsSpec> Tls = new("tls", new TlsFormat(),
        "How TLS is spoken, and whom it trusts.") { DefaultNote = "certificates are verified against the system's authorities" };

    public override IReadOnlyList<Key> Keys { get; } = tls
        ? [Path, Method, Host, Headers, Send, Expect, Body, MaxBody, Tls]
        : [Path, Method, Host, Headers, Send, Expect, Body, MaxBody];

    protected override Http Read(MapCursor map)
    {
        var probe = new Http
        {
            Path = map.Get(Path) ?? "/",
            Method = map.Get(Method) ?? "GET",
            Host = map.Get(Host),
            Headers = Shapes.ToHeaders(map.Get(Headers)),
            Send = map.Get(Send),
            Body = map.Get(Body),
            MaxBody = map.Get(MaxBody),
            Tls = tls ? map.Get(Tls) ?? new() : null,
        };
        return map.TryGet(Expect, out var expect) ? probe with { Expect = expect.Values() } : probe;
    }

    sealed class StatusShape : ScalarShape<StatusRange>
    {
        public override string Type => "status code, or range as 200-299";

        protected override Problem? Parse(string text, out StatusRange value)
        {
            value = default;
            var dash = text.IndexOf('-');
            int first = IpText.Port(dash < 0 ? text : text.AsSpan(0, dash)), last = dash < 0 ? first : IpText.Port(text.AsSpan(dash + 1));
            if (first == 0 || last == 0) return new(Code.NotANumber, $"{Quote(text)} is no status code, nor a range as 200-299");
            if (first < 100 || last > 599 || first > last) return new(Code.OutOfRange, $"{Quote(text)} is not in 100..599");
            value = new(first, last);
            return null;
        }

        public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.AnyOf(
            new JsonObject { ["type"] = JsonValue.Create("integer"), ["minimum"] = JsonValue.Create(100), ["maximum"] = JsonValue.Create(599) },
            SchemaDefinitions.Text("^[1-5][0-9][0-9]-[1-5][0-9][0-9]$"));
    }
}

sealed class BodyFormat() : Block<BodyExpectation>("body", "an expected body")
{
    public static readonly Key<string> Contains = new("contains", Texts.Any, "Text that must occur in it.");
    public static readonly Key<string> Matches = new("matches", Texts.Regex,
        "Regular expression that must match somewhere in it.") { Example = "matches: \"status: *(ok|degraded)\"" };
    public static readonly Key<string> Sha256 = new("sha256", Texts.Sha256, "Digest of the whole body.");

    public override IReadOnlyList<Key> Keys { get; } = [Contains, Matches, Sha256];

    protected override BodyExpectation Read(MapCursor map) => new(map.Get(Contains), map.Get(Matches), map.Get(Sha256)?.ToLowerInvariant());
}
