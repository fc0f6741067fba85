using Lvsctl.Core.Cluster;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>Packets of keepalived 2.2.7 are understood, and the same settings give the same bytes.</summary>
public class GoldenPacketTests
{
    public static TheoryData<string, string, int, VrrpAuthenticationKind?, int, int> Captures => new()
    {
        { "v2none", "VRRP4", 2, null, 1000, 9 },
        { "v2pass", "VRRP4", 2, VrrpAuthenticationKind.Pass, 1000, 9 },
        { "v2ah", "AH", 2, VrrpAuthenticationKind.Ah, 1000, 9 },
        { "v3", "VRRP4", 3, null, 500, 20 },
    };

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_captured_packet_is_accepted_and_written_the_same(string name, string kind, int version, VrrpAuthenticationKind? authentication, int interval, int count)
    {
        var wire = Packets.Wire(version, authentication) with { Interval = TimeSpan.FromMilliseconds(interval) };
        var receiver = Packets.Receiver(wire);
        var transmitter = new VrrpTransmitter(wire, new());
        var packets = Capture.Packets(name, kind);
        Assert.Equal(count, packets.Count);
        for (var i = 0; i < count; i++)
        {
            Assert.True(ReceivedDatagram.TryReadIPv4(packets[i], out var received));
            Assert.Equal(VrrpRefusal.None, receiver.Receive(received, out var advert, out var remarks));
            Assert.Equal(VrrpRemarks.None, remarks);
            // keepalived leaves at the end of each capture.
            var priority = (byte)(i == count - 1 ? 0 : 200);
            Assert.Equal((priority, (byte)51, 1, Packets.Address("192.0.2.100")), (advert.Priority, advert.RouterId, advert.Count, advert[0]));
            Assert.Equal(interval, advert.Interval.TotalMilliseconds);

            var written = new byte[transmitter.Length];
            transmitter.Write(priority, WireAddress.Group(wire.Family), written);
            Assert.Equal(Convert.ToHexStringLower(packets[i]), Convert.ToHexStringLower(written));
        }
    }

    [Fact]
    public void Every_captured_IPv6_packet_is_accepted_and_written_the_same()
    {
        var wire = Packets.Wire6();
        var packets = Capture.Packets("v36", "VRRP6");
        Assert.Equal(9, packets.Count);
        foreach (var packet in packets)
        {
            var received = ReceivedDatagram.IPv6(WireAddress.Read(packet.AsSpan(8, 16)), WireAddress.Read(packet.AsSpan(24, 16)), packet[7], packet.AsSpan(40));
            Assert.Equal(VrrpRefusal.None, Packets.Receiver(wire).Receive(received, out var advert, out var remarks));
            Assert.Equal((VrrpRemarks.None, Packets.Address("fe80::100")), (remarks, advert[0]));
            Assert.Equal(Convert.ToHexStringLower(packet.AsSpan(40)), Convert.ToHexStringLower(Packets.Write(wire, advert.Priority)));
        }
    }

    [Fact]
    public void Version_3_over_IPv4_is_accepted_with_and_without_a_pseudo_header_in_its_checksum()
    {
        var wire = Packets.Wire(3) with { Interval = TimeSpan.FromMilliseconds(500) };
        var plain = Packets.Write(wire with { ChecksumPseudoHeader = false });
        Assert.Equal("3133c80100324434c0000264", Convert.ToHexStringLower(plain.AsSpan(20)));
        foreach (var ours in new[] { true, false })
        {
            var receiver = Packets.Receiver(wire with { ChecksumPseudoHeader = ours });
            Assert.Equal(VrrpRefusal.None, Packets.Receive(receiver, plain, out var remarks));
            Assert.Equal(ours ? VrrpRemarks.ChecksumForm : VrrpRemarks.None, remarks);
            Assert.Equal(VrrpRefusal.None, Packets.Receive(receiver, Packets.Write(wire), out remarks));
            Assert.Equal(ours ? VrrpRemarks.None : VrrpRemarks.ChecksumForm, remarks);
        }
    }

    [Fact]
    public void An_IPv6_message_without_the_pseudo_header_is_refused()
    {
        var message = Packets.Write(Packets.Wire6());
        var plain = VrrpChecksum.Of(message);
        (message[6], message[7]) = ((byte)(plain >> 8), (byte)plain);
        var received = ReceivedDatagram.IPv6(Packets.Address("fe80::1"), WireAddress.Group(Model.IpFamily.IPv6), 255, message);
        Assert.Equal(VrrpRefusal.Checksum, Packets.Receiver(Packets.Wire6()).Receive(received, out _, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(255)]
    public void What_is_written_is_read_back(int count)
    {
        foreach (var family in new[] { "192.0.2.0", "fe80::" })
        {
            var first = Packets.Address(family);
            var wire = new VrrpWire(3, 7, first with { Number = first.Number + 1 })
            {
                Interval = TimeSpan.FromMilliseconds(40_950),
                Addresses = Enumerable.Range(2, count).Select(i => first with { Number = first.Number + (uint)i }).ToValueList(),
            };
            var datagram = Packets.Write(wire, 1);
            var message = datagram.AsSpan(wire.Family == Model.IpFamily.IPv4 ? 20 : 0);
            Assert.True(VrrpAdvertisement.TryRead(message, wire.Family, out var advert));
            Assert.Equal((3, 1, 7, 1, count), (advert.Version, advert.Type, advert.RouterId, advert.Priority, advert.Count));
            Assert.Equal(wire.Interval, advert.Interval);
            for (var i = 0; i < count; i++) Assert.Equal(wire.Addresses[i], advert[i]);
        }
    }

    [Fact]
    public void The_authentication_code_is_accepted_with_the_TTL_as_keepalived_has_it_and_without_as_RFC_4302_says()
    {
        var wire = Packets.Wire(2, VrrpAuthenticationKind.Ah);
        var packet = Packets.Write(wire);
        // Computed with Python's hmac over the same packet with its TTL as zero.
        Convert.FromHexString("bd8cd2366b492f7896923eb1").CopyTo(packet, 32);
        Assert.Equal(VrrpRefusal.None, Packets.Receive(Packets.Receiver(wire), packet));
    }

    [Fact]
    public void The_checksum_is_that_of_RFC_1071()
    {
        // The RFC's own example, 0001 f203 f4f5 f6f7 with the sum ddf2, around the checksum field; an odd byte is filled up with zero.
        Assert.Equal(0x220d, VrrpChecksum.Of([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xaa, 0xbb, 0xf6, 0xf7]));
        Assert.Equal(VrrpChecksum.Of([1, 2, 3, 4, 5, 6, 0, 0, 7, 0]), VrrpChecksum.Of([1, 2, 3, 4, 5, 6, 0, 0, 7]));
    }

    [Fact]
    public void The_reserved_bits_of_version_3_are_ignored()
    {
        var packet = Packets.Spoil(Packets.Write(Packets.Wire(3)), 24, 0xf0);
        Assert.Equal(VrrpRefusal.None, Packets.Receive(Packets.Receiver(Packets.Wire(3)), packet, out var remarks));
        Assert.Equal(VrrpRemarks.None, remarks);
    }
}
