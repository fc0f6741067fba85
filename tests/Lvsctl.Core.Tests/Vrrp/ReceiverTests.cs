using Lvsctl.Core.Cluster;
using Lvsctl.Core.Vrrp;
using static Lvsctl.Core.Vrrp.VrrpRefusal;

namespace Lvsctl.Core.Tests.Vrrp;

public class ReceiverTests
{
    static readonly VrrpWire s_v2 = Packets.Wire(2), s_v3 = Packets.Wire(3);
    static readonly VrrpWire s_pass = Packets.Wire(2, VrrpAuthenticationKind.Pass), s_ah = Packets.Wire(2, VrrpAuthenticationKind.Ah);

    /// <summary>What is sent, spoilt; what the listener has; what it says.</summary>
    public static TheoryData<VrrpRefusal, VrrpWire, VrrpWire, int, byte[]> Spoilt => new()
    {
        { Protocol, s_v3, s_v3, 9, [17] },
        { NoAuthenticationHeader, s_v2, s_ah, 0, [] },
        { UnwantedAuthenticationHeader, s_ah, s_v2, 0, [] },
        { TooShort, s_v3, s_v3, 23, [2] },
        { TooShort, s_v2, s_v2, 23, [4] },
        { RouterId, s_v3, s_v3, 21, [52] },
        { HopLimit, s_v3, s_v3, 8, [254] },
        { VrrpRefusal.Version, s_v2, s_v3, 0, [] },
        { VrrpRefusal.Version, s_v3, s_v2 with { Interval = TimeSpan.FromSeconds(100) }, 0, [] },
        { VrrpRefusal.Version, s_v3, s_v3, 20, [0x11] },
        { VrrpRefusal.AuthenticationHeader, s_ah, s_ah, 20, [17] },
        { VrrpRefusal.AuthenticationHeader, s_ah, s_ah, 21, [5] },
        { VrrpRefusal.AuthenticationHeader, s_ah, s_ah, 23, [1] },
        { VrrpRefusal.AuthenticationHeader, s_ah, s_ah, 27, [9] },
        { AuthenticationCode, s_ah, s_ah, 31, [9] },
        { AuthenticationCode, s_ah, s_ah, 43, [9] },
        { AuthenticationCode, s_ah, s_ah, 46, [99] },
        { AuthenticationCode, s_ah, s_ah, 4, [99] },
        { AuthenticationCode, s_ah, s_ah with { Password = [1] }, 0, [] },
        { AuthenticationType, s_pass, s_v2, 0, [] },
        { AuthenticationType, s_v2, s_pass, 0, [] },
        { Password, s_pass, s_pass with { Password = [1] }, 0, [] },
        { Password, s_pass, s_pass, 39, [(byte)'3'] },
        { Interval, s_v2, s_v2 with { Interval = TimeSpan.FromSeconds(2) }, 0, [] },
        { Interval, s_v3, s_v3, 24, [0, 0] },
        { VrrpRefusal.Type, s_v3, s_v3, 20, [0x32] },
        { AddressCount, s_v3, s_v3, 23, [0] },
        { AddressCount, s_v2, s_v2, 23, [0] },
        { Mode, s_v3, s_v3, 16, [192, 0, 2, 9] },
        { Mode, s_v3, s_v3 with { Peers = [Packets.Sender] }, 0, [] },
        { OwnAddress, s_v3, s_v3, 12, [192, 0, 2, 9] },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void Each_fault_of_a_packet_is_refused_by_its_name(VrrpRefusal expected, VrrpWire sent, VrrpWire ours, int at, byte[] bytes) =>
        Assert.Equal(expected, Packets.Receive(Packets.Receiver(ours), Packets.Spoil(Packets.Write(sent), at, bytes)));

    [Theory]
    [InlineData(20)]
    [InlineData(26)]
    [InlineData(27)]
    [InlineData(35)]
    public void A_changed_bit_of_the_message_is_a_wrong_checksum(int at)
    {
        var packet = Packets.Write(s_v2 with { Version = 2 });
        packet[at] ^= (byte)(at == 20 ? 0 : 1);
        Assert.Equal(at == 20 ? None : Checksum, Packets.Receive(Packets.Receiver(s_v2), packet));
    }

    [Fact]
    public void Faults_are_found_in_the_documented_order()
    {
        // Everything is wrong at once, and is put right one by one.
        var wire = s_pass with { Peers = [Packets.Address("192.0.2.7")], MinHopLimit = 200 };
        var packet = Packets.Write(s_v2, destination: Packets.Address("192.0.2.8"));
        var good = (byte[])packet.Clone();
        packet[9] = 51;
        packet[3]--;
        packet[21] = 9;
        packet[8] = 3;
        packet[20] = 0x32;
        packet[25] = 9;
        var receiver = Packets.Receiver(wire);
        var seen = new List<VrrpRefusal> { Packets.Receive(receiver, packet) };
        void Now(int at, byte value)
        {
            packet[at] = value;
            seen.Add(Packets.Receive(receiver, packet));
        }
        Now(9, 112);            // the length is wrong for version 2 only
        Now(21, 51);
        Now(8, 200);
        Now(20, 0x22);
        Now(3, good[3]);
        Now(24, 1);
        "secret12"u8.CopyTo(packet.AsSpan(32));
        Now(20, 0x22);
        Now(25, 1);
        Now(20, 0x21);
        var right = Packets.Spoil(packet, 0);
        right.CopyTo(packet, 0);
        Now(20, 0x21);
        packet = Packets.Spoil(packet, 12, 192, 0, 2, 7);
        Now(20, 0x21);
        Assert.Equal([UnwantedAuthenticationHeader, RouterId, HopLimit, VrrpRefusal.Version, TooShort, AuthenticationType, Password, Interval, VrrpRefusal.Type, Checksum, UnknownPeer, None], seen);
    }

    [Fact]
    public void Ethernet_padding_is_no_part_of_the_packet_but_more_bytes_inside_are_refused()
    {
        var packet = Packets.Write(s_v3);
        Assert.Equal(None, Packets.Receive(Packets.Receiver(s_v3), [.. packet, .. new byte[14]]));
        byte[] longer = [.. packet, 0, 0];
        longer[3] += 2;
        Assert.Equal(AddressCount, Packets.Receive(Packets.Receiver(s_v3), longer));
    }

    [Theory]
    [InlineData(255, None)]
    [InlineData(64, None)]
    [InlineData(63, HopLimit)]
    public void A_unicast_peer_may_be_some_hops_away(byte ttl, VrrpRefusal expected)
    {
        var wire = s_v3 with { Peers = [Packets.Sender], MinHopLimit = 64 };
        var packet = Packets.Write(s_v3, destination: Packets.Listener);
        packet[8] = ttl;
        Assert.Equal(expected, Packets.Receive(Packets.Receiver(wire), packet));
    }

    [Fact]
    public void Unicast_comes_from_configured_peers_only() =>
        Assert.Equal(UnknownPeer, Packets.Receive(Packets.Receiver(s_v3 with { Peers = [Packets.Address("192.0.2.3")] }), Packets.Write(s_v3, destination: Packets.Listener)));

    [Fact]
    public void An_old_packet_sent_again_is_refused()
    {
        var sequence = new AuthenticationSequence();
        var receiver = Packets.Receiver(s_ah);
        var sent = Enumerable.Range(0, 4).Select(_ => Packets.Write(s_ah, sequence: sequence)).ToList();
        Assert.Equal(None, Packets.Receive(receiver, sent[0]));
        Assert.Equal(Replay, Packets.Receive(receiver, sent[0]));
        Assert.Equal(None, Packets.Receive(receiver, sent[2]));
        Assert.Equal(Replay, Packets.Receive(receiver, sent[1]));
        Assert.Equal(None, Packets.Receive(receiver, sent[3]));
    }

    [Fact]
    public void A_refused_packet_makes_no_later_one_look_old()
    {
        var sequence = new AuthenticationSequence();
        var receiver = Packets.Receiver(s_ah);
        var first = Packets.Write(s_ah, sequence: sequence);
        for (var i = 0; i < 8; i++) sequence.Next();
        // Signed and numbered well, but of another interval.
        Assert.Equal(Interval, Packets.Receive(receiver, Packets.Write(s_ah with { Interval = TimeSpan.FromSeconds(2) }, sequence: sequence)));
        Assert.Equal(None, Packets.Receive(receiver, first));
    }

    [Fact]
    public void A_restarted_peer_goes_on_from_the_highest_number_it_hears()
    {
        // keepalived has one counter for all senders: a number below one that was heard is refused, whoever sends it.
        var (old, ours) = (new AuthenticationSequence(), new AuthenticationSequence());
        var receiver = Packets.Receiver(s_ah, ours);
        for (var i = 0; i < 50; i++) Assert.Equal(None, Packets.Receive(receiver, Packets.Write(s_ah, sequence: old)));
        var restarted = new AuthenticationSequence();
        var back = new VrrpReceiver(s_ah, restarted);
        Assert.Equal(None, Packets.Receive(back, Packets.Write(s_ah with { Source = Packets.Listener }, sequence: ours)));
        Assert.Equal(51u, restarted.Highest);
        Assert.Equal(None, Packets.Receive(receiver, Packets.Write(s_ah, sequence: restarted)));
    }

    [Fact]
    public void A_peer_that_was_restarted_before_anybody_took_over_is_heard()
    {
        var receiver = Packets.Receiver(s_ah);
        var (first, second) = (DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(50).AddMinutes(1));
        var sequence = AuthenticationSequence.Begun(first);
        for (var i = 0; i < 60; i++) Assert.Equal(None, Packets.Receive(receiver, Packets.Write(s_ah, sequence: sequence)));
        Assert.Equal(None, Packets.Receive(receiver, Packets.Write(s_ah, sequence: AuthenticationSequence.Begun(second))));
    }

    [Fact]
    public void Another_list_of_addresses_is_remarked_and_heard_all_the_same()
    {
        var more = s_v3 with { Addresses = [Packets.Address("192.0.2.101"), Packets.Address("192.0.2.100")] };
        Assert.Equal(None, Packets.Receive(Packets.Receiver(s_v3), Packets.Write(more), out var remarks));
        Assert.Equal(VrrpRemarks.Addresses, remarks);
        Assert.Equal(None, Packets.Receive(Packets.Receiver(more with { Addresses = [more.Addresses[1], more.Addresses[0]] }), Packets.Write(more), out remarks));
        Assert.Equal(VrrpRemarks.None, remarks);
        Assert.Equal(None, Packets.Receive(Packets.Receiver(more with { Addresses = [more.Addresses[1], Packets.Address("192.0.2.102")] }), Packets.Write(more), out remarks));
        Assert.Equal(VrrpRemarks.Addresses, remarks);
    }

    [Fact]
    public void Another_interval_in_version_3_is_remarked()
    {
        Assert.Equal(None, Packets.Receive(Packets.Receiver(s_v3), Packets.Write(s_v3 with { Interval = TimeSpan.FromSeconds(3) }), out var remarks));
        Assert.Equal(VrrpRemarks.Interval, remarks);
    }

    [Fact]
    public void Fragments_and_cut_off_datagrams_are_none_of_ours()
    {
        var packet = Packets.Write(s_v3);
        for (var length = 0; length < packet.Length; length++) Assert.False(ReceivedDatagram.TryReadIPv4(packet.AsSpan(0, length), out _));
        foreach (var (at, value) in new[] { (0, 0x44), (0, 0x65), (0, 0x4f), (3, 19), (6, 0x20), (7, 1) })
        {
            var bad = (byte[])packet.Clone();
            bad[at] = (byte)value;
            Assert.False(ReceivedDatagram.TryReadIPv4(bad, out _), $"byte {at} = {value}");
        }
    }

    [Fact]
    public void The_router_id_can_be_seen_before_anything_is_judged()
    {
        foreach (var wire in new[] { s_v3, s_ah })
        {
            Assert.True(ReceivedDatagram.TryReadIPv4(Packets.Write(wire), out var received));
            Assert.True(received.TryPeekRouterId(out var id));
            Assert.Equal(51, id);
        }
        Assert.False(ReceivedDatagram.IPv6(Packets.Sender, Packets.Sender, 255, [1]).TryPeekRouterId(out _));
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(2, VrrpAuthenticationKind.Pass)]
    [InlineData(2, VrrpAuthenticationKind.Ah)]
    [InlineData(3, null)]
    public void Sending_and_receiving_allocate_nothing(int version, VrrpAuthenticationKind? kind)
    {
        var wire = Packets.Wire(version, kind);
        var (transmitter, receiver) = (new VrrpTransmitter(wire, new()), Packets.Receiver(wire));
        var datagram = new byte[transmitter.Length];
        Assert.Equal(0, Allocations.Of(Beat));

        void Beat()
        {
            transmitter.Write(100, WireAddress.Group(wire.Family), datagram);
            if (Packets.Receive(receiver, datagram) != None) throw new InvalidOperationException();
        }
    }

    [Fact]
    public void Whoever_sends_under_a_hundred_names_is_told_of_a_few_times()
    {
        var ledger = new RefusalLedger();
        var told = Enumerable.Range(1, 100).Count(i => ledger.Count(Checksum, WireAddress.Of(new System.Net.IPAddress([192, 0, 2, (byte)i]))));

        Assert.Equal((8, 100), (told, ledger[Checksum]));
    }

    [Fact]
    public void A_cause_is_news_once_until_another_sender_or_a_new_state()
    {
        var ledger = new RefusalLedger();
        Assert.True(ledger.Count(Checksum, Packets.Sender));
        Assert.False(ledger.Count(Checksum, Packets.Sender));
        Assert.True(ledger.Count(Replay, Packets.Sender));
        Assert.True(ledger.Count(Checksum, Packets.Listener));
        // Two that speak in turns are told once each.
        Assert.False(ledger.Count(Checksum, Packets.Sender));
        ledger.Reset();
        Assert.True(ledger.Count(Checksum, Packets.Listener));
        Assert.Equal((5, 1, 0), (ledger[Checksum], ledger[Replay], ledger[Mode]));

        Assert.Equal(VrrpRemarks.Addresses | VrrpRemarks.Interval, ledger.Count(VrrpRemarks.Addresses | VrrpRemarks.Interval, Packets.Sender));
        Assert.Equal(VrrpRemarks.ChecksumForm, ledger.Count(VrrpRemarks.Addresses | VrrpRemarks.ChecksumForm, Packets.Sender));
        Assert.Equal((2, 1, 1), (ledger[VrrpRemarks.Addresses], ledger[VrrpRemarks.Interval], ledger[VrrpRemarks.ChecksumForm]));
    }
}
