using Lvsctl.Linux.Ipvs;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Reconcile;

public class TableLawsTests
{
    [Fact]
    public void Carrying_out_the_plan_from_any_table_to_any_other_gives_the_other()
    {
        const int Seed = 20261122;
        using var client = new IpvsClient(new FakeKernel().Connect());
        for (var run = 0; run < 200; run++)
        {
            var tables = new RandomTables(new Random(Seed + run));
            var broken = TableLaws.Converges(client, tables.Next(), tables.Next());
            Assert.True(broken is null, $"seed {Seed + run}: {broken}");
        }
    }
}
