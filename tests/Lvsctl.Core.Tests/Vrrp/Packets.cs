using System.Net;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>Two ends of one wire, and the ways to spoil what is on it.</summary>
static class Packets
{
    public static readonly WireAddress Sender = Address("192.0.2.1");
    public static readonly WireAddress Listener = Address("192.0.2.9");

    public static WireAddress Address(string text) => WireAddress.Of(IPAddress.Parse(text));

    public static VrrpWire Wire(int version, VrrpAuthenticationKind? kind = null, string password = "secret12") => new(version, 51, Sender)
    {
        Addresses = [Address("192.0.2.100")],
        Authentication = kind,
        Password = ValueList.Of<byte>(Encoding.ASCII.GetBytes(password)),
    };

    public static VrrpWire Wire6() => new(3, 51, Address("fe80::1")) { Addresses = [Address("fe80::100")] };

    /// <summary>The same router on another host.</summary>
    public static VrrpReceiver Receiver(VrrpWire wire, AuthenticationSequence? sequence = null) =>
        new(wire with { Source = wire.Source with { Number = wire.Source.Number + 8 } }, sequence ?? new());

    public static byte[] Write(VrrpWire wire, byte priority = 200, WireAddress? destination = null, AuthenticationSequence? sequence = null)
    {
        var transmitter = new VrrpTransmitter(wire, sequence ?? new());
        var datagram = new byte[transmitter.Length];
        transmitter.Write(priority, destination ?? WireAddress.Group(wire.Family), datagram);
        return datagram;
    }

    public static VrrpRefusal Receive(VrrpReceiver receiver, ReadOnlySpan<byte> datagram) => Receive(receiver, datagram, out _);

    public static VrrpRefusal Receive(VrrpReceiver receiver, ReadOnlySpan<byte> datagram, out VrrpRemarks remarks)
    {
        Assert.True(ReceivedDatagram.TryReadIPv4(datagram, out var received));
        return receiver.Receive(received, out _, out remarks);
    }

    /// <summary>Changes bytes and puts the VRRP checksum right again, so that the change alone is wrong.</summary>
    public static byte[] Spoil(byte[] datagram, int at, params byte[] bytes)
    {
        var spoilt = (byte[])datagram.Clone();
        bytes.CopyTo(spoilt, at);
        var start = spoilt[9] == 51 ? 44 : 20;
        var message = spoilt.AsSpan(start);
        var isPlain = datagram[start] >> 4 == 2;
        var sum = isPlain ? VrrpChecksum.Of(message) : VrrpChecksum.Of(message, WireAddress.Read(spoilt.AsSpan(12, 4)), WireAddress.Read(spoilt.AsSpan(16, 4)));
        (message[6], message[7]) = ((byte)(sum >> 8), (byte)sum);
        return spoilt;
    }
}
