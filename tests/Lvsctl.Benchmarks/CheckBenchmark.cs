using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Benchmarks;

/// <summary>What cron calls: 1,000 services of 10 servers probed and applied in one process. Runs in the lab.</summary>
static class CheckBenchmark
{
    const int Services = 1_000;
    const int Servers = 10;
    const int Port = 9_000;
    const int Rounds = 5;

    public static void Run(string lvsctl, string[] self)
    {
        var folder = Directory.CreateTempSubdirectory("lvsctl-check-").FullName;
        var manifest = Path.Combine(folder, "cluster.yaml");
        File.WriteAllText(manifest, Manifest());
        string[] where = ["--manifest", manifest, "--state-dir", Path.Combine(folder, "state")];
        using var listener = Process.Start(new ProcessStartInfo(self[0], [.. self[1..], "listen", $"{Port}"]) { RedirectStandardOutput = true })!;
        try
        {
            listener.StandardOutput.ReadLine();
            Sample first = new("lvsctl check --rounds 2, from an empty table"), again = new("lvsctl check, all as it was"), dead = new("lvsctl check --rounds 2, all died"), apply = new("lvsctl apply, nothing to do");
            using var client = IpvsClient.Open();
            for (var round = -1; round < Rounds; round++)
            {
                again.Measure(round, () => Check(where, round == -1 ? 3 : 1));
                // Whoever calls servers dead that he had no time to listen to is quick too.
                var there = client.ReadTableOnce().Sum(p => p.Servers.Count);
                if (there != Services * Servers) throw new InvalidOperationException($"{there} servers of {Services * Servers} are in the table");
            }
            for (var round = 0; round < Rounds; round++) apply.Measure(round, () => Child.Time(lvsctl, ["apply", .. where]));
            again.PeakMiB = Child.PeakMiB(lvsctl, ["check", .. where]);
            Child.Time(lvsctl, ["-C"]);
            Directory.Delete(where[^1], recursive: true);
            first.Measure(0, () => Check(where, 2));
            listener.Kill();
            listener.WaitForExit();
            dead.Measure(0, () => Check(where, 2));

            Console.WriteLine($"\n{Services} services of {Servers} servers, a TCP check each");
            foreach (var sample in (Sample[])[first, again, dead, apply]) Console.WriteLine(sample);
            Target.AtMost(5, again.Milliseconds / 1000, "a check of all", " s");
            Target.AtMost(120, again.PeakMiB, "peak memory of a check of all", " MiB");
        }
        finally
        {
            if (!listener.HasExited) listener.Kill();
            Directory.Delete(folder, recursive: true);
        }

        Run Check(string[] options, int rounds) => Child.Time(lvsctl, ["check", "--rounds", $"{rounds}", .. options]);
    }

    static string Manifest()
    {
        var text = new StringBuilder("checks:\n  port: { tcp: {}, every: 1s, fast-every: 10ms, timeout: 1s, rise: 2, fall: 2 }\nservices:\n");
        for (var service = 0; service < Services; service++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  s{service}:\n    listen: tcp 192.0.{2 + (service >> 8)}.{service & 255}:80\n    forward: nat\n    check: port\n    servers:\n");
            for (var server = 0; server < Servers; server++)
                text.Append(CultureInfo.InvariantCulture, $"      rs{server}: 127.{1 + server}.{service >> 8}.{service & 255}:{Port}\n");
        }
        return text.ToString();
    }
}
