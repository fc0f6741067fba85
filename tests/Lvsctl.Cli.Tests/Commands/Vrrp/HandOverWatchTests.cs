using Lvsctl.Cli.Commands.Vrrp;
using Lvsctl.Director.Control;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Cli.Tests.Commands.Vrrp;

/// <summary>What an operator is told of a hand-over.</summary>
public sealed class HandOverWatchTests
{
    static VrrpRouterDocument After(string state, string? master = null) => new("edge", 51, 3, "eth0", "10.1.8.1", state, 0, null, "both")
    {
        Priority = new(200, 200, "200"),
        Preempt = true,
        HeldS = 600,
        Timers = new(100, 100, 21.875, 321.875, null),
        Master = master is null ? null : new(master, 100, null, null),
        Addresses = ["10.1.8.100/24 eth0"],
        Peers = [],
        Counters = new(0, 0, 0, 0, 0, 0, 0, 0, new Dictionary<string, long>(), new Dictionary<string, long>()),
        Trouble = null,
    };

    [Fact]
    public void A_successor_that_is_heard_is_named() =>
        Assert.Equal((ExitCode.Done, "10.1.8.2 (priority 100) is master now"), HandOverWatch.Outcome(After("backup", "10.1.8.2")));

    [Theory]
    [InlineData("master", "nobody took over, so it stays master here")]
    [InlineData("backup", "nobody took over: no other master is heard, so this host becomes master again")]
    public void Where_nobody_takes_over_the_failover_has_failed(string state, string text) =>
        Assert.Equal((ExitCode.Failed, text), HandOverWatch.Outcome(After(state)));

    [Fact]
    public void A_router_that_left_the_manifest_meanwhile_is_handed_over() =>
        Assert.Equal((ExitCode.Done, "handed over"), HandOverWatch.Outcome(null));
}
