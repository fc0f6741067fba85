using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>Three routers; 0 and 1 are one group, 2 is alone.</summary>
public class SyncGroupTests
{
    readonly VirtualRouters _routers;
    readonly List<RouterOutput> _output = [];
    TimeSpan _now = TimeSpan.FromHours(-1);

    public SyncGroupTests()
    {
        _routers = new([(Router(100), "edge"), (Router(200), "edge"), (Router(50), null)]);
        for (var i = 0; i < 3; i++) Do(i, ElectionInput.Start);
    }

    static Election Router(byte priority) => new(new(3, Vrrp.Router.Self, priority) { Announce = new() { Count = 0 } });

    string States => string.Join(' ', Enumerable.Range(0, _routers.Count).Select(i => _routers[i].State));

    string Do(int router, ElectionInput input)
    {
        _output.Clear();
        _routers.Step(router, input, _now, _output);
        return Text();
    }

    string Hear(int router, byte priority) => Do(router, ElectionInput.Advert(Vrrp.Router.Lower, priority, TimeSpan.FromSeconds(1)));

    string Next()
    {
        _output.Clear();
        _now = _routers.Deadline;
        _routers.Tick(_now, _output);
        return Text();
    }

    string Text() => string.Join("; ", _output.Select(o => $"{o.Router}: {o.Output}"));

    void AllMaster()
    {
        for (var i = 0; i < 3; i++) Next();
        Assert.Equal("Master Master Master", States);
    }

    [Fact]
    public void None_is_master_before_all_can_be()
    {
        Assert.Equal("", Next());
        Assert.Equal("Backup Backup Backup", States);
        Assert.Equal(
            "0: advert 100; 0: AddAddresses; 0: Backup -> Master: NoMaster  0; 1: advert 200; 1: AddAddresses; 1: Backup -> Master: NoMaster  0", Next());
        Assert.Equal("Master Master Backup", States);
    }

    [Fact]
    public void One_that_hears_a_master_keeps_the_other_from_being_one()
    {
        for (var i = 0; i < 20; i++)
        {
            Hear(0, 150);
            _now += TimeSpan.FromSeconds(1);
            _output.Clear();
            _routers.Tick(_now, _output);
        }
        Assert.Equal("Backup Backup Master", States);
    }

    [Fact]
    public void One_that_waits_forgets_its_wish_when_a_master_speaks_to_it()
    {
        Next();
        Hear(1, 220);
        Next();         // router 0 is ready, and alone in that
        Assert.Equal("Backup Backup Backup", States);
        Hear(1, 10);
        for (var i = 0; i < 6; i++) Next();
        Assert.Equal("Master Master Master", States);
    }

    [Fact]
    public void One_that_waits_goes_on_waiting_through_lower_adverts_and_farewells()
    {
        Next();         // router 1 is ready
        Hear(1, 10);
        Hear(1, 0);
        Next();
        Assert.Equal("Master Master Backup", States);
    }

    [Fact]
    public void One_that_is_outranked_takes_the_other_with_it_by_a_farewell()
    {
        AllMaster();
        Assert.EndsWith("0: Master -> Backup: Outranked 192.0.2.1 150; 1: advert 0; 1: Master -> Leaving: Group  0", Hear(0, 150));
        Assert.EndsWith("1: RemoveAddresses; 1: Leaving -> Backup: SuccessorHeard 192.0.2.1 90", Hear(1, 90));
        Assert.Equal("Backup Backup Master", States);
    }

    [Fact]
    public void A_fault_of_one_is_a_fault_of_both()
    {
        AllMaster();
        Do(0, ElectionInput.Fitness(100, RouterFault.Link));
        Assert.Equal("Fault Leaving Master", States);
        Hear(1, 90);
        Assert.Equal("Fault Fault Master", States);
        Assert.Equal((RouterFault.Link, RouterFault.Group), (_routers[0].Fault, _routers[1].Fault));
        Do(1, ElectionInput.Fitness(150, RouterFault.Tracked));
        Do(0, ElectionInput.Fitness(100, RouterFault.None));
        Assert.Equal((RouterFault.Group, RouterFault.Tracked), (_routers[0].Fault, _routers[1].Fault));
        Do(1, ElectionInput.Fitness(150, RouterFault.None));
        Assert.Equal("Backup Backup Master", States);
        Assert.Equal(150, _routers[1].Priority);
        for (var i = 0; i < 6; i++) Next();
        Assert.Equal("Master Master Master", States);
    }

