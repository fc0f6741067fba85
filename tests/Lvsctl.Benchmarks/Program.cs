using Lvsctl.Benchmarks;

// Started by scripts/bench, which builds what is measured and knows where each benchmark belongs.
var lvsctl = Environment.GetEnvironmentVariable("LVSCTL_BIN") ?? Path.GetFullPath("artifacts/bin/lvsctl");
const string Ipvsadm = "/usr/sbin/ipvsadm";

switch (args)
{
    case ["start-up"]: StartUpBenchmark.Run(lvsctl, Ipvsadm); break;
    case ["restore"]: RestoreBenchmark.Run(lvsctl, Ipvsadm); break;
    case ["manifest"]: ManifestBenchmark.Run(lvsctl, "/usr/sbin/keepalived"); break;
    case ["apply"]: ApplyBenchmark.Run(lvsctl, Ipvsadm); break;
    default:
        Console.Error.WriteLine("usage: Lvsctl.Benchmarks start-up | manifest | restore | apply");
        return 2;
}
return Target.ExitCode;
