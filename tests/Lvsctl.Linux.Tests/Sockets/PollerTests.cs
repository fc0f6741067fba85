using System.Diagnostics;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Linux.Tests.Sockets;

public sealed class PollerTests
{
    readonly PollReady[] _ready = new PollReady[4];

    [Fact]
    public void An_exact_wait_does_not_round_up_to_milliseconds()
    {
        using var poller = new Poller();
        var shortest = TimeSpan.MaxValue;

        // The best of many: a busy machine adds to some.
        for (var i = 0; i < 200; i++)
        {
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(0, poller.WaitExactly(_ready, TimeSpan.FromMicroseconds(200)));
            var took = Stopwatch.GetElapsedTime(began);
            Assert.True(took >= TimeSpan.FromMicroseconds(200), $"it ended after {took.TotalMicroseconds} us");
            if (took < shortest) shortest = took;
        }

        Assert.True(shortest < TimeSpan.FromMilliseconds(1), $"the shortest of all took {shortest.TotalMicroseconds} us");
    }

    [Fact]
    public void An_exact_wait_without_an_end_is_woken()
    {
        using var poller = new Poller();
        poller.Wake();

        Assert.Equal(0, poller.WaitExactly(_ready, null));
    }

    [Fact]
    public void A_time_that_has_passed_is_no_wait()
    {
        using var poller = new Poller();

        Assert.Equal(0, poller.WaitExactly(_ready, TimeSpan.FromSeconds(-1)));
    }
}
