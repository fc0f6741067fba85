using Lvsctl.Director.Metrics;
using Lvsctl.Director.Running;
using Lvsctl.Testing;

namespace Lvsctl.Page.Tests.Metrics;

public sealed class SharedViewTests
{
    readonly ManualClock _clock = new();
    readonly List<TaskCompletionSource<DirectorView>> _looks = [];
    readonly SharedView _view;

    public SharedViewTests() => _view = new(Look, _clock);

    Task<DirectorView> Look()
    {
        _looks.Add(new());
        return _looks[^1].Task;
    }

    Task<DirectorView> Get() => _view.GetAsync(CancellationToken.None);

    [Fact]
    public void Many_who_look_at_about_the_same_time_cost_the_director_one_look()
    {
        var (first, second) = (Get(), Get());
        Assert.Single(_looks);
        // However slow it is, it is asked once.
        _clock.Advance(TimeSpan.FromSeconds(3));
        _ = Get();
        Assert.Single(_looks);

        _looks[0].SetResult(null!);
        Assert.True(first.IsCompleted && second.IsCompleted);
        _ = Get();
        Assert.Equal(2, _looks.Count);
        _looks[1].SetResult(null!);
        _clock.Advance(TimeSpan.FromMilliseconds(249));
        _ = Get();
        Assert.Equal(2, _looks.Count);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        _ = Get();
        Assert.Equal(3, _looks.Count);
    }

    [Fact]
    public async Task A_look_that_failed_is_made_again()
    {
        var first = Get();
        _looks[0].SetException(new InvalidOperationException());
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        _ = Get();
        Assert.Equal(2, _looks.Count);
    }
}
