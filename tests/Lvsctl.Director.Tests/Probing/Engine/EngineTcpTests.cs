using System.Net;
using System.Net.Sockets;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Director.Probing;

namespace Lvsctl.Director.Tests.Probing.Engine;

public sealed class EngineTcpTests : IDisposable
{
    static readonly ProbeSpec.Tcp s_tcp = new();

    readonly EngineRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_port_that_listens_is_well_and_one_that_does_not_refuses()
    {
        using var listener = LoopbackServer.Listen();
        Assert.Equal(ProbeReason.Ok, _rig.Ask(s_tcp, At(listener)).Reason);
        Assert.Equal((ProbeReason.Refused, "connection refused"), Found(_rig.Ask(s_tcp, LoopbackServer.Closed())));
        Assert.Equal(0, _rig.Engine.Pending);
    }

    [Fact]
    public void A_server_that_takes_no_more_connections_times_out()
    {
        using var listener = LoopbackServer.Listen(backlog: 0);
        using var first = new TcpClient();
        first.Connect(At(listener));

        Assert.Equal((ProbeReason.TimedOut, "no answer within 2s"), Found(_rig.TimeOut(_rig.Start(s_tcp, At(listener)))));
    }

    [Fact]
    public void The_server_program_does_not_notice_that_its_port_is_probed()
    {
        using var rig = new EngineRig(clock: TimeProvider.System);
        using var listener = LoopbackServer.Listen();
        for (var i = 0; i < 50; i++) Assert.Equal(ProbeReason.Ok, rig.Ask(s_tcp, At(listener)).Reason);

        // Behind the probes in the queue, if any of them is in it.
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(At(listener));
        while (true)
        {
            using var accepted = listener.Accept();
            if (accepted.RemoteEndPoint!.Equals(client.LocalEndPoint)) break;
            // On a machine so slow that the handshake was complete it is told of a connection, and of its end; never of an error.
            Assert.Equal(0, accepted.Receive(new byte[1]));
        }
    }

    [Fact]
    public void What_is_expected_may_come_in_parts_after_something_was_said()
    {
        using var server = new LoopbackServer(async stream =>
        {
            await LoopbackServer.HearAsync(stream, "PING\r\n");
            await LoopbackServer.SayAsync(stream, "+PO");
            await LoopbackServer.SayAsync(stream, "NG\r\n");
        });
        var ping = new ProbeSpec.Tcp { Send = [.. "PING\r\n"u8], Expect = [.. "PONG"u8] };

        Assert.Equal(ProbeReason.Ok, _rig.Ask(ping, server.At).Reason);
        var other = _rig.Ask(ping with { Expect = [.. "NOPE"u8] }, server.At);
        Assert.Equal(ProbeReason.Closed, other.Reason);
        Assert.Contains("NOPE", other.Detail);
    }

    [Fact]
    public void A_server_that_accepts_and_says_nothing_times_out()
    {
        using var listener = LoopbackServer.Listen();
        var number = _rig.Start(new ProbeSpec.Tcp { Expect = [.. "hello"u8] }, At(listener));
        using var accepted = listener.Accept();

        Assert.Equal(ProbeReason.TimedOut, _rig.TimeOut(number).Reason);
        Assert.Equal(0, accepted.Receive(new byte[1]));
    }

    [Fact]
    public void A_server_that_resets_the_connection_is_told_from_one_that_closes_it()
    {
        using var listener = LoopbackServer.Listen();
        var number = _rig.Start(new ProbeSpec.Tcp { Expect = [.. "hello"u8] }, At(listener));
        _rig.Settle();
        using (var accepted = listener.Accept()) accepted.LingerState = new LingerOption(true, 0);
        Assert.Equal((ProbeReason.Reset, "connection reset"), Found(_rig.Await(number)));
    }

    [Fact]
    public void More_than_the_kernel_takes_at_once_is_sent_by_and_by()
    {
        const int Size = 8 << 20;
        using var server = new LoopbackServer(async stream =>
        {
            var left = Size;
            var buffer = new byte[64 << 10];
            while (left > 0) left -= await stream.ReadAsync(buffer);
            await LoopbackServer.SayAsync(stream, "all");
        });
        Assert.Equal(ProbeReason.Ok, _rig.Ask(new ProbeSpec.Tcp { Send = [.. new byte[Size]], Expect = [.. "all"u8] }, server.At).Reason);
    }

