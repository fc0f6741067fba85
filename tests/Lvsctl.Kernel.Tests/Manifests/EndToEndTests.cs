using System.Text.Json;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Manifests;

/// <summary>The program as it is shipped, from a manifest to the kernel and back.</summary>
public sealed class EndToEndTests : IDisposable
{
    const string Manifest = """
        services:
          web:
            listen: [ "tcp 10.0.0.1:80,443", "tcp [2001:db8::1]:80" ]
            scheduler: { mh: { port: true, fallback: true } }
            forward: tun
            persistence: 5m
            servers:
              rs1: { address: 10.1.0.1, weight: 3, connections: { upper: 500, lower: 400 } }
              rs2: { address: 10.1.0.2, forward: { tun: { kind: gue, port: 5555, checksum: csum } } }
          dns:
            listen: udp 10.0.0.1:53
            scheduler: rr
            one-packet: true
            forward: nat
            servers: { ns: "10.1.0.5:5353", spare: { address: 10.1.0.6, weight: 0 } }
          marked:
            listen: [ fwmark 7, fwmark 7 ipv6 ]
            servers: { six: "2001:db8:1::1", four: 10.1.0.7 }
            forward: tun
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-e2e-").FullName;

    public EndToEndTests() => File.WriteAllText(InFolder("cluster.yaml"), Manifest);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string InFolder(string name) => Path.Combine(_folder, name);

    string[] At(string manifest, string state = "state") => ["--manifest", InFolder(manifest), "--state-dir", InFolder(state)];

    [Fact]
    public void A_manifest_is_applied_once_and_exported_again() => NetworkNamespace.Run(() =>
    {
        Assert.Equal(4, Command.Run(Lab.Program.Path, ["plan", "--detailed-exitcode", .. At("cluster.yaml")]).ExitCode);
        Command.MustRun(Lab.Program.Path, ["apply", .. At("cluster.yaml")]);
        Command.MustRun(Lab.Program.Path, ["plan", "--detailed-exitcode", .. At("cluster.yaml")]);
        Assert.StartsWith("Nothing to do", Command.MustRun(Lab.Program.Path, ["apply", .. At("cluster.yaml")]));

        Command.MustRun(Lab.Program.Path, "export", "--output", InFolder("exported.yaml"));
        Command.MustRun(Lab.Program.Path, "validate", "--manifest", InFolder("exported.yaml"));
        // As somebody would who has never had a manifest: without any state.
        Command.MustRun(Lab.Program.Path, ["plan", "--detailed-exitcode", .. At("exported.yaml", "other-state")]);
        Assert.Equal(6, JsonDocument.Parse(Command.MustRun(Lab.Program.Path, ["status", "--json", .. At("cluster.yaml")])).RootElement.GetProperty("services").GetArrayLength());
    });

    [Fact]
    public void What_ipvsadm_saves_becomes_a_manifest() => NetworkNamespace.Run(() =>
    {
        Command.MustRun("sh", "-ec", "ipvsadm -A -t 10.0.0.1:80 -s wrr -p 300 -M 255.255.255.0; ipvsadm -a -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 5; ipvsadm -A -f 9 -6 -s rr; ipvsadm -a -f 9 -6 -r [2001:db8::9]:0 -g");
        Command.MustRun("sh", "-ec", $"ipvsadm-save -n | {Lab.Program.Path} export --from - --output {InFolder("saved.yaml")}");
        Command.MustRun(Lab.Program.Path, ["plan", "--detailed-exitcode", .. At("saved.yaml")]);
    });

    [Fact]
    public void An_operator_takes_a_server_out_and_brings_it_back() => NetworkNamespace.Run(() =>
    {
        Command.MustRun(Lab.Program.Path, ["apply", .. At("cluster.yaml")]);
        Command.MustRun(Lab.Program.Path, ["maintain", "web/rs2", .. At("cluster.yaml")]);
        Assert.Contains("in maintenance since", Command.MustRun(Lab.Program.Path, ["status", .. At("cluster.yaml")]));
        Assert.DoesNotContain("10.1.0.2", Command.MustRun("ipvsadm", "-Ln"));
        Command.MustRun(Lab.Program.Path, ["resume", "web/rs2", .. At("cluster.yaml")]);
        Command.MustRun(Lab.Program.Path, ["plan", "--detailed-exitcode", .. At("cluster.yaml")]);
    });

    [Fact]
    public void A_watch_ends_well_when_somebody_has_seen_enough() => NetworkNamespace.Run(() =>
    {
        var watched = Command.Run("timeout", "--preserve-status", "-s", "INT", "2", Lab.Program.Path, "status", "--watch", "0.2");
        Assert.True(watched.ExitCode == 0, $"{watched}");
        Assert.True(watched.Output.Split("IPVS 1.2.1: 0 virtual services, 0 real servers").Length > 3, $"{watched}");
    });
}
