using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Tests.Probing;

public class TcpAndUdpConversationTests
{
    static readonly AgentWeightSpec s_fromBody = new(WeightSource.Body, null, null);

    internal static readonly Dialogue Ping = new Dialogue(Tcp("PING\r\n", "PONG")).Says("PING\r\n").Hears("hello\r\n").Hears("+PONG");
    internal static readonly Dialogue Agent = new Dialogue(Tcp("", ""), s_fromBody).Hears("75%\n");
    internal static readonly Dialogue Datagram = new Dialogue(Udp("hi", "ho")).InDatagrams().Says("hi").Hears("ho ho");

    static ProbeSpec.Tcp Tcp(string send, string expect) => new() { Send = Bytes(send), Expect = Bytes(expect) };

    static ProbeSpec.Udp Udp(string send, string expect) => new() { Send = Bytes(send), Expect = Bytes(expect) };

    static ValueList<byte> Bytes(string text) => ValueList.Of<byte>(System.Text.Encoding.Latin1.GetBytes(text));

    [Fact]
    public void Where_connecting_is_enough_there_is_nothing_to_talk_about() => Assert.Null(new Dialogue(Tcp("", "")).NewConversation());

    [Fact]
    public void Expected_text_may_come_anywhere_and_in_parts() => Ping.Finds(ProbeReason.Ok);

    [Fact]
    public void Without_an_expectation_it_says_its_word_and_goes() => new Dialogue(Tcp("bye", "")).Says("bye").Finds(ProbeReason.Ok);

    [Theory]
    [InlineData("aab", "aaaab")]
    [InlineData("abab", "abaabab")]
    [InlineData("ababc", "abababababc")]
    [InlineData("aa", "aa")]
    [InlineData("x", "abcx")]
    public void Expected_text_is_found_even_where_it_almost_began_before(string expect, string said) =>
        new Dialogue(Tcp("", expect)).Hears(said).Finds(ProbeReason.Ok);

    [Fact]
    public void Random_texts_are_found_exactly_where_a_plain_search_finds_them()
    {
        var random = new Random(7);
        for (var n = 0; n < 3000; n++)
        {
            var expect = Letters(random, random.Next(1, 6));
            var said = Letters(random, random.Next(1, 24));
            var conversation = new Dialogue(Tcp("", expect)).NewConversation()!;
            var say = new System.Buffers.ArrayBufferWriter<byte>();
            var turn = conversation.Begin(say);
            for (var at = 0; at < said.Length && turn == Director.Probing.Turn.Listen;)
            {
                var length = random.Next(1, Math.Min(5, said.Length - at) + 1);
                turn = conversation.Receive(System.Text.Encoding.Latin1.GetBytes(said.Substring(at, length)), say);
                at += length;
            }
            Assert.True(said.Contains(expect, StringComparison.Ordinal) == (turn == Director.Probing.Turn.Hang), $"'{expect}' in '{said}'");
        }
    }

    [Fact]
    public void A_server_that_hangs_up_first_is_closed() =>
        new Dialogue(Tcp("", "PONG")).Hears("PON").HearsTheEnd().Finds(ProbeReason.Closed, "closed without 'PONG'");

    [Fact]
    public void Binary_wishes_are_shown_in_hexadecimal() =>
        new Dialogue(Tcp("", "\x01\xff")).HearsTheEnd().Finds(ProbeReason.Closed, "closed without 01ff");

    [Fact]
    public void A_server_that_never_ends_is_given_up() =>
        new Dialogue(Tcp("", "PONG")).Hears(new string('x', 1 << 20)).Finds(ProbeReason.Unexpected, "said 1 MiB without 'PONG'");

    [Fact]
    public void A_server_may_say_its_weight() => Agent.Finds(ProbeReason.Ok, word: new(AgentWordKind.Percent, 75));

    [Fact]
    public void The_weight_may_end_with_the_connection() =>
        new Dialogue(Tcp("", ""), s_fromBody).Hears(" drain").HearsTheEnd().Finds(ProbeReason.Ok, word: new(AgentWordKind.Drain));

    [Theory]
    [InlineData("heavy\n")]
    [InlineData("99999999999999999999\n")]
    [InlineData("\xff\n")]
    public void An_unreadable_weight_is_noted_and_no_failure(string said) =>
        new Dialogue(Tcp("", ""), s_fromBody).Hears(said).Finds(ProbeReason.Ok, "says no weight, though the check asks for one");

    [Fact]
    public void Silence_is_no_weight() =>
        new Dialogue(Tcp("", ""), s_fromBody).HearsTheEnd().Finds(ProbeReason.Closed, "closed before it said a weight");

    [Fact]
    public void Weight_and_expectation_may_come_together() =>
        new Dialogue(Tcp("", "ok"), s_fromBody).Hears("7 ").Hears("is ok").Finds(ProbeReason.Ok, word: new(AgentWordKind.Weight, 7));

    [Fact]
    public void A_datagram_is_answered_by_one_that_contains_what_is_expected() => Datagram.Finds(ProbeReason.Ok);

    [Fact]
    public void Any_datagram_will_do_if_nothing_is_expected() => new Dialogue(Udp("", "")).InDatagrams().Hears("?").Finds(ProbeReason.Ok);

    [Fact]
    public void Another_datagram_is_not_what_was_expected() =>
        new Dialogue(Udp("hi", "ho")).InDatagrams().Says("hi").Hears("no").Finds(ProbeReason.Unexpected, "reply does not contain 'ho'");

    static string Letters(Random random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => (char)('a' + random.Next(2))));
}
