using Lvsctl.Cli.Commands;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;

namespace Lvsctl.Cli.Tests.Commands;

public sealed class TimeOrderTests
{
    [Theory]
    [InlineData("1000 1200 1100 5000 4900", "1000 1100 1200 4900 5000")]
    [InlineData("1000 1000 900 900", "900 900 1000 1000")]
    [InlineData("9000 9100 1000 1200 1100", "9000 9100 1000 1100 1200")]
    [InlineData("", "")]
    public async Task Events_come_by_their_time_and_a_clock_that_was_set_back_begins_anew(string milliseconds, string ordered)
    {
        var seen = new List<double>();
        await foreach (var entry in Entries(milliseconds).ByTime()) seen.Add((entry.Time - DateTimeOffset.UnixEpoch).TotalMilliseconds);

        Assert.Equal(ordered, string.Join(' ', seen));
    }

    static async IAsyncEnumerable<JournalEntry> Entries(string milliseconds)
    {
        long id = 0;
        foreach (var word in milliseconds.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            await Task.CompletedTask;
            yield return new(++id, DateTimeOffset.UnixEpoch.AddMilliseconds(int.Parse(word)), new(EventKinds.VrrpStarted, "", []));
        }
    }
}
