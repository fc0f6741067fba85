using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>
/// Packets that somebody tampered with. None may throw, and one is accepted exactly if <see cref="PacketOracle"/> says so.
/// LVSCTL_FUZZ_COUNT and LVSCTL_SEED make the long run of scripts/fuzz (ten packets for each of its mutations) out of the short one here.
/// </summary>
public class PacketFuzzTests(ITestOutputHelper output)
{
    static readonly WireAddress s_far = Packets.Address("198.51.100.7");

    static readonly VrrpWire[] s_wires =
    [
        Packets.Wire(2),
        Packets.Wire(2, VrrpAuthenticationKind.Pass),
        Packets.Wire(2, VrrpAuthenticationKind.Ah),
        Packets.Wire(3),
        Packets.Wire(3) with { ChecksumPseudoHeader = false, Addresses = [Packets.Address("192.0.2.100"), Packets.Address("192.0.2.101")] },
        Packets.Wire(3) with { Peers = [Packets.Sender, s_far], MinHopLimit = 64 },
        Packets.Wire6(),
    ];

    [Fact]
    public void Mutated_packets_never_crash_and_are_accepted_only_if_they_are_right()
    {
        var count = Setting("LVSCTL_FUZZ_COUNT", 10_000) * 10;
        var seed = Setting("LVSCTL_SEED", 20261122);
        var random = new Random(seed);
        var receivers = s_wires.Select(w => Packets.Receiver(w)).ToArray();
        var heard = s_wires.Select(_ => new Dictionary<uint, uint>()).ToArray();
        var sent = new AuthenticationSequence();
        var seen = new long[(int)VrrpRefusal.UnknownPeer + 1];
        byte[] last = [1, 2, 3, 4];
        for (var round = 0; round < count; round++)
        {
            var kind = random.Next(s_wires.Length);
            // Now and then what was meant for one router comes to another.
            var packet = Write(s_wires[random.Next(20) == 0 ? random.Next(s_wires.Length) : kind], sent, random);
            var isReplay = random.Next(20) == 0;
            if (isReplay) packet = last;
            for (var n = isReplay ? 0 : random.Next(4); n > 0; n--) Mutate(ref packet, last, random);
            if (!isReplay && random.Next(2) == 0) PacketOracle.Repair(packet, s_wires[kind], isPlain: random.Next(4) == 0);
            last = packet;
            Judge(packet, receivers[kind], heard[kind], $"packet {round} of seed {seed}, {kind}", seen);
            // A receiver whose peers' numbers were driven up would refuse all that follows, and so would one that has forgotten nobody.
            if (heard[kind].Count > 16 || heard[kind].Any(n => n.Value > sent.Highest))
            {
                heard[kind] = [];
                receivers[kind] = Packets.Receiver(s_wires[kind]);
            }
        }
        output.WriteLine($"{count} packets: {string.Join(", ", seen.Select((n, i) => $"{(VrrpRefusal)i} {n}"))}");
        // Each must happen, or the mutations are too tame or too wild to reach it.
        Assert.All(seen, (n, i) => Assert.True(n > 0, $"{(VrrpRefusal)i} was never reached"));
        Assert.InRange(seen[0], count / 20, count / 2);
    }

    static void Judge(byte[] packet, VrrpReceiver receiver, Dictionary<uint, uint> heard, string where, long[] seen)
    {
        var wire = receiver.Wire;
        var expected = PacketOracle.Accepts(packet, wire, heard);
        ReceivedDatagram received;
        if (wire.Family == Model.IpFamily.IPv4)
        {
            if (!ReceivedDatagram.TryReadIPv4(packet, out received))
            {
                Assert.False(expected, where);
                return;
            }
        }
        else
        {
            if (packet.Length < 33) return;
            received = ReceivedDatagram.IPv6(WireAddress.Read(packet.AsSpan(0, 16)), WireAddress.Read(packet.AsSpan(16, 16)), packet[32], packet.AsSpan(33));
        }
        VrrpRefusal refusal;
        try
        {
            received.TryPeekRouterId(out _);
            refusal = receiver.Receive(received, out var advert, out _);
            if (refusal == VrrpRefusal.None)
            {
                for (var i = 0; i < advert.Count; i++) _ = advert[i];
                if (wire.Authentication == VrrpAuthenticationKind.Ah) heard[PacketOracle.Number(packet.AsSpan(12))] = PacketOracle.Number(received.Payload[8..]);
                var at = wire.Authentication == VrrpAuthenticationKind.Ah ? 24 : 0;
                Assert.Equal((received.Payload[at + 2], received.Payload[at + 3]), (advert.Priority, (byte)advert.Count));
            }
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"{where}: {Convert.ToHexString(packet)}", e);
        }
        seen[(int)refusal]++;
        if (expected != (refusal == VrrpRefusal.None)) Assert.Fail($"{where}: {refusal}, and the oracle says {expected}: {Convert.ToHexString(packet)}");
    }

    static byte[] Write(VrrpWire wire, AuthenticationSequence sequence, Random random)
    {
        // A sender whose numbers do not rise, now and then.
        if (wire.Authentication == VrrpAuthenticationKind.Ah && random.Next(10) == 0) sequence = new();
        var destination = wire.Peers is null ? WireAddress.Group(wire.Family) : Packets.Listener;
        var packet = Packets.Write(wire with { Source = wire.Peers is null || random.Next(2) == 0 ? wire.Source : s_far }, (byte)random.Next(256), destination, sequence);
        if (wire.Family == Model.IpFamily.IPv4) return packet;
        var prefix = new byte[33];
        wire.Source.Write(prefix);
        destination.Write(prefix.AsSpan(16));
        prefix[32] = 255;
        return [.. prefix, .. packet];
    }

    static void Mutate(ref byte[] packet, byte[] other, Random random)
    {
        if (packet.Length == 0) return;
        var at = random.Next(packet.Length);
        switch (random.Next(9))
        {
            case 0: packet[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: packet[at] = (byte)random.Next(256); break;
            case 2: packet[at] = (byte)(random.Next(2) * 255); break;
            case 3: packet = packet[..at]; break;
            case 4: packet = [.. packet, .. new byte[random.Next(1, 40)]]; break;
            case 5: packet = [.. packet[..at], (byte)random.Next(256), .. packet[at..]]; break;
            case 6: packet = [.. packet[..at], .. packet[Math.Min(at + 4, packet.Length)..]]; break;
            case 7: packet = [.. packet[..at], .. other[Math.Min(at, other.Length)..]]; break;
            default:
                // The first bytes of the message, where most of the harm can be done.
                var message = packet.Length > 60 && packet[9] == 51 ? 44 : 20;
                if (message + 8 <= packet.Length) packet[message + random.Next(8)] = (byte)random.Next(4);
                break;
        }
    }

    static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
