using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using static Lvsctl.Director.Tests.Notify.NotifyRig;

namespace Lvsctl.Director.Tests.Notify;

/// <summary>Who is told what, when, and how often: by a notifier whose targets succeed, fail and hang as the test says.</summary>
public sealed class NotifierTests : IDisposable
{
    static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

    readonly NotifyRig _rig = new();

    public void Dispose() => _rig.Dispose();

    static string[] Down(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(n => $"web/rs{n} is down")];

    [Fact]
    public async Task Every_change_is_told_once_and_in_order()
    {
        var pager = _rig["pager"];
        pager.IsOpen = true;
        await _rig.ConfigureAsync(Spec("pager"));

        for (var i = 1; i <= 50; i++) _rig.Happen(i);
        await EventuallyAsync(() => pager.Told.Count >= 50);

        Assert.Equal(Down(1, 50), pager.Told);
        await EventuallyAsync(() => _rig.Notifier.Status is [{ Delivered: 50 }]);
        await EventuallyAsync(() => _rig.Notifier.Status[0].Waiting == 0);
    }

    [Fact]
    public async Task A_target_hears_only_what_it_asked_for_and_nothing_of_before()
    {
        var pager = _rig["pager"];
        pager.IsOpen = true;
        _rig.Happen(1);
        await _rig.ConfigureAsync(Spec("pager", NotifyEvent.Director));

        _rig.Happen(2);
        _rig.Announcer.Tell(DirectorEvents.Stopping("it was told to", flushes: false));
        await EventuallyAsync(() => pager.Told.Count > 0);

        Assert.Equal(["lvsctl stops: it was told to; the kernel's table stays"], pager.Told);
    }

