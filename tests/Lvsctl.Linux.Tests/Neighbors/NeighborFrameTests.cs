using System.Net;
using System.Net.NetworkInformation;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Neighbors;

namespace Lvsctl.Linux.Tests.Neighbors;

/// <summary>Byte for byte as keepalived sends them, and as hosts expect them.</summary>
public sealed class NeighborFrameTests
{
    static readonly PhysicalAddress s_card = PhysicalAddress.Parse("02-00-00-00-00-0A");

    static string Frame(string address, bool isRouter = false)
    {
        Span<byte> frame = stackalloc byte[NeighborFrame.MaxLength];
        frame.Fill(0xee);
        var length = NeighborFrame.Write(WireAddress.Of(IPAddress.Parse(address)), s_card, isRouter, frame);
        return Convert.ToHexStringLower(frame[..length]);
    }

    [Fact]
    public void IPv4_is_a_gratuitous_request_to_everybody() =>
        Assert.Equal("ffffffffffff" + "02000000000a" + "0806" + "0001080006040001" + "02000000000a" + "c0000264" + "ffffffffffff" + "c0000264", Frame("192.0.2.100"));

    [Fact]
    public void IPv6_is_an_unsolicited_advertisement_that_overrides() =>
        Assert.Equal("333300000001" + "02000000000a" + "86dd"
            + "60000000" + "0020" + "3a" + "ff" + "fe800000000000000000000000000100" + "ff020000000000000000000000000001"
            + "8800" + "5594" + "20000000" + "fe800000000000000000000000000100" + "0201" + "02000000000a", Frame("fe80::100"));

    [Fact]
    public void A_router_says_that_it_is_one() => Assert.Equal("a0", Frame("fe80::100", isRouter: true).Substring(2 * 58, 2));

    // RFC 1071: with its own checksum in it, the sum of all is all ones.
    [Theory]
    [InlineData("fe80::100")]
    [InlineData("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void Checksum_is_right(string address)
    {
        var frame = Convert.FromHexString(Frame(address));
        var sum = 32 + 58;
        for (var i = 22; i < frame.Length; i += 2) sum += frame[i] << 8 | frame[i + 1];
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        Assert.Equal(0xffff, sum);
    }
}
