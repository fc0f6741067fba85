using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Director.Running;

namespace Lvsctl.Director.Tests.Running;

public sealed class DirectorCountersTests
{
    [Fact]
    public void Servers_that_have_gone_are_not_counted_for_ever()
    {
        var counters = new DirectorCounters();
        for (var day = 0; day < 100; day++)
        {
            counters.Turned("web", "rs1", day % 2 == 0 ? HealthState.Up : HealthState.Down);
            counters.Turned("web", $"spot{day}", HealthState.Up);
            counters.Keep(new() { Services = [new ServiceSpec("web") { Servers = [new("rs1", IPAddress.Parse("10.1.0.1"))] }] });
        }

        Assert.Equal((50, 50), Assert.Single(counters.Transitions).Value);
    }
}
