namespace Lvsctl.Core.Tests;

/// <summary>What work allocates that is done again and again.</summary>
static class Allocations
{
    const int Rounds = 10;

    /// <summary>
    /// Bytes, on this thread, of the cheapest of some rounds: the runtime may allocate something of its own now and then, for a method that it
    /// makes quicker meanwhile, but what the work allocates shows in each of them.
    /// </summary>
    public static long Of(Action work, int times = 1000)
    {
        work();
        return Enumerable.Range(0, Rounds).Min(_ => Round());

        long Round()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < times; i++) work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
