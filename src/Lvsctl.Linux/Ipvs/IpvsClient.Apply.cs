using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Ipvs.IpvsConstants;
using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Ipvs;

public sealed partial class IpvsClient
{
    // A refusal takes up to 900 bytes of the receive buffer. The default buffer holds 237 of them on the tightest kernel seen (7.2),
    // a grown one many times a thousand; so even if the kernel refuses all of a send, no answer is dropped.
    const int MessagesPerSend = 200;
    const int MessagesPerSendWhenGrown = 1000;
    const int GrownReceiveBuffer = 16 << 20;

    // The default send buffer takes 212,960 bytes. This much fits a buffer that the garbage collector keeps among the small objects.
    const int BytesPerSend = 60 * 1024;

    int _messagesPerSend;

    /// <summary>
    /// Carries the changes out in order, many in one send, whatever becomes of each; returns those that are not in effect, in order.
    /// Where answers were lost, the table is read again and what it shows decides.
    /// </summary>
    /// <exception cref="IpvsException">Answers were lost and the table could not be read.</exception>
    /// <exception cref="NetlinkException">The socket failed; what was sent before is in effect.</exception>
    public IReadOnlyList<ChangeFailure> Apply(IReadOnlyList<TableChange> changes, CancellationToken cancellation = default)
    {
        var failures = new List<ChangeFailure>();
        for (var start = 0; start < changes.Count;)
        {
            var (end, refusals, verdict) = Send(changes, start, cancellation);
            // A stale family number refuses every message alike, so none was carried out and all can be sent again.
            if (refusals.Exists(r => r.Answer.Errno == Errno.ENOENT) && FamilyMoved()) (end, refusals, verdict) = Send(changes, start, cancellation);
            if (verdict.IsLost) AddUnconfirmed(refusals, changes, start, end, verdict);

            foreach (var (index, answer) in refusals) failures.Add(new ChangeFailure(index, changes[index], IpvsException.ForChange(changes[index], answer)));
            start = end;
        }
        return failures;
    }

    (int End, List<Refusal> Refusals, NetlinkAnswer Verdict) Send(IReadOnlyList<TableChange> changes, int start, CancellationToken cancellation)
    {
        var refusals = new List<Refusal>();
        uint first = 0, last = 0;
        var end = start;
        var limit = Math.Min((long)start + MessageLimit(changes.Count - start), changes.Count);
        _writer.Clear();
        do
        {
            last = _connection.NextSequence();
            if (end == start) first = last;
            var message = _writer.BeginGenericMessage(_family, ChangeCodec.Command(changes[end]), IPVS_GENL_VERSION, flags: 0, last);
            ChangeCodec.WriteAttributes(_writer, changes[end]);
            _writer.EndMessage(message);
            end++;
        }
        while (end < limit && _writer.Length < BytesPerSend && !TravelsAlone(changes[end]) && !TravelsAlone(changes[end - 1]));
        _writer.AddFlags(NLM_F_ACK);

        var verdict = _connection.ExchangeBatch(_writer.Written, first, last,
            (sequence, answer) => refusals.Add(new(start + (int)(sequence - first), answer)), cancellation);
        return (end, refusals, verdict);
    }

    /// <summary>
    /// The kernel's handlers of these may return -EINTR, on which netlink sends no answer at all (6.1: a daemon stopped before its thread
    /// ran). Alone in a send the missing answer is noticed, instead of silence being taken for success.
    /// </summary>
    static bool TravelsAlone(TableChange change) => change is TableChange.StartSyncDaemon or TableChange.StopSyncDaemon;

    int MessageLimit(int wanted)
    {
        if (wanted <= MessagesPerSend) return MessagesPerSend;
        if (_messagesPerSend == 0)
            _messagesPerSend = _connection.Transport.TryGrowReceiveBuffer(GrownReceiveBuffer) ? MessagesPerSendWhenGrown : MessagesPerSend;
        return _messagesPerSend;
    }

    readonly record struct Refusal(int Index, NetlinkAnswer Answer);
}