    [Fact]
    public async Task A_try_in_vain_is_repeated_later_and_later_and_told_of_once_and_so_is_its_end()
    {
        var pager = _rig["pager"];
        await _rig.ConfigureAsync(Spec("pager"));
        _rig.Happen(1);

        var waits = new List<TimeSpan>();
        for (var i = 0; i < 12; i++)
        {
            (await pager.NextAsync()).Fail("no carrier");
            waits.Add(await _rig.PassAsync(s_longest));
        }
        (await pager.NextAsync()).Succeed();
        await EventuallyAsync(() => _rig.Notifier.Status[0].Delivered == 1);

        Assert.InRange(waits[0], TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
        Assert.True(waits.Sum(w => w.TotalSeconds) > 60, $"only {waits.Sum(w => w.TotalSeconds)} s in all");
        Assert.All(waits, w => Assert.True(w <= s_longest));
        Assert.Equal(["pager cannot be told: no carrier; trying again"], _rig.Said(EventKinds.NotifyFailed));
        await EventuallyAsync(() => _rig.Said(EventKinds.NotifyDelivered).Count == 1);
        Assert.Equal("pager can be told again, after 12 tries in vain", _rig.Said(EventKinds.NotifyDelivered)[0]);
        Assert.Equal(Down(1, 1), pager.Told);
        Assert.Equal((12, null), (_rig.Notifier.Status[0].Failed, _rig.Notifier.Status[0].Trouble));
    }

    [Fact]
    public async Task What_was_refused_outright_is_tried_again_only_every_few_minutes()
    {
        var pager = _rig["pager"];
        await _rig.ConfigureAsync(Spec("pager"));
        _rig.Happen(1);

        (await pager.NextAsync()).Fail("no such mailbox", isRefusal: true);

        Assert.Equal(s_longest, await _rig.PassAsync(s_longest));
        (await pager.NextAsync()).Succeed();
    }

    [Fact]
    public async Task What_is_too_old_is_given_up_and_told_of_and_the_next_goes_on()
    {
        var pager = _rig["pager"];
        await _rig.ConfigureAsync(Spec("pager") with { GiveUpAfter = TimeSpan.FromSeconds(90) });
        _rig.Happen(1);
        (await pager.NextAsync()).Fail("no carrier", isRefusal: true);
        // Long after the first, and shortly before that is too old.
        await EventuallyAsync(() => _rig.Clock.Awaited.Count >= 2);
        _rig.Clock.Advance(TimeSpan.FromSeconds(80));
        _rig.Happen(2);

        Assert.Equal(TimeSpan.FromSeconds(10), await _rig.PassAsync(s_longest));
        (await pager.NextAsync()).Succeed();
        await EventuallyAsync(() => pager.Told.Count == 1);

        Assert.Equal(Down(2, 2), pager.Told);
        Assert.Equal("pager is not told of 1 event: it could not be told within 1m30s, the last time: no carrier", Assert.Single(_rig.Said(EventKinds.NotifyGivenUp)));
        Assert.Equal(1, _rig.Notifier.Status[0].GivenUp);
    }

    [Fact]
    public async Task Nothing_is_lost_and_nothing_told_twice_when_it_is_killed_between_and_in_the_middle_of_deliveries()
    {
        var pager = _rig["pager"];
        await _rig.ConfigureAsync(Spec("pager"));
        for (var i = 1; i <= 6; i++) _rig.Happen(i);
        (await pager.NextAsync()).Succeed();
        (await pager.NextAsync()).Succeed();
        _ = await pager.NextAsync();

        await _rig.RestartAsync();
        _rig.Happen(7);
        await _rig.ConfigureAsync(Spec("pager"));
        pager.IsOpen = true;
        await EventuallyAsync(() => pager.Told.Count >= 7);

        Assert.Equal(Down(1, 7), pager.Told);
    }

    [Fact]
    public async Task A_target_that_hangs_keeps_no_other_waiting_and_what_waits_for_it_is_counted()
    {
        var (slow, quick) = (_rig["slow"], _rig["quick"]);
        quick.IsOpen = true;
        await _rig.ConfigureAsync(Spec("slow"), Spec("quick"));

        for (var i = 1; i <= 20; i++) _rig.Happen(i);
        _ = await slow.NextAsync();
        await EventuallyAsync(() => quick.Told.Count == 20);

        Assert.Empty(slow.Told);
        Assert.Equal(("slow", 20), (_rig.Notifier.Status[0].Name, _rig.Notifier.Status[0].Waiting));
        await EventuallyAsync(() => _rig.Notifier.Status[1].Waiting == 0);
    }

    [Fact]
    public async Task A_reload_leaves_a_target_that_stays_alone_wherever_it_stands_and_another_with_its_name_takes_over_its_queue()
    {
        var pager = _rig["pager"];
        await _rig.ConfigureAsync(Spec("pager"));
        _rig.Happen(1);
        _rig.Happen(2);
        var first = await pager.NextAsync();

        await _rig.ConfigureAsync(Spec("other"), Spec("pager"));
        Assert.Equal(1, pager.TimesMade);
        Assert.False(pager.HasNext);
        first.Succeed();
        _ = await pager.NextAsync();

        pager.Cut();
        var reload = _rig.ConfigureAsync(Spec("pager") with { GiveUpAfter = TimeSpan.FromHours(2) });
        await EventuallyAsync(() => _rig.Clock.Awaited.Any(t => t - _rig.Clock.Elapsed <= TimeSpan.FromSeconds(5)));
        pager.Mend();
        pager.IsOpen = true;
        _rig.Clock.Advance(TimeSpan.FromSeconds(5));
        await reload;
        await EventuallyAsync(() => pager.Told.Count == 2);

        Assert.Equal(Down(1, 2), pager.Told);
        Assert.Equal(2, pager.TimesMade);
        await EventuallyAsync(() => Directory.GetFiles(_rig.Cursors).Length == 1);
    }

    [Fact]
    public async Task A_target_that_leaves_the_manifest_is_forgotten_with_what_waited_for_it_and_that_is_told()
    {
        var pager = _rig["pager"];
        await _rig.ConfigureAsync(Spec("pager"));
        _rig.Happen(1);
        (await pager.NextAsync()).Fail("no carrier");
        _rig.Happen(2);
        await EventuallyAsync(() => _rig.Notifier.Status[0].Failed == 1);

        await _rig.ConfigureAsync();
        await _rig.ConfigureAsync(Spec("pager"));
        _rig.Happen(3);
        (await pager.NextAsync()).Succeed();
        await EventuallyAsync(() => pager.Told.Count == 1);

        Assert.Equal(Down(3, 3), pager.Told);
        Assert.Equal("pager is not told of 2 events: it is not in the manifest any more", Assert.Single(_rig.Said(EventKinds.NotifyGivenUp)));
    }

    [Fact]
    public async Task What_happens_together_goes_together_where_the_target_takes_that()
    {
        var mail = _rig["mail"];
        mail.MostAtOnce = 200;
        await _rig.ConfigureAsync(Spec("mail"));

        for (var i = 1; i <= 250; i++) _rig.Happen(i);
        await _rig.PassAsync(TimeSpan.FromSeconds(2));
        var first = await mail.NextAsync();
        first.Succeed();
        await _rig.PassAsync(TimeSpan.FromSeconds(2));
        var second = await mail.NextAsync();
        second.Succeed();
        await EventuallyAsync(() => mail.Told.Count == 250);

        Assert.Equal((200, 50), (first.Texts.Count, second.Texts.Count));
        Assert.Equal(Down(1, 250), mail.Told);
    }

    [Fact]
    public async Task The_last_events_are_told_before_it_stops_and_nobody_waits_for_a_target_in_trouble()
    {
        var (well, sick) = (_rig["well"], _rig["sick"]);
        well.IsOpen = true;
        await _rig.ConfigureAsync(Spec("well"), Spec("sick"));
        _rig.Happen(1);
        (await sick.NextAsync()).Fail("no carrier");
        await EventuallyAsync(() => _rig.Notifier.Status[1].Failed == 1);

        _rig.Announcer.Tell(DirectorEvents.Stopping("it was told to", flushes: false));
        await _rig.Notifier.StopAsync();

        Assert.Equal(2, well.Told.Count);
        Assert.False(sick.HasNext);
    }

    [Fact]
    public async Task A_partial_success_is_told_of_once_and_not_repeated()
    {
        var mail = _rig["mail"];
        await _rig.ConfigureAsync(Spec("mail"));
        _rig.Happen(1);
        _rig.Happen(2);

        (await mail.NextAsync()).Succeed("it refuses nobody@shop.example");
        (await mail.NextAsync()).Succeed("it refuses nobody@shop.example");
        await EventuallyAsync(() => mail.Told.Count == 2);

        Assert.Equal(["mail cannot be told: it refuses nobody@shop.example"], _rig.Said(EventKinds.NotifyFailed));
    }

    [Fact]
    public async Task After_the_journal_was_lost_the_new_one_is_told()
    {
        var pager = _rig["pager"];
        pager.IsOpen = true;
        await _rig.ConfigureAsync(Spec("pager"));
        for (var i = 1; i <= 10; i++) _rig.Happen(i);
        await EventuallyAsync(() => pager.Told.Count == 10);

        await _rig.RestartAsync(() => Directory.Delete(_rig.Journal.Directory, recursive: true));
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        _rig.Happen(11);
        await _rig.ConfigureAsync(Spec("pager"));
        await EventuallyAsync(() => pager.Told.Count == 11);

        Assert.Equal(Down(1, 11), pager.Told);
    }
}
