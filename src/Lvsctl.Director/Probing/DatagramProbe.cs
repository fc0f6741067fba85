using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Probing;

/// <summary>One datagram out, and those that come back: UDP, and ICMP echo.</summary>
sealed class DatagramProbe(ProbeEngine engine, int number, ProbeTarget target, KernelEndpoint to, ProbeExit exit, Conversation conversation) : Probe(engine, number, target)
{
    readonly bool _silenceIsFine = target.Check.Probe is ProbeSpec.Udp { AcceptSilence: true };
    ProbeSocket? _socket;

    public override ProbeOutcome? Start()
    {
        if (Open(out var socket) is not Errno.OK and var unopened) return NotOpened(unopened);
        _socket = socket;
        // Connected, it hears of ICMP errors, and of nobody but the target.
        var errno = socket.Connect(to);
        if (errno != Errno.OK) return Outcome(ProbeErrors.AtOnce(errno), ProbeErrors.Detail(errno));
        Engine.Say.ResetWrittenCount();
        var turn = conversation.Begin(Engine.Say);
        errno = socket.Send(Engine.Say.WrittenSpan, out _);
        if (errno != Errno.OK) return Outcome(ProbeErrors.AtOnce(errno), ProbeErrors.Detail(errno));
        if (turn == Probing.Turn.Hang) return Outcome(conversation.Finding);
        Engine.Poller.Add(socket.Descriptor, PollEvents.Readable, Token);
        return null;
    }

    Errno Open(out ProbeSocket socket)
    {
        if (conversation is not EchoConversation echo) return ProbeSocket.TryOpen(ProbeSocketKind.Udp, to.IsIPv6, exit, out socket);
        echo.IsRaw = false;
        var errno = ProbeSocket.TryOpen(ProbeSocketKind.Ping, to.IsIPv6, exit, out socket);
        if (errno is not (Errno.EACCES or Errno.EPROTONOSUPPORT)) return errno;
        echo.IsRaw = true;
        return ProbeSocket.TryOpen(ProbeSocketKind.RawIcmp, to.IsIPv6, exit, out socket);
    }

    ProbeOutcome NotOpened(Errno errno) => errno switch
    {
        Errno.EADDRNOTAVAIL => Outcome(ProbeReason.NoRoute, $"the director does not have the source address {exit.Source.Address}"),
        Errno.EPERM when conversation is EchoConversation => Outcome(ProbeReason.NotPossible, "icmp needs CAP_NET_RAW, or lvsctl's group in net.ipv4.ping_group_range"),
        _ => Outcome(ProbeErrors.AtOnce(errno), ProbeErrors.Detail(errno)),
    };

    public override IPAddress? LocalAddress => _socket is { } socket && socket.LocalAddress(out var address) == Errno.OK ? address : null;

    public override ProbeOutcome? Ready(PollEvents events)
    {
        // Not for ever: others wait, and whoever floods us is not worth more.
        for (var reads = 0; reads < 64; reads++)
        {
            var errno = _socket!.Value.Receive(Engine.Buffer, out var received);
            if (errno is Errno.EAGAIN or Errno.EINTR) return null;
            if (errno != Errno.OK) return Outcome(ProbeErrors.Answered(errno), errno == Errno.ECONNREFUSED ? "port is closed" : ProbeErrors.Detail(errno));
            Engine.Say.ResetWrittenCount();
            if (conversation.Receive(Engine.Buffer.AsSpan(0, received), Engine.Say) == Probing.Turn.Hang) return Outcome(conversation.Finding);
        }
        return null;
    }

    public override ProbeOutcome TimedOut() => _silenceIsFine ? Outcome(ProbeReason.Ok) : base.TimedOut();

    protected override void Release()
    {
        _socket?.Close();
        _socket = null;
        conversation.Forget();
    }
}
