using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Reconcile;

public sealed class ConfirmationTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Rolling_back_from_any_table_to_any_other_gives_the_other()
    {
        const int Seed = 20261122;
        var clock = new ManualClock();
        var options = new ApplyOptions(PlanOptions.Default, SafetyLimits.Default, Force: true);
        for (var run = 0; run < 60; run++)
        {
            using var client = new IpvsClient(new FakeKernel().Connect());
            var store = new StateStore(Path.Combine(_directory, $"{run}"), clock);
            var reconciler = new Reconciler(client, store, clock);
            var tables = new RandomTables(new Random(Seed + run));
            var (before, after) = (tables.Next(), tables.Next());
            reconciler.Apply(before, options, CancellationToken.None);
            var (state, confirmation) = (store.Read(), new Confirmation(client, new KernelSettings(_directory), store, clock));
            reconciler.Apply(after, options, CancellationToken.None, planned => confirmation.Keep(planned, [], state, TimeSpan.FromMinutes(1)));
            if (!confirmation.HasBegun) continue;

            // By another process, which knows what is on the disk and nothing else.
            var other = new Confirmation(client, new KernelSettings(_directory), new StateStore(Path.Combine(_directory, $"{run}"), clock), clock);
            Assert.Empty(other.RollBack(other.Pending!).Failed);

            var observed = client.ReadTable();
            var left = Planner.Plan(before, observed, Ownership.Everything(observed), DrainPolicy.AtOnce);
            Assert.True(left.IsEmpty, $"seed {Seed + run}: {string.Join("; ", left.Steps.Select(s => s.Change))}");
            Assert.True(store.Read().Ownership.SameAs(state.Ownership), $"seed {Seed + run}: not lvsctl's as before");
            Assert.Null(other.Pending);
        }
    }
}
