using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Testing;

/// <summary>Tables that a manifest could ask for: few keys, so that two of them meet often, and every setting the kernel keeps.</summary>
public sealed class RandomTables(Random random)
{
    static readonly string[] s_schedulers = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf", "none"];

    public DesiredTable Next() => new([.. Keys().Where(_ => random.Next(3) > 0).Select(Service)]);

    static IEnumerable<ServiceKey> Keys() =>
    [
        ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80),
        ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 443),
        ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("10.0.0.1"), 53),
        ServiceKey.At(TransportProtocol.Sctp, IPAddress.Parse("10.0.0.2"), 90),
        ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("2001:db8::1"), 80),
        ServiceKey.Marked(7),
        ServiceKey.Marked(7, IpFamily.IPv6),
        ServiceKey.Marked(uint.MaxValue),
        ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.3"), 0),
        ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("2001:db8::5060"), 5060),
    ];

    DesiredService Service(ServiceKey key)
    {
        var persistent = random.Next(2) == 0 || key is { IsFirewallMark: false, Port: 0 };
        var mayBePacket = key.IsFirewallMark || key.Protocol == TransportProtocol.Udp;
        var service = new VirtualService(key)
        {
            Scheduler = s_schedulers[random.Next(s_schedulers.Length)],
            Flags = (persistent ? ServiceFlags.Persistent : 0)
                | (random.Next(3) == 0 ? (ServiceFlags)(random.Next(8) << 3) : 0)
                | (mayBePacket && random.Next(3) == 0 ? ServiceFlags.OnePacket : 0),
            PersistenceTimeout = persistent ? (uint)random.Next(1, 4) * 100 : 0,
            Netmask = persistent ? Netmask(key.Family) : VirtualService.WholeAddress(key.Family),
            PersistenceEngine = persistent && mayBePacket && random.Next(3) == 0 ? "sip" : null,
        };
        return new DesiredService(key.ToString(), service, [.. Enumerable.Range(1, 6).Where(_ => random.Next(2) == 0).Select(n => Server(key, n))]);
    }

    uint Netmask(IpFamily family) => family == IpFamily.IPv6
        ? new uint[] { 128, 64, 1 }[random.Next(3)]
        : new uint[] { uint.MaxValue, 0xFFFFFF00, 0x0F0000F1 }[random.Next(3)];

    DesiredServer Server(ServiceKey key, int n)
    {
        var forward = (ForwardingMethod)new[] { 0, 2, 3 }[random.Next(3)];
        var isOther = forward == ForwardingMethod.Tunnel && random.Next(3) == 0;
        var isIPv4 = key.Family == IpFamily.IPv4 != isOther;
        var upper = (uint)random.Next(3) * 100;
        return new DesiredServer($"rs{n}", new RealServer(new RealServerKey(Address(isIPv4, n), Port(key, forward)))
        {
            Forward = forward,
            Weight = random.Next(8) == 0 ? int.MaxValue : random.Next(3),
            UpperThreshold = upper,
            LowerThreshold = random.Next(2) == 0 ? 0 : upper / 2,
            Tunnel = forward == ForwardingMethod.Tunnel ? Tunnel() : default,
        });
    }

    static IPAddress Address(bool isIPv4, int n) => IPAddress.Parse(isIPv4 ? $"10.1.0.{n}" : $"2001:db8:1::{n}");

    // Only NAT can change the port, except that a mark says nothing about ports.
    ushort Port(ServiceKey key, ForwardingMethod forward) =>
        (forward == ForwardingMethod.Nat || key.IsFirewallMark) && random.Next(3) == 0 ? (ushort)8080 : key.Port;

    Tunnel Tunnel() => random.Next(4) switch
    {
        0 => new(TunnelType.Gue, 6080, (TunnelChecksum)random.Next(3)),
        1 => new(TunnelType.Gre, 0, (TunnelChecksum)random.Next(2)),
        _ => default,
    };
}
