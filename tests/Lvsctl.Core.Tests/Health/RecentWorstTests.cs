using Lvsctl.Core.Health;

namespace Lvsctl.Core.Tests.Health;

public class RecentWorstTests
{
    static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void What_was_bad_is_remembered_for_one_to_two_spans_and_then_forgotten()
    {
        var worst = new RecentWorst(S(5));
        Assert.Equal(S(0), worst.At(S(-3)));
        worst.Add(S(2), S(0));
        worst.Add(S(1), S(1));
        Assert.Equal(S(2), worst.At(S(4)));
        worst.Add(S(0.5), S(6));
        Assert.Equal(S(2), worst.At(S(6)));
        Assert.Equal(S(0.5), worst.At(S(11)));
        Assert.Equal(S(0), worst.At(S(30)));
    }
}
