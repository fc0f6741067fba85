using System.Buffers;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing;

/// <summary>What a conversation wants next.</summary>
public enum Turn
{
    /// <summary>More from the server.</summary>
    Listen,

    /// <summary>What was said is to be sent, then TLS agreed on; <see cref="Conversation.Secured"/> goes on from there.</summary>
    Secure,

    /// <summary>Nothing: <see cref="Conversation.Finding"/> is final. What was said is still sent (a farewell).</summary>
    Hang,
}

/// <summary>What a conversation found; latency and time-outs are the engine's to add.</summary>
/// <param name="Detail">Evidence for people, at most 200 characters, without control characters.</param>
public readonly record struct Finding(ProbeReason Reason, string? Detail = null, AgentWord Word = default);

/// <summary>
/// One side of a dialogue with a server, without the wire: bytes in, bytes out, and a finding in the end. It knows nothing of sockets, time
/// or TLS, so it can be driven by an event loop, by a TLS stream, or by a fuzzer. One object serves many probes of the same target, one
/// after the other; it holds no memory to speak of between them.
/// </summary>
public abstract class Conversation
{
    /// <summary>Valid once <see cref="Turn.Hang"/> was returned.</summary>
    public Finding Finding { get; private set; }

    /// <summary>The server closes the connection after its last answer, so it is worth a moment's wait: who closes first keeps TIME_WAIT.</summary>
    public virtual bool ServerHangsUp => false;

    /// <summary>The connection is made, and secure if it begins with TLS. Forgets whatever an earlier probe left.</summary>
    public abstract Turn Begin(IBufferWriter<byte> say);

    /// <summary>Some bytes came, at least one; every split is possible, and so is garbage without end. Must consume them all.</summary>
    public abstract Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say);

    /// <summary>TLS is agreed on, after <see cref="Turn.Secure"/>.</summary>
    public virtual Turn Secured(IBufferWriter<byte> say) => throw new InvalidOperationException("this conversation never asks for TLS");

    /// <summary>The server has closed its side.</summary>
    public abstract Turn End();

    /// <summary>The probe is over, however it ended: gives back what it holds.</summary>
    public virtual void Forget()
    {
    }

    protected Turn Hang(Finding finding)
    {
        Finding = finding;
        return Turn.Hang;
    }

    protected Turn Hang(ProbeReason reason, string? detail = null) => Hang(new Finding(reason, detail));
}
