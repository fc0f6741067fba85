using Lvsctl.Benchmarks;
using Lvsctl.Benchmarks.Vrrp;

// Started by scripts/bench, which builds what is measured and knows where each benchmark belongs.
var lvsctl = Environment.GetEnvironmentVariable("LVSCTL_BIN") ?? Path.GetFullPath("artifacts/bin/lvsctl");
const string Ipvsadm = "/usr/sbin/ipvsadm";
string[] self = Environment.ProcessPath!.EndsWith("/dotnet", StringComparison.Ordinal) ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "Lvsctl.Benchmarks.dll")] : [Environment.ProcessPath!];

try
{
    switch (args)
    {
        case ["start-up"]: StartUpBenchmark.Run(lvsctl, Ipvsadm); break;
        case ["restore"]: RestoreBenchmark.Run(lvsctl, Ipvsadm); break;
        case ["manifest"]: ManifestBenchmark.Run(lvsctl, "/usr/sbin/keepalived"); break;
        case ["apply"]: ApplyBenchmark.Run(lvsctl, Ipvsadm); break;
        case ["probes"]: ProbeBenchmark.Run(Environment.ProcessPath!, "/usr/sbin/haproxy"); break;
        case ["check"]: CheckBenchmark.Run(lvsctl, self); break;
        case ["daemon", .. var parts]: DaemonBenchmark.Run(lvsctl, "/usr/sbin/keepalived", self, parts); break;
        case ["vrrp", .. var how]: FailoverBenchmark.Run(lvsctl, "/usr/sbin/keepalived", [.. how.Select(int.Parse)]); break;
        case ["vrrp-load", .. var minutes]: SteadinessBenchmark.Run(lvsctl, "/usr/sbin/keepalived", self, minutes.Select(int.Parse).FirstOrDefault(10)); break;
        // Parts of the others, in processes of their own.
        case ["probe-load", var manifest, var warmUp, var seconds]: return ProbeLoad.Run(manifest, int.Parse(warmUp), int.Parse(seconds));
        case ["listen", var port]: return ProbeLoad.Listen(int.Parse(port));
        case ["spin", var path]: return ProbeLoad.Spin(path);
        case ["listen-http", var port]: return ProbeLoad.ListenHttp(int.Parse(port));
        default:
            Console.Error.WriteLine("usage: Lvsctl.Benchmarks start-up | manifest | restore | apply | check | daemon | probes | vrrp [TRIALS [INTERVAL_MS...]] | vrrp-load [MINUTES]");
            return 2;
    }
    return Target.ExitCode;
}
catch (InvalidOperationException e)
{
    // Caught, so that what was started and made is put away on the way here.
    Console.Error.WriteLine(e.Message);
    return 1;
}
