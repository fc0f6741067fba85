using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Tests.Netlink;

public class NetlinkMessageTests
{
    [Fact]
    public void Messages_are_taken_off_a_datagram_one_by_one()
    {
        ReadOnlySpan<byte> datagram = Hex("12000000 1c000200 05000000 00000000 aabb0000  10000000 03000200 06000000 00000000");

        Assert.True(NetlinkMessage.TryTake(ref datagram, out var first));
        Assert.Equal((28, 2, 5u), (first.Type, first.Flags, first.Sequence));
        Assert.Equal("AABB", Convert.ToHexString(first.Payload));
        Assert.True(NetlinkMessage.TryTake(ref datagram, out var second));
        Assert.Equal((3, 6u, 0), (second.Type, second.Sequence, second.Payload.Length));
        Assert.False(NetlinkMessage.TryTake(ref datagram, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10000000 02000000 01000000 000000")]
    [InlineData("0f000000 02000000 01000000 00000000")]
    [InlineData("00000000 02000000 01000000 00000000")]
    [InlineData("ffffffff 02000000 01000000 00000000")]
    public void What_is_not_a_whole_message_is_not_taken(string hex)
    {
        ReadOnlySpan<byte> datagram = Hex(hex);

        Assert.False(NetlinkMessage.TryTake(ref datagram, out _));
    }

    [Fact]
    public void A_refusal_carries_errno_and_the_text_of_the_extended_acknowledgement()
    {
        // NLMSG_ERROR, flags CAPPED | ACK_TLVS, -22, the header of the request, NLMSGERR_ATTR_MSG "no".
        ReadOnlySpan<byte> datagram = Hex("2c000000 02000003 07000000 00000000 eaffffff 14000000 1c000500 07000000 00000000 07000100 6e6f0000");
        Assert.True(NetlinkMessage.TryTake(ref datagram, out var message));

        Assert.Equal(new NetlinkAnswer(Errno.EINVAL, "no"), message.ReadVerdict());
    }

    [Fact]
    public void A_refusal_that_claims_to_echo_more_than_it_holds_has_no_text()
    {
        ReadOnlySpan<byte> datagram = Hex("24000000 02000002 07000000 00000000 eaffffff ffffffff 1c000500 07000000 00000000");
        Assert.True(NetlinkMessage.TryTake(ref datagram, out var message));

        Assert.Equal(new NetlinkAnswer(Errno.EINVAL), message.ReadVerdict());
    }

    [Fact]
    public void The_smallest_number_is_no_arithmetic_trap()
    {
        ReadOnlySpan<byte> datagram = Hex("14000000 02000000 07000000 00000000 00000080");
        Assert.True(NetlinkMessage.TryTake(ref datagram, out var message));

        Assert.False(message.ReadVerdict().Ok);
    }

    static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", ""));
}
