using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Lvsctl.Core.Health;
using Lvsctl.Director.Probing;
using static Lvsctl.Core.Cluster.ProbeSpec;

namespace Lvsctl.Director.Tests.Probing;

public class DnsConversationTests
{
    const byte A = 1, Ns = 2, CName = 5, Soa = 6, Mx = 15, Txt = 16, Aaaa = 28, Srv = 33, Ds = 43, Https = 65;
    const ushort IsReply = 0x8180, Truncated = 0x8380;

    /// <summary>Where the question's name stands in every reply.</summary>
    static readonly byte[] s_asked = [0xc0, 12];

    internal static readonly Dialogue Chain = Asking(new("www.shop.example") { Expect = "192.0.2.80" },
        Record(s_asked, CName, [3, .. "web"u8, 0xc0, 16]), Record([0xc0, 46], A, [192, 0, 2, 79]), Record([0xc0, 46], A, [192, 0, 2, 80]));

    internal static readonly Dialogue Stream = new Dialogue(new Dns("shop.example") { Type = "MX", Expect = "10 MAIL.shop.example.", OverTcp = true })
        .Hears(query => Prefixed(Reply(query.AsSpan(2), IsReply, Record(s_asked, Mx, [0, 10, 4, .. "mail"u8, 0xc0, 12]))));

    static Dialogue Asking(Dns spec, params byte[][] records) => new Dialogue(spec).InDatagrams().Hears(query => Reply(query, IsReply, records));

    static byte[] Record(byte[] name, byte type, byte[] data) => [.. name, 0, type, 0, 1, 0, 0, 0, 60, (byte)(data.Length >> 8), (byte)data.Length, .. data];

    static byte[] Reply(ReadOnlySpan<byte> query, ushort flags, params byte[][] records)
    {
        byte[] reply = [.. query, .. records.SelectMany(r => r)];
        BinaryPrimitives.WriteUInt16BigEndian(reply.AsSpan(2), flags);
        BinaryPrimitives.WriteUInt16BigEndian(reply.AsSpan(6), (ushort)records.Length);
        return reply;
    }

    static byte[] Prefixed(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];

    static byte[] Text(params string[] strings) => [.. strings.SelectMany(s => (byte[])[(byte)s.Length, .. Encoding.Latin1.GetBytes(s)])];

    static Finding Ask(Dns spec, ushort flags, params byte[][] records)
    {
        var conversation = new Dialogue(spec).NewConversation();
        var say = new ArrayBufferWriter<byte>();
        Assert.Equal(Turn.Listen, conversation.Begin(say));
        Assert.Equal(Turn.Hang, conversation.Receive(Reply(say.WrittenSpan, flags, records), say));
        conversation.Forget();
        return Dialogue.Fit(conversation.Finding);
    }

    [Fact]
    public void The_question_is_as_RFC_1035_writes_it_and_never_has_the_same_number_twice()
    {
        var conversation = new Dialogue(new Dns("shop.example.") { Type = "AAAA" }).NewConversation();
        var numbers = new HashSet<int>();
        for (var n = 0; n < 100; n++)
        {
            var say = new ArrayBufferWriter<byte>();
            conversation.Begin(say);
            numbers.Add(BinaryPrimitives.ReadUInt16BigEndian(say.WrittenSpan));
            Assert.Equal([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, .. "shop"u8, 7, .. "example"u8, 0, 0, 28, 0, 1], say.WrittenSpan[2..].ToArray());
        }
        Assert.InRange(numbers.Count, 98, 100);
    }

    [Theory]
    [InlineData("TYPE65280", 65280)]
    [InlineData("257", 257)]
    [InlineData("CAA", 257)]
    public void Types_may_be_numbers(string type, int number)
    {
        var say = new ArrayBufferWriter<byte>();
        new Dialogue(new Dns("x") { Type = type }).NewConversation().Begin(say);
        Assert.Equal(number, BinaryPrimitives.ReadUInt16BigEndian(say.WrittenSpan[15..]));
    }

