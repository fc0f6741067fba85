using System.Net;
using Lvsctl.Core.Health;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Probing;

/// <summary>A TCP connection, and what is said over it.</summary>
/// <param name="conversation">Null: connecting is enough.</param>
/// <param name="security">Null where the conversation never needs TLS.</param>
sealed class StreamProbe(ProbeEngine engine, int number, ProbeTarget target, KernelEndpoint to, ProbeExit exit, Conversation? conversation, ProbeSecurity? security)
    : Probe(engine, number, target)
{
    // For the server to close the connection first, so that it keeps TIME_WAIT and not the director.
    static readonly TimeSpan s_farewell = TimeSpan.FromMilliseconds(100);

    enum State
    {
        Closed,
        Connecting,
        Talking,

        /// <summary>The verdict is reached; the server is to hang up.</summary>
        Parting,

        /// <summary>TLS has the socket.</summary>
        Secured,
    }

    State _state;
    ProbeSocket _socket;
    byte[]? _unsent;
    int _unsentFrom;
    bool _securesNext;
    ProbeOutcome _verdict;
    SecureDialogue? _secure;

    public override ProbeOutcome? Start()
    {
        // The turn before this one was cut off, and its TLS has not noticed yet.
        if (_secure is { IsOver: false }) return Outcome(ProbeReason.NoResources, "the probe before this one has not ended yet");
        _secure = null;

        if (ProbeSocket.TryOpen(ProbeSocketKind.Tcp, to.IsIPv6, exit, out _socket) is not Errno.OK and var unopened) return NotOpened(unopened);
        _state = State.Connecting;
        if (conversation is null) _socket.DelayHandshake();
        var errno = _socket.Connect(to);
        if (errno is not (Errno.OK or Errno.EINPROGRESS)) return Outcome(ProbeErrors.AtOnce(errno), ProbeErrors.Detail(errno));
        Engine.Poller.Add(_socket.Descriptor, PollEvents.Writable, Token);
        return null;
    }

    ProbeOutcome NotOpened(Errno errno) => errno == Errno.EADDRNOTAVAIL
        ? Outcome(ProbeReason.NoRoute, $"the director does not have the source address {exit.Source.Address}")
        : Outcome(ProbeErrors.AtOnce(errno), ProbeErrors.Detail(errno));

    public override ProbeOutcome? Ready(PollEvents events) => _state switch
    {
        State.Connecting => Connected(events),
        State.Talking => Talk(events),
        State.Parting => HasHungUp() ? _verdict : null,
        _ => null,
    };

    public override ProbeOutcome TimedOut() => _state == State.Parting ? _verdict : base.TimedOut();

    public override TimeSpan TakeDelay() => _secure?.TakeDelay() ?? TimeSpan.Zero;

    public override IPAddress? LocalAddress => _state is State.Connecting or State.Talking && _socket.LocalAddress(out var address) == Errno.OK ? address : null;

    ProbeOutcome? Connected(PollEvents events)
    {
        if ((events & (PollEvents.Failed | PollEvents.Ended)) != 0 && _socket.TakeError() is not Errno.OK and var errno)
            return Outcome(ProbeErrors.Answered(errno), ProbeErrors.Detail(errno));
        if (conversation is null)
        {
            var done = Outcome(ProbeReason.Ok);
            _socket.CloseUnnoticed(done.Took);
            _state = State.Closed;
            return done;
        }
        _state = State.Talking;
        if (security is { AtOnce: true }) return Secure(begins: true);
        Engine.Poller.Change(_socket.Descriptor, PollEvents.Readable | PollEvents.HalfClosed, Token);
        Engine.Say.ResetWrittenCount();
        return Follow(conversation.Begin(Engine.Say));
    }

    ProbeOutcome? Talk(PollEvents events)
    {
        if ((events & PollEvents.Writable) != 0 && SendRest() is { } failed) return failed;
        if (_unsent is null && _securesNext) return Secure(begins: false);
        if ((events & ~PollEvents.Writable) == 0) return null;

        // As much as is there, but not for ever: others wait.
        for (var reads = 0; reads < 4; reads++)
        {
            var errno = _socket.Receive(Engine.Buffer, out var received);
            if (errno is Errno.EAGAIN or Errno.EINTR) return null;
            if (errno != Errno.OK) return Outcome(ProbeErrors.Answered(errno), ProbeErrors.Detail(errno));
            Engine.Say.ResetWrittenCount();
            var outcome = Follow(received == 0 ? conversation!.End() : conversation!.Receive(Engine.Buffer.AsSpan(0, received), Engine.Say));
            if (outcome is not null || _state != State.Talking || received < Engine.Buffer.Length) return outcome;
        }
        return null;
    }

    // Says what the conversation wanted said, and does what it wants next.
    ProbeOutcome? Follow(Turn turn)
    {
        if (Engine.Say.WrittenCount > 0 && Send(Engine.Say.WrittenSpan) is { } failed && turn != Probing.Turn.Hang) return failed;
        switch (turn)
        {
            case Probing.Turn.Listen:
                return null;
            case Probing.Turn.Secure when _unsent is null:
                return Secure(begins: false);
            case Probing.Turn.Secure:
                _securesNext = true;
                return null;
            default:
                return Part();
        }
    }

    ProbeOutcome? Part()
    {
        _verdict = Outcome(conversation!.Finding);
        if (!conversation.ServerHangsUp || HasHungUp()) return _verdict;
        _state = State.Parting;
        Engine.EndBy(this, Engine.Now + s_farewell);
        return null;
    }

    // Reads what is still to come: closing with something unread would be a reset.
    bool HasHungUp()
    {
        for (var reads = 0; reads < 4; reads++)
        {
            var errno = _socket.Receive(Engine.Buffer, out var received);
            if (errno == Errno.EAGAIN) return false;
            if (errno != Errno.OK || received == 0) return true;
        }
        return false;
    }

    ProbeOutcome? Send(ReadOnlySpan<byte> bytes)
    {
        if (_unsent is not null)
        {
            _unsent = [.. _unsent.AsSpan(_unsentFrom), .. bytes];
            _unsentFrom = 0;
            return null;
        }
        var errno = _socket.Send(bytes, out var sent);
        if (errno is not (Errno.OK or Errno.EAGAIN)) return Outcome(ProbeErrors.Answered(errno), ProbeErrors.Detail(errno));
        if (sent == bytes.Length) return null;
        _unsent = bytes[Math.Max(sent, 0)..].ToArray();
        _unsentFrom = 0;
        Engine.Poller.Change(_socket.Descriptor, PollEvents.Readable | PollEvents.HalfClosed | PollEvents.Writable, Token);
        return null;
    }

    ProbeOutcome? SendRest()
    {
        if (_unsent is null) return null;
        var errno = _socket.Send(_unsent.AsSpan(_unsentFrom), out var sent);
        if (errno == Errno.EAGAIN) return null;
        if (errno != Errno.OK) return Outcome(ProbeErrors.Answered(errno), ProbeErrors.Detail(errno));
        _unsentFrom += sent;
        if (_unsentFrom < _unsent.Length) return null;
        _unsent = null;
        Engine.Poller.Change(_socket.Descriptor, PollEvents.Readable | PollEvents.HalfClosed, Token);
        return null;
    }

    ProbeOutcome? Secure(bool begins)
    {
        Engine.Poller.Remove(_socket.Descriptor);
        _state = State.Secured;
        _securesNext = false;
        var (number, turn, engine, started) = (Number, Turn, Engine, Started);
        _secure = new SecureDialogue(_socket, conversation!, security!, begins, engine);
        _ = _secure.RunAsync((finding, warning) => engine.Post(number, turn, new(finding.Reason, engine.Now - started, finding.Detail) { Word = finding.Word, Warning = warning }));
        return null;
    }

    protected override void Release()
    {
        if (_state is State.Connecting or State.Talking or State.Parting) _socket.Close();
        if (_state == State.Secured) _secure!.Cancel();
        else conversation?.Forget();
        _state = State.Closed;
        _unsent = null;
        _securesNext = false;
    }
}
