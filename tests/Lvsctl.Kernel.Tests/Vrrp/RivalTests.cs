using Lvsctl.Director.Events;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Two masters at once, as a partition of the network makes them.</summary>
public sealed class RivalTests
{
    [Fact]
    public void Two_masters_are_told_loudly_one_is_left_and_the_network_hears_which()
    {
        using var segment = new Segment();
        var client = segment.AddNeighbour("10.1.8.9/24");
        var (first, second) = Pair.Start(segment, only1: "announce: { repeat-after: 0s }\n");
        segment.Wait(() => Segment.WayTo(client, Segment.Vip) == segment.CardOf(1), "the client to know the first");

        // The client is on the second one's side.
        segment.Partition(isCut: true);
        segment.Wait(() => segment.Has(1) && segment.Has(2), "two masters");
        segment.Wait(() => Segment.WayTo(client, Segment.Vip) == segment.CardOf(2), "the client to know the second");
        Assert.Equal((0, 0), (first.Look().Counters.Rivals, second.Look().Counters.Rivals));
        segment.Partition(isCut: false);

        segment.WaitForOwner(1);
        first.WaitForWords("error: edge: 10.1.8.2 (priority 100) was master at the same time, as after a partition of the network; this router stays master and announces its addresses again");
        second.WaitForWords("edge: master -> backup, as 10.1.8.1 (priority 200) has the higher priority");
        first.WaitForWords("edge: 10.1.8.2 is no master any more");
        segment.Wait(() => Segment.WayTo(client, Segment.Vip) == segment.CardOf(1), "the client to know the first again");
        Assert.Equal(1, first.Look().Counters.Rivals);
        Assert.Contains("rivals 1", first.StatusText());
        Assert.Equal(["vrrp.rival", "vrrp.rival-gone"], Journal(first).Where(k => k.StartsWith("vrrp.rival", StringComparison.Ordinal)));
        segment.MustStay(1, TimeSpan.FromMilliseconds(600));
        Assert.Equal((1, 1), (first.Look().Counters.TimesMaster, second.Look().Counters.TimesMaster));
    }

    [Fact]
    public void Of_two_with_the_same_priority_the_higher_address_is_left()
    {
        using var segment = new Segment();
        const string Router = $"{Pair.Router}priority: 100\n";
        var (first, second) = Pair.StartWith(segment, Router, Router);
        segment.Partition(isCut: true);
        segment.Wait(() => segment.Has(1) && segment.Has(2), "two masters");

        segment.Partition(isCut: false);

        segment.WaitForOwner(2);
        first.WaitForWords("error: edge: 10.1.8.2 (priority 100) was master at the same time, as after a partition of the network; this router gives way to the higher address");
        first.WaitForWords("edge: master -> backup, as 10.1.8.2 (priority 100) has the same priority and the higher address");
        second.WaitForWords("error: edge: 10.1.8.1 (priority 100) was master at the same time");
    }

    static List<string> Journal(LvsctlVrrp speaker)
    {
        var kinds = new List<string>();
        using var reader = new JournalReader($"{speaker.State}/vrrp-events", 0);
        while (reader.TryRead(out var entry)) kinds.Add(entry.Event.Kind.Id);
        return kinds;
    }
}
