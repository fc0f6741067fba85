using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Testing;

/// <summary>Tables that a manifest could ask for: few keys, so that two of them meet often, and every setting the kernel keeps.</summary>
public sealed class RandomTables(Random random)
{
    static readonly string[] s_schedulers = ["rr", "wrr", "lc", "wlc", "sh", "mh"];

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
    ];

    DesiredService Service(ServiceKey key)
    {
        var persistent = random.Next(2) == 0;
        var scheduler = s_schedulers[random.Next(s_schedulers.Length)];
        var service = new VirtualService(key)
        {
            Scheduler = scheduler,
            Flags = (persistent ? ServiceFlags.Persistent : 0)
                | (scheduler is "sh" or "mh" && random.Next(2) == 0 ? ServiceFlags.Scheduler1 : 0)
                | (key.Protocol == TransportProtocol.Udp && random.Next(2) == 0 ? ServiceFlags.OnePacket : 0),
            PersistenceTimeout = persistent ? (uint)random.Next(1, 4) * 100 : 0,
            Netmask = persistent && random.Next(2) == 0 ? key.Family == IpFamily.IPv4 ? 0xFFFFFF00 : 64 : VirtualService.WholeAddress(key.Family),
        };
        return new DesiredService(key.ToString(), service, [.. Enumerable.Range(1, 6).Where(_ => random.Next(2) == 0).Select(n => Server(key, n))]);
    }

    DesiredServer Server(ServiceKey key, int n)
    {
        var forward = (ForwardingMethod)new[] { 0, 2, 3 }[random.Next(3)];
        var upper = (uint)random.Next(3) * 100;
        return new DesiredServer($"rs{n}", new RealServer(new RealServerKey(IPAddress.Parse(key.Family == IpFamily.IPv4 ? $"10.1.0.{n}" : $"2001:db8:1::{n}"), key.Port))
        {
            Forward = forward,
            Weight = random.Next(3),
            UpperThreshold = upper,
            LowerThreshold = upper / 2,
            Tunnel = forward == ForwardingMethod.Tunnel && random.Next(2) == 0 ? new Tunnel(TunnelType.Gue, 6080) : default,
        });
    }
}
