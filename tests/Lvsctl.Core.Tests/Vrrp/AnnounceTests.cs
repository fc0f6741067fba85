using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>When a master announces its addresses, seen over an hour of its life.</summary>
public class AnnounceTests
{
    static List<(double At, int Address)> Announcements(Router router, double until)
    {
        var seen = new List<(double, int)>();
        while (router.Now + router.Wait <= until)
        {
            router.Expire();
            Look();
        }
        return seen;

        void Look()
        {
            foreach (var output in router.Last.Where(o => o.Kind == ElectionOutputKind.Announce)) seen.Add((router.Now, output.Index));
        }
    }

    [Fact]
    public void A_burst_for_each_address_is_repeated_once()
    {
        var router = Router.Backup(with: s => s with { AddressCount = 2, Announce = new() });
        var seen = Announcements(router, 3_600_000);
        Assert.Equal(20, seen.Count);
        Assert.All(seen.Take(10), a => Assert.Equal(3609.375, a.At));
        Assert.All(seen.Skip(10), a => Assert.Equal(8609.375, a.At));
        Assert.Equal((10, 10), (seen.Count(a => a.Address == 0), seen.Count(a => a.Address == 1)));
    }

    [Fact]
    public void No_two_packets_are_nearer_than_the_spacing()
    {
        var router = Router.Backup(with: s => s with
        {
            AddressCount = 3,
            Announce = new() { Spacing = TimeSpan.FromMilliseconds(40), RepeatAfter = TimeSpan.FromMilliseconds(500), Refresh = TimeSpan.FromMilliseconds(700) },
        });
        var seen = Announcements(router, 10_000);
        Assert.InRange(seen.Count, 45, 60);
        Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At >= 40));
        // Taking turns, so that the last address does not wait for all packets of the first.
        Assert.Equal([0, 1, 2, 0, 1, 2], seen.Take(6).Select(a => a.Address));
    }

    [Fact]
    public void The_refresh_is_one_packet_for_each_address_and_there_is_one_refresh_however_often_it_was_master()
    {
        var router = Router.Backup(with: s => s with { Announce = new() { Count = 1, RepeatAfter = TimeSpan.Zero, Refresh = TimeSpan.FromSeconds(10) } });
        for (var i = 0; i < 5; i++)
        {
            while (router.State != VrrpState.Master) router.Expire();
            router.Hear(200);
        }
        while (router.State != VrrpState.Master) router.Expire();
        var from = router.Now;
        Assert.Equal([10_000, 20_000, 30_000], Announcements(router, from + 35_000).Select(a => a.At - from));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void It_ends_with_the_mastership(byte heard)
    {
        var router = Router.Backup(with: s => s with { Announce = new() { Count = 3, Spacing = TimeSpan.FromMilliseconds(10), Refresh = TimeSpan.FromSeconds(1) } });
        router.Expire();
        if (heard > 0) router.Hear(heard);
        else router.Do(ElectionInput.Stop);
        Assert.Empty(Announcements(router, router.Now + 1500));
    }

    [Fact]
    public void A_count_of_zero_announces_nothing() => Assert.Empty(Announcements(Router.Backup(with: s => s with { Announce = new() { Count = 0 } }), 60_000));
}
