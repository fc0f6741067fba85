using System.Net;
using System.Net.Sockets;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Tests.Probing.Engine;

public sealed class EngineDatagramTests : IDisposable
{
    static readonly ProbeSpec.Udp s_hello = new() { Send = [.. "hello"u8], Expect = [.. "ell"u8] };

    readonly EngineRig _rig = new();
    readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public EngineDatagramTests() => _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public void Dispose()
    {
        _server.Dispose();
        _rig.Dispose();
    }

    IPEndPoint At => (IPEndPoint)_server.LocalEndPoint!;

    void Answer(Func<byte[], byte[]> reply)
    {
        EndPoint client = new IPEndPoint(IPAddress.Any, 0);
        var buffer = new byte[1500];
        var length = _server.ReceiveFrom(buffer, ref client);
        _server.SendTo(reply(buffer[..length]), client);
    }

    [Fact]
    public void A_datagram_is_sent_and_the_reply_judged()
    {
        var number = _rig.Start(s_hello, At);
        Answer(words => words);
        Assert.Equal(ProbeReason.Ok, _rig.Await(number).Reason);

        number = _rig.Start(s_hello, At);
        Answer(_ => "other"u8.ToArray());
        Assert.Equal(ProbeReason.Unexpected, _rig.Await(number).Reason);
    }

    [Fact]
    public void Silence_is_a_failure_unless_the_check_accepts_it()
    {
        Assert.Equal(ProbeReason.TimedOut, _rig.TimeOut(_rig.Start(s_hello, At)).Reason);
        Assert.Equal(ProbeReason.Ok, _rig.TimeOut(_rig.Start(s_hello with { AcceptSilence = true }, At)).Reason);
    }

    [Fact]
    public void A_closed_port_is_known_by_ICMP_whatever_the_check_accepts()
    {
        var at = At;
        _server.Close();
        var number = _rig.Engine.Add(EngineRig.Target(s_hello with { AcceptSilence = true }, at));
        // The kernel sends a thousand such messages a second, to everybody together; who asks beyond that hears nothing.
        for (var attempt = 0; attempt < 20; attempt++)
        {
            _rig.Engine.Start(number);
            _rig.Engine.Pump(TimeSpan.FromSeconds(1));
            _rig.Pass(EngineRig.Timeout);
            var outcome = _rig.Await(number);
            if (outcome.Reason == ProbeReason.Ok) continue;
            Assert.Equal((ProbeReason.Refused, "port is closed"), (outcome.Reason, outcome.Detail));
            return;
        }
        Assert.Fail("a closed port was never told");
    }

    [Fact]
    public void A_name_is_asked_for_over_UDP()
    {
        var dns = new ProbeSpec.Dns("shop.example") { Expect = "192.0.2.80" };
        var number = _rig.Start(dns, At);
        Answer(query => DnsAnswer(query, 192, 0, 2, 80));
        Assert.Equal(ProbeReason.Ok, _rig.Await(number).Reason);

        number = _rig.Start(dns, At);
        Answer(query => DnsAnswer(query, 192, 0, 2, 99));
        Assert.Equal(ProbeReason.Unexpected, _rig.Await(number).Reason);
    }

    [Fact]
    public void A_name_is_asked_for_over_TCP()
    {
        using var server = new LoopbackServer(async stream =>
        {
            var length = new byte[2];
            await stream.ReadExactlyAsync(length);
            var query = new byte[length[0] << 8 | length[1]];
            await stream.ReadExactlyAsync(query);
            var reply = DnsAnswer(query, 192, 0, 2, 80);
            await stream.WriteAsync(new byte[] { (byte)(reply.Length >> 8), (byte)reply.Length });
            await stream.WriteAsync(reply);
        });
        Assert.Equal(ProbeReason.Ok, _rig.Ask(new ProbeSpec.Dns("shop.example") { Expect = "192.0.2.80", OverTcp = true }, server.At).Reason);
    }

    [Theory]
    [InlineData("127.0.0.1", 56)]
    [InlineData("127.0.0.1", 0)]
    [InlineData("127.0.0.1", 20_000)]
    [InlineData("::1", 56)]
    [InlineData("::1", 1400)]
    public void An_echo_comes_back(string address, int size)
    {
        var outcome = _rig.Ask(new ProbeSpec.Icmp { Size = size }, new(IPAddress.Parse(address), 0));
        Assert.SkipWhen(outcome.Verdict == ProbeVerdict.Unmade, $"{address}: {outcome.Detail}");
        Assert.Equal(ProbeReason.Ok, outcome.Reason);
    }

    // RFC 1035 4.1: the query with the response bit and one answer, whose name points to the question's.
    static byte[] DnsAnswer(byte[] query, params byte[] address)
    {
        // Without the additional section that a query may have.
        var question = query.AsSpan(12, Array.IndexOf(query, (byte)0, 12) + 5 - 12).ToArray();
        return [query[0], query[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, .. question, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. address];
    }
}