    [Fact]
    public void What_cannot_be_asked_is_not_the_servers_fault()
    {
        var conversation = new Dialogue(new Dns("a..b")).NewConversation();
        Assert.Equal(Turn.Hang, conversation.Begin(new ArrayBufferWriter<byte>()));
        Assert.Equal(new(ProbeReason.NotPossible, "cannot ask for a..b A"), conversation.Finding);
    }

    [Fact]
    public void No_error_is_enough_if_nothing_is_expected() => Assert.Equal(new(ProbeReason.Ok), Ask(new("shop.example"), IsReply));

    [Fact]
    public void An_address_is_found_behind_an_alias() => Chain.Finds(ProbeReason.Ok);

    [Fact]
    public void It_asks_over_a_connection_too() => Stream.Finds(ProbeReason.Ok);

    [Fact]
    public void Records_read_as_in_a_zone_file()
    {
        byte[] mail = [4, .. "Mail"u8, 0xc0, 12];
        Reads("192.0.2.1", A, [192, 0, 2, 1]);
        Reads("2001:DB8:0::1", Aaaa, [0x20, 1, 0xd, 0xb8, .. new byte[11], 1]);
        Reads("mail.shop.example", Ns, mail);
        Reads("mail.shop.example.", CName, mail);
        Reads("10   mail.shop.example", Mx, [0, 10, .. mail]);
        Reads("0 .", Mx, [0, 0, 0]);
        Reads("1 2 443 mail.shop.example", Srv, [0, 1, 0, 2, 1, 0xbb, .. mail]);
        Reads("mail.shop.example a\\.b.shop.example 1 2 3 4 5", Soa, [.. mail, 3, .. "a.b"u8, 0xc0, 12, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5]);
        Reads("v=spf1 -all", Txt, Text("v=spf1", " -all"));
        Reads("", Txt, Text(""));
        Reads("258 8 2 ABcd", Ds, [1, 2, 8, 2, 0xab, 0xcd]);
        Reads("\\# 3 000100", Https, [0, 1, 0]);
        ReadsNot("v=spf1", Txt, Text("V=spf1"), "\"V=spf1\"");
        ReadsNot("v=spf1", Txt, Text("v=spf1", "x"), "\"v=spf1\" \"x\"");
        ReadsNot("192.0.2.1", A, [192, 0, 2, 2], "192.0.2.2");
        ReadsNot("mail.example", CName, [1, 7, 0], "\\007");

        static void Reads(string expect, byte type, byte[] data) =>
            Assert.Equal(new(ProbeReason.Ok), Ask(new("shop.example") { Type = $"TYPE{type}", Expect = expect }, IsReply, Record(s_asked, type, data)));

        static void ReadsNot(string expect, byte type, byte[] data, string seen) =>
            Assert.Equal(new(ProbeReason.Unexpected, $"no answer reads '{expect}': {seen}"),
                Ask(new("shop.example") { Type = $"TYPE{type}", Expect = expect }, IsReply, Record(s_asked, type, data)));
    }

    [Fact]
    public void An_authority_for_certificates_reads_as_in_a_zone_file()
    {
        byte[] data = [0, 5, .. "issue"u8, .. "ca.example"u8];
        byte[] record = [.. s_asked, 1, 1, 0, 1, 0, 0, 0, 60, 0, (byte)data.Length, .. data];
        Assert.Equal(new(ProbeReason.Ok), Ask(new("shop.example") { Type = "CAA", Expect = "0 issue \"ca.example\"" }, IsReply, record));
    }

    [Fact]
    public void No_answers_at_all_are_told() =>
        Assert.Equal(new(ProbeReason.Unexpected, "no answer reads '192.0.2.1': there are none"), Ask(new("shop.example") { Expect = "192.0.2.1" }, IsReply));

