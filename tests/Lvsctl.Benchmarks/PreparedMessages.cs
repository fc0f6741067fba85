using System.Diagnostics;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Benchmarks;

/// <summary>
/// The lower bound for a restore: the very messages, encoded beforehand, sent a thousand at a time and acknowledged on the last of each
/// send. Nothing that has to make them first can be faster.
/// </summary>
sealed class PreparedMessages
{
    const int MessagesPerSend = 1000;

    readonly List<(byte[] Datagram, uint First, uint Last)> _sends = [];

    public PreparedMessages(IEnumerable<TableChange> changes)
    {
        using var connection = new NetlinkConnection(NetlinkSocket.OpenGeneric(), TimeProvider.System);
        GenericFamily.Resolve(connection, IpvsConstants.IPVS_GENL_NAME, out var family);
        foreach (var chunk in changes.Chunk(MessagesPerSend))
        {
            var writer = new MessageWriter();
            uint first = connection.NextSequence(), last = first;
            foreach (var (i, change) in chunk.Index())
            {
                if (i > 0) last = connection.NextSequence();
                var message = writer.BeginGenericMessage(family, ChangeCodec.Command(change), IpvsConstants.IPVS_GENL_VERSION, 0, last);
                ChangeCodec.WriteAttributes(writer, change);
                writer.EndMessage(message);
            }
            writer.AddFlags(NetlinkConstants.NLM_F_ACK);
            _sends.Add((writer.Written.ToArray(), first, last));
        }
    }

    public Run Send()
    {
        var started = Stopwatch.GetTimestamp();
        using var connection = new NetlinkConnection(NetlinkSocket.OpenGeneric(), TimeProvider.System);
        connection.Transport.TryGrowReceiveBuffer(16 << 20);
        var refused = 0;
        foreach (var (datagram, first, last) in _sends) connection.ExchangeBatch(datagram, first, last, (_, _) => refused++);
        return new Run(Stopwatch.GetElapsedTime(started), refused);
    }
}
