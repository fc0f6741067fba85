using System.Globalization;

namespace Lvsctl.Core.Tests.Health;

public class HealthSimulationTests(ITestOutputHelper output)
{
    /// <summary>LVSCTL_SEED repeats one run, LVSCTL_RUNS asks for more of them.</summary>
    [Fact]
    public void A_hundred_hours_never_below_the_floor_never_a_healthy_server_out_for_long_no_probe_twice_no_change_lost()
    {
        var runs = Number("LVSCTL_RUNS") ?? 3;
        var first = Number("LVSCTL_SEED") ?? 20261122;
        for (var run = 0; run < runs; run++)
        {
            var director = new SimulatedDirector(first + run);
            try
            {
                director.Run(TimeSpan.FromHours(100));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"LVSCTL_SEED={first + run} LVSCTL_RUNS=1: {e.Message}", e);
            }
            output.WriteLine($"seed {first + run}: {director.Probes} probes, {director.Changes} changes, {director.Steps} steps, {director.Restarts} restarts, {director.Holds} holds");
            // A run in which nothing happens shows nothing.
            Assert.True(director.Probes > 100_000 && director.Changes > 100 && director.Steps > 100 && director.Restarts > 5);
        }
    }

    static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
