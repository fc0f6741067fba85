using System.Text;

namespace Lvsctl.Benchmarks;

/// <summary>Reading and checking 10,000 services of 10 servers, beside keepalived reading the same. Runs on the host, and changes nothing there.</summary>
static class ManifestBenchmark
{
    const int Services = 10_000;
    const int Servers = 10;
    const int Rounds = 11;

    public static void Run(string lvsctl, string keepalived)
    {
        if (!File.Exists(keepalived)) throw new InvalidOperationException($"no {keepalived} here: apt-get install --no-install-recommends keepalived");
        var directory = Directory.CreateTempSubdirectory("lvsctl-bench-").FullName;
        try
        {
            string manifest = Path.Combine(directory, "cluster.yaml"), compact = Path.Combine(directory, "compact.yaml"), theirs = Path.Combine(directory, "keepalived.conf");
            File.WriteAllText(manifest, Manifest());
            File.WriteAllText(compact, Compact());
            File.WriteAllText(theirs, Keepalived());
            Measure(lvsctl, keepalived, manifest, compact, theirs);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    static void Measure(string lvsctl, string keepalived, string manifest, string compact, string conf)
    {
        Sample their = new("keepalived -t"), ours = new("lvsctl validate"), ranges = new("lvsctl validate, servers as ranges");
        for (var round = -1; round < Rounds; round++)
        {
            their.Measure(round, () => Child.Time(keepalived, ["-t", "-f", conf]));
            ours.Measure(round, () => Child.Time(lvsctl, ["validate", "--manifest", manifest]));
            ranges.Measure(round, () => Child.Time(lvsctl, ["validate", "--manifest", compact]));
        }
        their.PeakMiB = Child.PeakMiB(keepalived, ["-t", "-f", conf]);
        ours.PeakMiB = Child.PeakMiB(lvsctl, ["validate", "--manifest", manifest]);
        ranges.PeakMiB = Child.PeakMiB(lvsctl, ["validate", "--manifest", compact]);
        Console.WriteLine($"\n{Services} services of {Servers} servers with a TCP check: read and checked, median of {Rounds}");
        foreach (var sample in (Sample[])[their, ours, ranges]) Console.WriteLine(sample);
        Target.AtMost(1.5, ours.Milliseconds / their.Milliseconds, "a manifest, times keepalived's time");
        Target.AtMost(2, ours.PeakMiB / their.PeakMiB, "a manifest, times keepalived's memory");
    }

    static string Vip(int service) => $"10.{service >> 16 & 255}.{service >> 8 & 255}.{service & 255}";

    static string Server(int service, int server) => $"172.16.{service & 255}.{server + 1}";

    static string Manifest()
    {
        var text = Head();
        for (var service = 0; service < Services; service++)
        {
            text.Append($"  s{service}:\n    listen: tcp {Vip(service)}:80\n    scheduler: wlc\n    forward: nat\n    check: port\n    servers:\n");
            for (var server = 0; server < Servers; server++) text.Append($"      rs{server}: {{ address: {Server(service, server)}, port: 8080, weight: 1 }}\n");
        }
        return text.ToString();
    }

    static string Compact()
    {
        var text = Head();
        for (var service = 0; service < Services; service++)
        {
            text.Append($"  s{service}: {{ listen: \"tcp {Vip(service)}:80\", forward: nat, check: port, servers: {{ rs: {{ addresses: \"172.16.{service & 255}.[1-{Servers}]\", port: 8080 }} }} }}\n");
        }
        return text.ToString();
    }

    static StringBuilder Head() => new("cluster: big\nchecks:\n  port: { tcp: {}, every: 5s, timeout: 2s }\nservices:\n");

    static string Keepalived()
    {
        var text = new StringBuilder("global_defs {\n}\n");
        for (var service = 0; service < Services; service++)
        {
            text.Append($"virtual_server {Vip(service)} 80 {{\n    delay_loop 5\n    lb_algo wlc\n    lb_kind NAT\n    protocol TCP\n");
            for (var server = 0; server < Servers; server++)
            {
                text.Append($"    real_server {Server(service, server)} 8080 {{\n        weight 1\n        TCP_CHECK {{\n            connect_timeout 2\n        }}\n    }}\n");
            }
            text.Append("}\n");
        }
        return text.ToString();
    }
}
