using Lvsctl.Core.Events;
using static Lvsctl.Director.Tests.Notify.NotifyRig;

namespace Lvsctl.Director.Tests.Notify;

/// <summary>More happens than the journal holds, before a target can be told.</summary>
public sealed class OverrunTests : IDisposable
{
    readonly NotifyRig _rig = new(size: 32 * 1024);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task What_was_gone_before_it_could_be_told_is_counted_and_told_and_the_rest_is_delivered_in_order()
    {
        const int All = 2000;
        var pager = _rig["pager"];
        await _rig.ConfigureAsync(Spec("pager"));
        _rig.Happen(1);
        var first = await pager.NextAsync();
        for (var i = 2; i <= All; i++) _rig.Happen(i);

        pager.IsOpen = true;
        first.Succeed();
        await EventuallyAsync(() => pager.Told is [.., var last] && last == $"web/rs{All} is down");

        var numbers = pager.Told.Select(t => int.Parse(t["web/rs".Length..t.IndexOf(' ')])).ToList();
        Assert.Equal(numbers.Order().Distinct(), numbers);
        Assert.True(numbers.Count < All);
        Assert.Equal(All - numbers.Count, _rig.Notifier.Status[0].GivenUp);
        Assert.Contains($"{All - numbers.Count} events", Assert.Single(_rig.Said(EventKinds.NotifyGivenUp)));
    }
}
