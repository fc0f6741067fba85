using System.Text.Json;
using Lvsctl.Cli.Commands;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Testing;

namespace Lvsctl.Kernel.Tests.Manifests;

/// <summary>The laws that hold on the fake kernel, tried on the real one. LVSCTL_SEED repeats a run.</summary>
public sealed class TableTests(ITestOutputHelper log) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-table-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Carrying_out_the_plan_from_any_table_to_any_other_gives_the_other() => NetworkNamespace.Run(() =>
    {
        var seed = Seed.FromEnvironment();
        log.WriteLine($"seed {seed}");
        using var client = IpvsClient.Open();
        for (var run = 0; run < 40; run++)
        {
            var tables = new RandomTables(new Random(seed + run));
            var broken = TableLaws.Converges(client, tables.Next(), tables.Next());
            Assert.True(broken is null, $"seed {seed + run}: {broken}");
        }
    });

    [Fact]
    public void What_is_exported_plans_to_nothing_against_the_same_kernel() => NetworkNamespace.Run(() =>
    {
        var seed = Seed.FromEnvironment();
        log.WriteLine($"seed {seed}");
        using var client = IpvsClient.Open();
        var entries = 0;
        for (var run = 0; run < 20; run++)
        {
            client.Apply([new TableChange.Flush()]);
            var steps = Planner.Plan(new RandomTables(new Random(seed + run)).Next(), [], Ownership.None, DrainPolicy.AtOnce).Steps;
            Assert.Empty(client.Apply([.. steps.Select(s => s.Change)]));
            entries += steps.Count;
            var manifest = Path.Combine(_folder, "exported.yaml");
            var (code, _, warnings) = Lvsctl($"export --output {manifest}");
            Assert.True((code, warnings) == (0, ""), $"seed {seed + run}: {warnings}");

            var plan = Lvsctl($"plan --manifest {manifest} --state-dir {_folder} --detailed-exitcode --json");
            Assert.True(plan.Code == 0, $"seed {seed + run}: {plan.Output}{plan.Error}\n{File.ReadAllText(manifest)}");
            using var document = JsonDocument.Parse(plan.Output);
            Assert.Equal(0, document.RootElement.GetProperty("foreign").GetArrayLength());
        }
        Assert.True(entries > 200, $"{entries} entries prove nothing");
    });

    // On this thread, which is in the namespace.
    static (int Code, string Output, string Error) Lvsctl(string arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var workplace = new Workplace(IpvsClient.Open, new KernelSettings(), TimeProvider.System, Colour: false);
        return (LvsctlCommand.Run(arguments.Split(' '), output, error, workplace), output.ToString(), error.ToString());
    }
}
