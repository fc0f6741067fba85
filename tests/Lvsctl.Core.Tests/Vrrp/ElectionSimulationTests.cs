using System.Globalization;

namespace Lvsctl.Core.Tests.Vrrp;

public class ElectionSimulationTests(ITestOutputHelper output)
{
    /// <summary>LVSCTL_SEED repeats one run with its story, LVSCTL_RUNS asks for more of them (100,000: some minutes).</summary>
    [Fact]
    public void Whatever_happened_one_master_is_left_in_time_and_the_address_is_never_without_one_for_longer_than_the_timers_allow()
    {
        var runs = Number("LVSCTL_RUNS") ?? 2000;
        var first = Number("LVSCTL_SEED") ?? 20261122;
        int faults = 0, takeovers = 0, rivals = 0;
        for (var run = 0; run < runs; run++)
        {
            var segment = new SimulatedSegment(first + run);
            try
            {
                segment.Run();
            }
            catch (Exception e)
            {
                Assert.Fail($"LVSCTL_SEED={first + run} LVSCTL_RUNS=1: {e.Message}\n{Story(first + run)}");
            }
            faults += segment.Faults;
            takeovers += segment.Takeovers;
            rivals += segment.Rivals;
        }
        output.WriteLine($"{runs} runs: {faults} faults, {takeovers} takeovers, {rivals} rivals");
        // Runs in which nothing happens show nothing.
        Assert.True(faults > 5 * runs && takeovers > 5 * runs && rivals > runs);
    }

    [Fact]
    public void A_run_replays_exactly() => Assert.Equal(Story(7, int.MaxValue), Story(7, int.MaxValue));

    static string Story(int seed, int lines = 120)
    {
        var again = new SimulatedSegment(seed, traces: true);
        try
        {
            again.Run();
        }
        catch (Exception)
        {
            // What the first run said.
        }
        return string.Join('\n', again.Log.Take(1).Concat(again.Log.Skip(1).TakeLast(lines)));
    }

    static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