    [Fact]
    public void Over_HTTP_status_and_body_are_judged()
    {
        using var server = LoopbackServer.Http("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Weight: 50%\r\n\r\n3\r\nall\r\n5\r\n well\r\n0\r\n\r\n");
        Assert.Equal(ProbeReason.Ok, _rig.Ask(new ProbeSpec.Http { Body = new("all well", null, null) }, server.At).Reason);
        var weighed = _rig.Ask(new ProbeSpec.Http(), server.At, c => c with { Weight = new(WeightSource.Header, "X-Weight", null) });
        Assert.Equal(new AgentWord(AgentWordKind.Percent, 50), weighed.Word);
        Assert.Equal(ProbeReason.Unexpected, _rig.Ask(new ProbeSpec.Http { Expect = [new(204, 204)] }, server.At).Reason);
        Assert.Equal(ProbeReason.Unexpected, _rig.Ask(new ProbeSpec.Http { Body = new("all sick", null, null) }, server.At).Reason);
    }

    [Fact]
    public void A_server_that_hangs_in_the_middle_of_its_answer_times_out()
    {
        using var listener = LoopbackServer.Listen();
        var number = _rig.Start(new ProbeSpec.Http { Body = new("well", null, null) }, At(listener));
        _rig.Settle();
        using var accepted = listener.Accept();
        accepted.Send(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
        Assert.Equal(ProbeReason.TimedOut, _rig.TimeOut(number).Reason);
    }

    [Fact]
    public void A_server_that_does_not_hang_up_is_waited_for_a_moment_and_is_well()
    {
        using var listener = LoopbackServer.Listen();
        var number = _rig.Start(new ProbeSpec.Http(), At(listener));
        _rig.Settle();
        using var accepted = listener.Accept();
        accepted.Send(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        _rig.Settle();
        Assert.False(_rig.Engine.TryTakeEnded(out _));

        var ended = default(EndedProbe);
        for (var waited = TimeSpan.Zero; waited < EngineRig.Timeout && !_rig.Engine.TryTakeEnded(out ended); waited += TimeSpan.FromMilliseconds(100))
        {
            _rig.Clock.Advance(TimeSpan.FromMilliseconds(100));
            _rig.Engine.Pump(TimeSpan.FromMilliseconds(20));
        }
        Assert.Equal((number, ProbeReason.Ok), (ended.Number, ended.Outcome.Reason));
    }

    [Fact]
    public void What_the_director_lacks_is_not_the_servers_fault()
    {
        using var listener = LoopbackServer.Listen();
        var there = _rig.Ask(s_tcp, At(listener), c => c with { Source = new(IPAddress.Parse("127.0.0.9"), null) });
        Assert.Equal(ProbeReason.Ok, there.Reason);

        // No TCP goes to a multicast address, with or without a route to it.
        Assert.Equal((ProbeReason.NoRoute, "network is unreachable"), Found(_rig.Ask(s_tcp, new(IPAddress.Parse("224.0.0.1"), 80))));
        var source = _rig.Ask(s_tcp, At(listener), c => c with { Source = new(IPAddress.Parse("192.0.2.77"), null) });
        Assert.Equal((ProbeReason.NoRoute, "the director does not have the source address 192.0.2.77"), Found(source));
        var device = _rig.Ask(s_tcp, At(listener), c => c with { Source = new(null, "nosuch0") });
        Assert.Equal(ProbeReason.NoRoute, device.Reason);
        Assert.All([source, device], o => Assert.Equal(ProbeVerdict.Unmade, o.Verdict));
    }

    [Fact]
    public void A_path_that_is_not_prepared_is_not_probed()
    {
        var service = Core.Model.ServiceKey.At(Core.Model.TransportProtocol.Tcp, IPAddress.Loopback, 80);
        var number = _rig.Engine.Add(new ProbeTarget(new("check", s_tcp), IPAddress.Loopback, 80, new(service, new(new(IPAddress.Parse("10.0.0.1"), 80)))));
        Assert.Equal((ProbeReason.NotPossible, "there is no way prepared through the virtual service to 10.0.0.1:80"), Found(_rig.Ask(number)));
    }

    [Fact]
    public void Plain_connections_allocate_next_to_nothing()
    {
        using var listener = LoopbackServer.Listen();
        var targets = Enumerable.Range(0, 100).Select(_ => _rig.Engine.Add(EngineRig.Target(s_tcp, At(listener)))).ToArray();
        Rounds(20);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(10);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * 100 * 8);

        void Rounds(int count)
        {
            for (var round = 0; round < count; round++)
            {
                foreach (var target in targets) _rig.Engine.Start(target);
                for (var ended = 0; ended < targets.Length; _rig.Settle())
                {
                    while (_rig.Engine.TryTakeEnded(out var probe))
                    {
                        if (probe.Outcome.Reason != ProbeReason.Ok) Assert.Fail(probe.ToString());
                        ended++;
                    }
                }
                _rig.Pass(EngineRig.Timeout);
            }
        }
    }

    static (ProbeReason, string?) Found(ProbeOutcome outcome) => (outcome.Reason, outcome.Detail);

    static IPEndPoint At(Socket listener) => (IPEndPoint)listener.LocalEndPoint!;
}
