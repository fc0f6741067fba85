using Lvsctl.Core.Cluster;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>lvsctl check beside an apply that nobody has confirmed: cron puts nothing back that was rolled back, and the servers' health does not wait.</summary>
public sealed class HoldTests : IDisposable
{
    const string All = "rs1=1 rs2=1 rs3=1";

    readonly CheckBench _bench = new();

    public HoldTests()
    {
        _bench.Apply();
        _bench.Check("--rounds 3");
        Assert.Equal(All, _bench.Table);
    }

    public void Dispose() => _bench.Dispose();

    string Changed => _bench.Text(servers: "rs1: { address: 127.0.7.1, weight: 5 }, rs2: 127.0.7.2, rs3: 127.0.7.3, rs4: 127.0.7.4");

    [Fact]
    public void What_was_rolled_back_stays_so_until_somebody_applies_and_health_is_seen_to()
    {
        _bench.Manifest = Changed;
        Assert.Equal(10, _bench.Run("apply --confirm-within 1ms").Code);
        Assert.Equal(All, _bench.Table);

        for (var minute = 0; minute < 3; minute++)
        {
            var run = _bench.Run("check");
            Assert.Equal((10, "", "lvsctl: the last apply was rolled back: what the manifest wants waits for 'lvsctl apply', and only health is seen to\n"), (run.Code, run.Output, run.Error));
            Assert.Equal(All, _bench.Table);
        }
        Assert.Equal(1, _bench.Run("check --nagios").Code);

        _bench.Down(1);
        Assert.Equal(10, _bench.Run("check --rounds 2").Code);
        Assert.Equal("rs2=1 rs3=1", _bench.Table);
        _bench.Up(1);
        Assert.Equal(10, _bench.Run("check --rounds 2").Code);
        Assert.Equal(All, _bench.Table);

        // Whoever takes the change out of the manifest has nothing that waits.
        _bench.Manifest = _bench.Text();
        _bench.Check();

        _bench.Manifest = Changed;
        Assert.Equal(10, _bench.Run("check").Code);
        _bench.Apply();
        Assert.StartsWith("rs1=5 rs2=1 rs3=1", _bench.Table);
        _bench.Check();
        Assert.Equal(1, _bench.Run("confirm").Code);
    }

    [Fact]
    public void While_there_is_time_to_confirm_only_health_is_seen_to_and_what_it_adds_goes_with_its_service()
    {
        var before = _bench.Text();
        var other = "  other: { listen: tcp 10.0.0.2:80, scheduler: rr, check: web, fallback: 127.0.7.9, servers: { rs1: 127.0.7.1 } }";
        ApplyAndDie(before + "\n" + other);
        _bench.Check("--rounds 3");
        Assert.Equal("rs1=1 rs1=1 rs2=1 rs3=1", _bench.Table);

        _bench.Manifest = Changed + "\n" + other;
        _bench.Down(1);
        _bench.Check("--rounds 2");
        Assert.Equal("rs2=1 rs3=1 rs9=1", _bench.Table);
        Assert.DoesNotContain(_bench.Store.Read().Ownership.Servers, s => s.Server.Address.ToString() == "127.0.7.4");

        _bench.Clock.Ahead = TimeSpan.FromMinutes(2);
        Assert.Equal(10, _bench.Run("check").Code);
        Assert.Equal("10.0.0.1", Assert.Single(_bench.Kernel.Services).Service.Key.Address.ToString());
    }

    // As far as it comes before it waits.
    void ApplyAndDie(string manifest)
    {
        _bench.Manifest = manifest;
        using var client = new IpvsClient(_bench.Kernel.Connect());
        var confirmation = new Confirmation(client, new KernelSettings(_bench.FilePath("sysctl")), _bench.Store, _bench.Clock);
        var before = _bench.Store.Read();
        new Reconciler(client, _bench.Store, _bench.Clock).Apply(DesiredTableBuilder.Build(ManifestReader.Read([_bench.FilePath("cluster.yaml")]).Cluster!),
            new ApplyOptions(PlanOptions.Default, SafetyLimits.Default, Force: false), CancellationToken.None, planned => confirmation.Keep(planned, [], before, TimeSpan.FromMinutes(1)));
    }
}
