using System.Net;
using Lvsctl.Core.Model;
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

    [Fact]
    public void What_became_lvsctls_while_nobody_had_confirmed_stays_so_after_the_rollback()
    {
        var clock = new ManualClock();
        var options = new ApplyOptions(PlanOptions.Default, SafetyLimits.Default, Force: true);
        using var client = new IpvsClient(new FakeKernel().Connect());
        var store = new StateStore(_directory, clock);
        var reconciler = new Reconciler(client, store, clock);
        var service = new VirtualService(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80));
        reconciler.Apply(new([new("web", service, [Server(1)])]), options, CancellationToken.None);
        var (state, confirmation) = (store.Read(), new Confirmation(client, new KernelSettings(_directory), store, clock));
        reconciler.Apply(new([new("web", service, [Server(1), Server(2)])]), options, CancellationToken.None, planned => confirmation.Keep(planned, [], state, TimeSpan.FromMinutes(1)));

        // A check adds a fallback.
        var fallback = Server(9).Server;
        store.Write(store.Read() with { Ownership = store.Read().Ownership.With(new Ownership([], [(service.Key, fallback.Key)])) });
        Assert.Empty(client.Apply([new TableChange.AddServer(service.Key, fallback)]));

        Assert.True(confirmation.RollBack(confirmation.Pending!).IsComplete);
        Assert.Equal(["10.0.1.1:80", "10.0.1.9:80"], client.ListServers(service.Key).Select(s => s.Server.Key.ToString()).Order(StringComparer.Ordinal));
        var owned = store.Read().Ownership;
        Assert.Equal((true, false, true), (owned.Owns(service.Key, Server(1).Server.Key), owned.Owns(service.Key, Server(2).Server.Key), owned.Owns(service.Key, fallback.Key)));

        static DesiredServer Server(int n) => new($"rs{n}", new RealServer(new RealServerKey(IPAddress.Parse($"10.0.1.{n}"), 80)));
    }

    [Fact]
    public void Settings_and_the_start_of_the_kernel_are_remembered_by_the_record()
    {
        var clock = new ManualClock();
        Sysctl("kernel.random.boot_id", "this one\n");
        Sysctl("net.ipv4.vs.expire_nodest_conn", "0\n");
        var kernel = new KernelSettings(_directory);
        using var client = new IpvsClient(new FakeKernel().Connect());
        var confirmation = new Confirmation(client, kernel, new StateStore(_directory, clock), clock);
        var change = new SettingChange("expire-nodest-conn", "net.ipv4.vs.expire_nodest_conn", "0", "1");
        var missing = new SettingChange("other", "net.ipv4.vs.other", null, "1");
        confirmation.Keep(new PlannedTable(Plan.Nothing, DesiredTable.Empty, []), [change, missing], DirectorState.Empty, TimeSpan.FromMinutes(1));
        kernel.Write(change.Place, "1");

        var other = new Confirmation(client, kernel, new StateStore(_directory, clock), clock);
        Assert.Equal([change], other.Pending!.Settings);
        Sysctl("kernel.random.boot_id", "the next\n");
        Assert.Null(other.Pending);
        Assert.Null(other.Hold);
        Sysctl("kernel.random.boot_id", "this one\n");
        Assert.False(other.Hold!.IsUndone);
        Assert.True(other.RollBack(other.Pending!).IsComplete);
        Assert.Equal("0", kernel.Read(change.Place));
        Assert.True(other.Hold!.IsUndone);
        other.Supersede();
        Assert.Null(other.Hold);
    }

    void Sysctl(string name, string value)
    {
        var path = Path.Combine(_directory, name.Replace('.', '/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, value);
    }
}
