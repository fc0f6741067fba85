using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Tests.Vrrp;

/// <summary>Whom a check asks that a virtual router depends on.</summary>
public sealed class TrackedChecksTests
{
    static readonly IPAddress s_gateway = IPAddress.Parse("192.0.2.1");
    static readonly IPAddress s_peer = IPAddress.Parse("2001:db8::1");

    [Fact]
    public void The_target_says_whom_to_ask_and_the_check_says_the_rest()
    {
        TrackSpec.Check[] tracked =
        [
            new(new CheckSpec("bgp", new ProbeSpec.Tcp()), s_gateway, 179),
            new(new CheckSpec("bgp6", new ProbeSpec.Tcp()), s_peer, 179),
            new(new CheckSpec("page", new ProbeSpec.Http()), s_gateway, null),
            new(new CheckSpec("own", new ProbeSpec.Tcp()) { Address = s_gateway, Port = 22 }, null, null),
            new(new CheckSpec("gateway", new ProbeSpec.Icmp()), s_gateway, null),
        ];

        var plan = ProbePlan.Of(Tracking.PlanFor(tracked));

        Assert.Equal([(s_gateway, 179), (s_peer, 179), (s_gateway, 80), (s_gateway, 22), (s_gateway, 0)], plan.Targets.Select(t => (t.Address, (int)t.Port)));
    }
}
