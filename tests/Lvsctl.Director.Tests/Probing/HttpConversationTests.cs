using System.Security.Cryptography;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Tests.Probing;

public class HttpConversationTests
{
    const string Request = "GET / HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: lvsctl\r\nAccept: */*\r\nConnection: close\r\n\r\n";

    static readonly AgentWeightSpec s_fromHeader = new(WeightSource.Header, "X-Weight", null);
    static readonly AgentWeightSpec s_fromBody = new(WeightSource.Body, null, null);

    internal static readonly Dialogue Plain = Asking(new()).Hears("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    internal static readonly Dialogue Chunked = Asking(Wanting(contains: "world", matches: "h.*o$"))
        .Hears("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7;x=\"y\"\r\nhello, \r\n005 \r\nworld\r\n4\r\noooo\r\n0\r\nX-Sum: 1\r\n\r\n");
    internal static readonly Dialogue Digested = Asking(Wanting(sha256: Sha256("abc"))).Hears("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    internal static readonly Dialogue ToTheEnd = Asking(Wanting(matches: "^a+b$"), s_fromHeader)
        .Hears("HTTP/1.0 200 OK\nx-weight: 50%\n\naaa").Hears("b").HearsTheEnd();

    static Dialogue Asking(ProbeSpec.Http spec, AgentWeightSpec? weight = null) => new Dialogue(spec, weight).Says(Request);

    static ProbeSpec.Http Wanting(string? contains = null, string? matches = null, string? sha256 = null, int maxBody = 100) =>
        new() { Body = new(contains, matches, sha256), MaxBody = maxBody };

    static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text)));

    static string Reply(string body, string headers = "") => $"HTTP/1.1 200 OK\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}";

    static string InChunks(string chunks) => $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}";

    [Fact]
    public void A_good_status_is_enough() => Plain.Finds(ProbeReason.Ok);

    [Theory]
    [InlineData("192.0.2.1", 80, "192.0.2.1")]
    [InlineData("192.0.2.1", 8080, "192.0.2.1:8080")]
    [InlineData("2001:db8::1", 80, "[2001:db8::1]")]
    [InlineData("2001:db8::1", 443, "[2001:db8::1]:443")]
    [InlineData("fe80::1%2", 80, "[fe80::1]")]
    public void Host_is_the_address_with_any_unusual_port(string address, int port, string host) =>
        new Dialogue(new ProbeSpec.Http(), null, address, (ushort)port)
            .Says($"GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: lvsctl\r\nAccept: */*\r\nConnection: close\r\n\r\n")
            .Hears("HTTP/1.1 204 No Content\r\n\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void Usual_port_of_https_is_443() =>
        new Dialogue(new ProbeSpec.Http { Tls = new() }).Says(Request).Hears("HTTP/1.1 204 No Content\r\n\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void Headers_and_body_are_sent_and_nobody_says_twice_how_long_it_is() =>
        new Dialogue(new ProbeSpec.Http
            {
                Method = "POST",
                Path = "/probe?deep=1",
                Host = "shop.example",
                Headers = [new("host", "evil.example"), new("content-length", "3"), new("Transfer-Encoding", "chunked"), new("user-agent", "me"), new("X-A", "b\r\nX-C: d")],
                Send = "grüße",
            })
            .Says("POST /probe?deep=1 HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\nuser-agent: me\r\nX-A: b  X-C: d\r\nContent-Length: 7\r\nConnection: close\r\n\r\ngr\xc3\xbc\xc3\x9f" + "e")
            .Hears("HTTP/1.1 200\r\n\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void A_host_header_will_do_for_the_host() =>
        new Dialogue(new ProbeSpec.Http { Headers = [new("Host", "shop.example")] })
            .Says("GET / HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: lvsctl\r\nAccept: */*\r\nConnection: close\r\n\r\n")
            .Hears("HTTP/1.1 200 OK\r\n\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void An_upgrade_may_be_asked_for_and_101_is_an_answer() =>
        new Dialogue(new ProbeSpec.Http { Headers = [new("Connection", "Upgrade"), new("Upgrade", "websocket")], Expect = [new(101, 101)] })
            .Says("GET / HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: lvsctl\r\nAccept: */*\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
            .Hears("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void Another_status_is_told_with_the_wanted_ones() =>
        Asking(new() { Expect = [StatusRange.Success, new(401, 401)] }).Hears("HTTP/1.1 503 Gone fishing\r\n\r\n")
            .Finds(ProbeReason.Unexpected, "status 503, wanted 200-299, 401");

    [Fact]
    public void Redirects_are_answers() =>
        Asking(new() { Expect = [new(301, 302)] }).Hears("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void Interim_replies_are_passed_over() =>
        Asking(new()).Hears("HTTP/1.1 100 Continue\r\n\r\n").Hears("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n").Hears("HTTP/1.1 200 OK\r\n\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void Chunks_their_extensions_and_trailers_are_understood() => Chunked.Finds(ProbeReason.Ok);

    [Fact]
    public void Bare_line_feeds_and_a_body_up_to_the_end_are_tolerated() => ToTheEnd.Finds(ProbeReason.Ok, word: new(AgentWordKind.Percent, 50));

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0, 0\r\n\r\n")]
    public void Replies_without_a_body_end_with_their_head(string reply) =>
        Asking(new() { Expect = [new(200, 399)], Body = new("ok", null, null) }).Hears(reply).Finds(ProbeReason.Unexpected, "body does not contain 'ok'");

    [Fact]
    public void The_reply_to_HEAD_has_no_body() =>
        new Dialogue(new ProbeSpec.Http { Method = "HEAD", Body = new(null, "^$", null) })
            .Says(Request.Replace("GET", "HEAD")).Hears("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void A_text_that_is_found_ends_the_reading() => Asking(Wanting(contains: "ok")).Hears("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nall ok").Finds(ProbeReason.Ok);

    [Fact]
    public void A_text_is_looked_for_in_the_first_bytes_only() =>
        Asking(Wanting(contains: "ok", maxBody: 5)).Hears(Reply("1234ok")).Finds(ProbeReason.Unexpected, "the body's first 5 bytes do not contain 'ok'");

    [Fact]
    public void A_missing_text_is_told() => Asking(Wanting(contains: "ok")).Hears(Reply("not yet")).Finds(ProbeReason.Unexpected, "body does not contain 'ok'");

    [Fact]
    public void A_pattern_that_does_not_match_is_told() =>
        Asking(Wanting(matches: "status: *(ok|degraded)")).Hears(Reply("status: bad")).Finds(ProbeReason.Unexpected, "body does not match 'status: *(ok|degraded)'");

    [Fact]
    public void Text_is_UTF_8() => Asking(Wanting("ö", "^sch.n$")).Hears(Reply("sch\xc3\xb6n")).Finds(ProbeReason.Ok);

    [Fact]
    public void The_digest_is_that_of_the_whole_body() => Digested.Finds(ProbeReason.Ok);

    [Fact]
    public void Another_body_has_another_digest() =>
        Asking(Wanting(sha256: Sha256("abc"))).Hears(Reply("abd")).Finds(ProbeReason.Unexpected, "body of 3 bytes has another digest");

    [Fact]
    public void An_empty_body_has_a_digest_too() => Asking(Wanting(sha256: Sha256(""))).Hears(Reply("")).Finds(ProbeReason.Ok);

    [Fact]
    public void A_body_too_long_for_its_digest_fails()
    {
        Asking(Wanting(sha256: Sha256("abc"), maxBody: 2)).Hears("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
            .Finds(ProbeReason.Unexpected, "body longer than max-body, 2 bytes");
        Asking(Wanting(sha256: Sha256("abc"), maxBody: 2)).Hears(InChunks("3\r\nabc")).Finds(ProbeReason.Unexpected, "body longer than max-body, 2 bytes");
        Asking(Wanting(sha256: Sha256("abc"), maxBody: 3)).Hears(InChunks("3\r\nabc\r\n0\r\n\r\n")).Finds(ProbeReason.Ok);
    }

    [Fact]
    public void A_header_may_say_the_weight() =>
        Asking(new(), s_fromHeader).Hears("HTTP/1.1 200 OK\r\nx-weight:\t drain\r\n\r\n").Finds(ProbeReason.Ok, word: new(AgentWordKind.Drain));

    [Fact]
    public void The_body_may_say_the_weight() =>
        Asking(new(), s_fromBody).Hears("HTTP/1.1 200 OK\r\n\r\n\r\n 12, if you please").Finds(ProbeReason.Ok, word: new(AgentWordKind.Weight, 12));

    [Fact]
    public void A_missing_weight_is_noted_and_no_failure() =>
        Asking(new(), s_fromHeader).Hears("HTTP/1.1 200 OK\r\nX-Weight: much\r\n\r\n").Finds(ProbeReason.Ok, "says no weight, though the check asks for one");

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2", "no HTTP/1 reply")]
    [InlineData("HTTP/2 200\r\n", "no HTTP/1 reply")]
    [InlineData("\x15\x03\x01\x00\x02\x02\x46", "speaks TLS")]
    [InlineData("HTTP/1.1 20 OK\r\n", "malformed status line")]
    [InlineData("HTTP/1.1 2000 OK\r\n", "malformed status line")]
    [InlineData("HTTP/1.1200 OK\r\n", "malformed status line")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n", "malformed header")]
    [InlineData("HTTP/1.1 200 OK\r\nA : b\r\n", "malformed header")]
    [InlineData("HTTP/1.1 200 OK\r\n: b\r\n", "malformed header")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", "malformed Content-Length")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n", "malformed Content-Length")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n", "malformed Content-Length")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "malformed chunk size")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "malformed chunk size")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "chunk longer than it says")]
    public void What_is_no_HTTP_is_told(string reply, string detail) =>
        Asking(Wanting(matches: "x")).Hears(reply).Finds(ProbeReason.BadReply, detail);

    [Fact]
    public void Heads_are_bounded()
    {
        Asking(new()).Hears("HTTP/1.1 200 OK\r\nX: " + new string('x', 20_000)).Finds(ProbeReason.BadReply, "head longer than 16 KiB");
        Asking(new()).Hears(string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000))).Finds(ProbeReason.BadReply, "head longer than 16 KiB");
        Asking(new()).Hears("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Repeat("A: b\r\n", 101))).Finds(ProbeReason.BadReply, "more than 100 headers");
        Asking(Wanting("x")).Hears(InChunks("1;" + new string('x', 5000))).Finds(ProbeReason.BadReply, "chunk line too long");
        Asking(Wanting("x")).Hears(InChunks(string.Concat(Enumerable.Repeat("1;" + new string('x', 4000) + "\r\na\r\n", 20)))).Finds(ProbeReason.BadReply, "more chunk lines than body");
    }

    [Theory]
    [InlineData("", "closed before it answered")]
    [InlineData("HTT", "closed within the head of its reply")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n", "closed within the head of its reply")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", "closed within the head of its reply")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "closed within the body of its reply")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "closed within the body of its reply")]
    public void A_reply_cut_short_is_told(string reply, string detail) =>
        Asking(Wanting(matches: "a")).Hears(reply).HearsTheEnd().Finds(ProbeReason.Closed, detail);

    [Fact]
    public void Secrets_of_the_request_are_not_told_even_by_an_echo() =>
        Assert.DoesNotContain("t0ken", new Dialogue(new ProbeSpec.Http { Headers = [new("Authorization", "t0ken")] })
            .Says("GET / HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: lvsctl\r\nAccept: */*\r\nAuthorization: t0ken\r\nConnection: close\r\n\r\n")
            .Hears("HTTP/1.1 t0ken\r\n").Finds(ProbeReason.BadReply, "malformed status line").Detail);
}
