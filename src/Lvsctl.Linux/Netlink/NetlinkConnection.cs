using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Netlink;

/// <summary>What to do with one message of the answer: <paramref name="payload"/> is what follows the netlink header.</summary>
delegate void PayloadHandler(ReadOnlySpan<byte> payload);

/// <summary>Called for each request of a batch that the kernel refused.</summary>
delegate void RefusalHandler(uint sequence, NetlinkAnswer answer);

/// <summary>
/// Requests and their answers over one transport, matched by sequence number. One exchange at a time; not thread-safe.
/// After a lost answer the connection stays usable: what comes late carries an old sequence and is passed over. Only a dump that was left
/// half-way keeps the socket busy (EBUSY) for other dumps.
/// </summary>
sealed class NetlinkConnection(INetlinkTransport transport, TimeProvider clock) : IDisposable
{
    // The kernel packs a dump into datagrams of up to 32 KiB; a smaller buffer would cut them.
    const int ReceiveBufferLength = 64 * 1024;

    // The kernel answers within the send call. This is for the answer that never comes (a handler that returned -EINTR).
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);

    readonly byte[] _buffer = new byte[ReceiveBufferLength];
    uint _sequence;

    /// <summary>The last dump was of a list that changed meanwhile (NLM_F_DUMP_INTR): it may lack entries. rtnetlink says so, IPVS never does.</summary>
    public bool DumpWasInterrupted { get; private set; }

    public INetlinkTransport Transport => transport;

    public uint NextSequence() => ++_sequence;

    /// <summary>
    /// Sends a request that was written with <paramref name="sequence"/> and NLM_F_ACK or NLM_F_DUMP, hands every message of the answer
    /// to <paramref name="onPayload"/>, and returns the verdict.
    /// </summary>
    public NetlinkAnswer Exchange(ReadOnlySpan<byte> request, uint sequence, PayloadHandler? onPayload, CancellationToken cancellation = default)
    {
        transport.Send(request);
        return Await(sequence, sequence, onPayload, onRefusal: null, cancellation);
    }

    /// <summary>
    /// Sends requests with the sequences <paramref name="first"/>..<paramref name="last"/> as one datagram, of which the last asks for an
    /// acknowledgement. The kernel handles all of them in order whatever becomes of each; those it refuses go to
    /// <paramref name="onRefusal"/> (the last one too). The verdict is that of the last request; when it is lost, nothing is known of
    /// those that were not refused.
    /// </summary>
    public NetlinkAnswer ExchangeBatch(ReadOnlySpan<byte> requests, uint first, uint last, RefusalHandler onRefusal, CancellationToken cancellation = default)
    {
        transport.Send(requests);
        return Await(first, last, onPayload: null, onRefusal, cancellation);
    }

    NetlinkAnswer Await(uint first, uint last, PayloadHandler? onPayload, RefusalHandler? onRefusal, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        var dropped = false;
        DumpWasInterrupted = false;
        while (true)
        {
            var left = AnswerTimeout - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return new(Errno.ETIMEDOUT);
            int length;
            try
            {
                // Once answers were dropped the last one is surely among them, but those before it are worth reading.
                if (!transport.TryReceive(_buffer, dropped ? TimeSpan.Zero : left, out length, cancellation))
                    return new(dropped ? Errno.ENOBUFS : Errno.ETIMEDOUT);
            }
            catch (NetlinkException e) when (e.Errno == Errno.ENOBUFS)
            {
                dropped = true;
                continue;
            }

            ReadOnlySpan<byte> datagram = _buffer.AsSpan(0, length);
            while (NetlinkMessage.TryTake(ref datagram, out var message))
            {
                if (message.Sequence - first > last - first) continue;
                DumpWasInterrupted |= (message.Flags & NLM_F_DUMP_INTR) != 0 && message.Type != NLMSG_ERROR;
                if (message.Type is not (NLMSG_ERROR or NLMSG_DONE))
                {
                    onPayload?.Invoke(message.Payload);
                    continue;
                }

                var verdict = message.ReadVerdict();
                if (!verdict.Ok) onRefusal?.Invoke(message.Sequence, verdict);
                if (message.Sequence == last) return verdict;
            }
        }
    }

    public void Dispose() => transport.Dispose();
}
