using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;
using Lvsctl.Testing;

namespace Lvsctl.Linux.Tests.Netlink;

public class NetlinkConnectionTests
{
    readonly ScriptedTransport _transport = new();
    readonly ManualClock _clock = new();

    [Fact]
    public void An_answer_to_an_earlier_request_is_passed_over()
    {
        using var connection = new NetlinkConnection(_transport, _clock);
        _transport.Answers(Ack(sequence: 1, errno: -17), Ack(sequence: 2, errno: 0));

        Assert.True(connection.Exchange([], sequence: 2, onPayload: null).Ok);
    }

    [Fact]
    public void Several_messages_of_one_datagram_are_all_heard()
    {
        using var connection = new NetlinkConnection(_transport, _clock);
        _transport.Answers([.. Ack(1, -2), .. Ack(2, -3), .. Ack(3, 0)]);
        var refused = new List<(uint, Errno)>();

        Assert.True(connection.ExchangeBatch([], 1, 3, (sequence, answer) => refused.Add((sequence, answer.Errno))).Ok);

        Assert.Equal([(1u, Errno.ENOENT), (2u, Errno.ESRCH)], refused);
    }

    [Fact]
    public void A_kernel_that_says_nothing_is_a_lost_answer()
    {
        using var connection = new NetlinkConnection(_transport, _clock);

        var answer = connection.Exchange([], 1, null);

        Assert.Equal(Errno.ETIMEDOUT, answer.Errno);
        Assert.True(answer.IsLost);
    }

    [Fact]
    public void A_kernel_that_talks_for_ever_of_something_else_is_not_listened_to_for_ever()
    {
        using var connection = new NetlinkConnection(_transport, _clock);
        _transport.AnswersForEver(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            return Ack(sequence: 77, errno: 0);
        });

        Assert.Equal(Errno.ETIMEDOUT, connection.Exchange([], 1, null).Errno);
        Assert.InRange(_clock.Elapsed.TotalSeconds, 1, 10);
    }

    static byte[] Ack(uint sequence, int errno) => Bytes.Message(2, 0x100, sequence, Bytes.I32(errno), new byte[16]);
}
