using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using static Lvsctl.Core.Cluster.ProbeSpec;

namespace Lvsctl.Manifests.Cluster;

/// <summary>What to say and what to expect, as text or in hexadecimal digits.</summary>
static class Exchange
{
    public static ValueList<byte> Bytes(MapCursor map, Key<byte[]> text, Key<byte[]> hex)
    {
        map.Exclusive(text, hex);
        return ValueList.Of<byte>(map.Get(text) ?? map.Get(hex) ?? []);
    }
}

sealed class TcpFormat() : Block<Tcp>("tcp", "a tcp probe")
{
    public static readonly Key<byte[]> Send = new("send", Texts.TextBytes,
        "Text to send after connecting.") { Example = "send: \"PING\\r\\n\"" };
    public static readonly Key<byte[]> SendHex = new("send-hex", Texts.HexBytes,
        "The same in hexadecimal digits.") { Example = "send-hex: 50 49 4e 47 0d 0a" };
    public static readonly Key<byte[]> Expect = new("expect", Texts.TextBytes,
        "Text that must occur in what the server says within the timeout.") { DefaultNote = "nothing: connecting is enough", Example = "expect: PONG" };
    public static readonly Key<byte[]> ExpectHex = new("expect-hex", Texts.HexBytes, "The same in hexadecimal digits.");

    public override IReadOnlyList<Key> Keys { get; } = [Send, SendHex, Expect, ExpectHex];

    protected override Tcp Read(MapCursor map) => new() { Send = Exchange.Bytes(map, Send, SendHex), Expect = Exchange.Bytes(map, Expect, ExpectHex) };
}

sealed class UdpFormat() : Block<Udp>("udp", "a udp probe")
{
    public static readonly Key<byte[]> Send = new("send", Texts.TextBytes,
        "Text to send in one packet.") { DefaultNote = "an empty packet" };
    public static readonly Key<byte[]> SendHex = new("send-hex", Texts.HexBytes, "The same in hexadecimal digits.");
    public static readonly Key<byte[]> Expect = new("expect", Texts.TextBytes,
        "Text that must occur in the reply.") { DefaultNote = "any reply will do" };
    public static readonly Key<byte[]> ExpectHex = new("expect-hex", Texts.HexBytes, "The same in hexadecimal digits.");
    public static readonly Key<bool> AcceptSilence = new("accept-silence", Shapes.Flag,
        "Take it for healthy that no reply comes, as long as no ICMP message says that the port is closed. A dead host is silent too, so combine it with icmp.") { DefaultValue = false };

    public override IReadOnlyList<Key> Keys { get; } = [Send, SendHex, Expect, ExpectHex, AcceptSilence];

    protected override Udp Read(MapCursor map)
    {
        var expect = Exchange.Bytes(map, Expect, ExpectHex);
        var silence = map.Get(AcceptSilence);
        if (silence && expect.Count > 0)
        {
            map.Complain(Code.Exclusive, map.KeyPlace(AcceptSilence), "'accept-silence' cannot stand beside 'expect'");
        }
        return new() { Send = Exchange.Bytes(map, Send, SendHex), Expect = expect, AcceptSilence = silence };
    }
}

sealed class IcmpFormat() : Block<Icmp>("icmp", "an icmp probe")
{
    public static readonly Key<int> Size = new("size", new NumberShape(0, 65507, "bytes"),
        "Payload of the echo request.") { DefaultValue = Icmp.DefaultSize };

    public override IReadOnlyList<Key> Keys { get; } = [Size];

    protected override Icmp Read(MapCursor map) => new() { Size = map.Get(Size) };
}

sealed class DnsFormat() : Block<Dns>("dns", "a dns probe")
{
    static readonly string[] Types = ["A", "AAAA", "ANY", "CAA", "CNAME", "DNSKEY", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SRV", "SVCB", "TLSA", "TXT"];

    public static readonly Key<string> Name = new("name", Texts.HostName,
        "Name to ask for.") { Required = true, Example = "name: shop.example" };
    public static readonly Key<string> RecordType = new("type", new ChoiceShape<string>([.. Types.Select(t => (t, t))]),
        "Type of record to ask for.") { DefaultValue = "A" };
    public static readonly Key<string> Expect = new("expect", Texts.Line,
        "One of the answers must read like this.") { DefaultNote = "a NOERROR reply is enough", Example = "expect: 192.0.2.80" };
    public static readonly Key<bool> Transport = new("transport", new ChoiceShape<bool>(("udp", false), ("tcp", true)),
        "How to ask.") { DefaultValue = false };

    public override IReadOnlyList<Key> Keys { get; } = [Name, RecordType, Expect, Transport];

    protected override Dns? Read(MapCursor map) => map.Get(Name) is not { } name ? null : new(name)
    {
        Type = map.Get(RecordType) ?? "A",
        Expect = map.Get(Expect),
        OverTcp = map.Get(Transport),
    };
}

sealed class SmtpFormat() : Block<Smtp>("smtp", "an smtp probe")
{
    public static readonly Key<string> Helo = new("helo", Texts.HostName,
        "Name to greet the server with.") { DefaultNote = "the director's host name" };
    public static readonly Key<TlsSpec?> StartTls = new("starttls", Shapes.StartTls,
        "Require that STARTTLS is offered and works; true, or a map of TLS settings.") { DefaultNote = "false", Example = "starttls: { server-name: mx.shop.example }" };

    public override IReadOnlyList<Key> Keys { get; } = [Helo, StartTls];

    protected override Smtp Read(MapCursor map) => new() { Helo = map.Get(Helo), StartTls = map.Get(StartTls) };
}