    [Theory]
    [InlineData(0x8182, "SERVFAIL")]
    [InlineData(0x8183, "NXDOMAIN")]
    [InlineData(0x8185, "REFUSED")]
    [InlineData(0x818c, "RCODE 12")]
    public void Errors_have_names(ushort flags, string detail) => Assert.Equal(new(ProbeReason.Unexpected, detail), Ask(new("shop.example"), flags));

    [Fact]
    public void An_answer_cut_off_needs_a_connection()
    {
        var spec = new Dns("shop.example") { Expect = "192.0.2.1" };
        Assert.Equal(new(ProbeReason.Unexpected, "the answer is truncated, use transport: tcp"), Ask(spec, Truncated));
        Assert.Equal(new(ProbeReason.Ok), Ask(spec, Truncated, Record(s_asked, A, [192, 0, 2, 1])));
    }

    [Fact]
    public void What_answers_another_question_is_overlooked()
    {
        var conversation = new Dialogue(new Dns("shop.example")).NewConversation();
        var say = new ArrayBufferWriter<byte>();
        conversation.Begin(say);
        var good = Reply(say.WrittenSpan, IsReply);
        Assert.Equal(Turn.Listen, conversation.Receive("x"u8, say));
        foreach (var at in new[] { 0, 1, 2, 14, good.Length - 3, good.Length - 1 })
        {
            var forged = good.ToArray();
            forged[at] ^= 0x81;
            Assert.Equal(Turn.Listen, conversation.Receive(forged, say));
        }
        Assert.Equal(Turn.Listen, conversation.Receive(good.AsSpan(0, good.Length - 1), say));
        // RFC 1035 2.3.3: the case of letters does not matter.
        good[14] ^= 0x20;
        Assert.Equal(Turn.Hang, conversation.Receive(good, say));
        Assert.Equal(new(ProbeReason.Ok), conversation.Finding);
    }

    [Fact]
    public void Strange_packets_without_end_are_given_up()
    {
        var conversation = new Dialogue(new Dns("shop.example")).NewConversation();
        var say = new ArrayBufferWriter<byte>();
        conversation.Begin(say);
        for (var n = 0; n < 63; n++) Assert.Equal(Turn.Listen, conversation.Receive("x"u8, say));
        Assert.Equal(Turn.Hang, conversation.Receive("x"u8, say));
        Assert.Equal(new(ProbeReason.BadReply, "64 packets came, and none is the answer"), conversation.Finding);
    }

    [Fact]
    public void Names_that_point_in_circles_or_nowhere_are_malformed()
    {
        var spec = new Dns("shop.example") { Type = "CNAME", Expect = "x.example" };
        var malformed = new Finding(ProbeReason.BadReply, "malformed answer");
        // The record's name begins at 30: it points to itself, beyond itself, and beyond the end.
        Assert.Equal(malformed, Ask(spec, IsReply, Record([0xc0, 30], CName, [0])));
        Assert.Equal(malformed, Ask(spec, IsReply, Record([0xc0, 32], CName, [0])));
        Assert.Equal(malformed, Ask(spec, IsReply, Record([0xff, 0xff], CName, [0])));
        Assert.Equal(malformed, Ask(spec, IsReply, Record([1, (byte)'a', 0xc0, 30], CName, [0])));
        Assert.Equal(malformed, Ask(spec, IsReply, Record([64, (byte)'a'], CName, [0])));
        Assert.Equal(malformed, Ask(spec, IsReply, [.. s_asked, 0, 5, 0, 1]));
        Assert.Equal(malformed, Ask(spec, IsReply, [.. s_asked, 0, 5, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0]));
    }

    [Fact]
    public void A_server_that_hangs_up_is_closed() =>
        new Dialogue(new Dns("shop.example") { OverTcp = true }).Hears(query => query[..9]).HearsTheEnd().Finds(ProbeReason.Closed, "closed without an answer");
}