    [Fact]
    public void A_hand_over_concerns_both_and_so_does_its_end()
    {
        AllMaster();
        Do(1, ElectionInput.HandOver(TimeSpan.FromMinutes(1)));
        Assert.Equal("Leaving Leaving Master", States);
        Hear(0, 50);
        Hear(1, 50);
        Assert.Equal("Backup Backup Master", States);
        Assert.All([0, 1], i => Assert.NotNull(_routers[i].HeldUntil));
        Do(0, ElectionInput.Resume);
        Assert.All([0, 1], i => Assert.Null(_routers[i].HeldUntil));
    }

    [Fact]
    public void A_hand_over_that_only_one_takes_ends_with_neither_as_master()
    {
        AllMaster();
        Do(0, ElectionInput.HandOver(TimeSpan.FromMinutes(1)));
        Hear(0, 50);
        for (var i = 0; i < 4; i++)
        {
            Hear(0, 50);
            Next();
        }
        Assert.Equal("Backup Backup Master", States);
    }

    [Fact]
    public void One_that_slept_takes_the_other_with_it()
    {
        AllMaster();
        _now += TimeSpan.FromMinutes(1);
        _output.Clear();
        _routers.Tick(_now, _output);
        Assert.Equal("Backup Backup Backup", States);
    }

    [Fact]
    public void Owners_in_a_group_wait_for_each_other_too()
    {
        var routers = new VirtualRouters([(Router(255), "g"), (Router(255), "g")]);
        routers.Step(0, ElectionInput.Start, _now, _output);
        Assert.Equal(VrrpState.Backup, routers[0].State);
        routers.Step(1, ElectionInput.Start, _now, _output);
        Assert.Equal((VrrpState.Master, VrrpState.Master), (routers[0].State, routers[1].State));
    }

    [Fact]
    public void One_that_waits_for_a_group_that_a_reload_dissolves_waits_no_more()
    {
        Next();
        Assert.True(_routers[1].IsReady);
        var next = new VirtualRouters([(_routers[0], null), (_routers[1], null)]);
        Assert.Equal(TimeSpan.MinValue, next.Deadline);
        next.Tick(_now, _output);
        Assert.Equal((VrrpState.Backup, VrrpState.Master), (next[0].State, next[1].State));
        Assert.True(next.Deadline > _now);
    }

    [Fact]
    public void A_fault_of_a_group_that_a_reload_dissolves_is_over()
    {
        Do(0, ElectionInput.Fitness(100, RouterFault.Tracked));
        Assert.Equal("Fault Fault Backup", States);
        var next = new VirtualRouters([(_routers[0], null), (_routers[1], null)]);
        next.Tick(_now, _output);
        Assert.Equal((VrrpState.Fault, VrrpState.Backup), (next[0].State, next[1].State));
    }

    [Fact]
    public void Steady_routers_allocate_nothing()
    {
        AllMaster();
        Assert.Equal(0, Allocations.Of(Beat));
        Assert.Equal("Master Master Master", States);

        void Beat()
        {
            _output.Clear();
            _now = _routers.Deadline;
            _routers.Tick(_now, _output);
        }
    }

    [Fact]
    public void A_reload_takes_over_the_elections_that_stay()
    {
        AllMaster();
        var next = new VirtualRouters([(_routers[2], null), (_routers[0], "edge"), (_routers[1], "edge")]);
        next.Reload(0, next[0].Settings with { AddressCount = 2 }, [1], _now, _output);
        next.Step(1, ElectionInput.Advert(Vrrp.Router.Lower, 150, TimeSpan.FromSeconds(1)), _now, _output);
        Assert.Equal((VrrpState.Master, VrrpState.Backup, VrrpState.Leaving), (next[0].State, next[1].State, next[2].State));
    }
}
