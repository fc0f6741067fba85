using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Tests.Vrrp;

/// <summary>What an operator says arrives, and nothing that he says is too much for a clock.</summary>
public sealed class VrrpQuestionsTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(600)]
    [InlineData(364 * 86_400)]
    public void A_hold_arrives_as_it_was_said(double seconds)
    {
        var hold = TimeSpan.FromSeconds(seconds);
        Assert.Equal(hold, Read(VrrpQuestions.Failover(hold, "edge")));
    }

    [Fact]
    public void One_without_end_has_none() => Assert.Equal(TimeSpan.MaxValue, Read(VrrpQuestions.Failover(null, null)));

    [Theory]
    [InlineData("461168601842738790")]
    [InlineData("922337203685477")]
    [InlineData("9223372036854775807")]
    [InlineData("31536000001")]
    public void A_huge_one_is_a_year(string milliseconds) => Assert.Equal(TimeSpan.FromDays(365), Read($"failover {milliseconds}"));

    [Theory]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    public void What_is_no_number_is_none(string text) => Assert.False(VrrpQuestions.TryReadHold(text, out _));

    static TimeSpan Read(string question)
    {
        Assert.True(VrrpQuestions.TryReadHold(question.Split(' ')[1], out var hold));
        return hold;
    }
}
