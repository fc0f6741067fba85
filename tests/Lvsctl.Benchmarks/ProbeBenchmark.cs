using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Lvsctl.Benchmarks;

/// <summary>
/// TCP checks, beside HAProxy's, over loopback in a network namespace of its own; and 51,000 servers that do not answer. On the host: what
/// is measured is CPU time, so the other programs of the machine disturb little.
/// </summary>
static class ProbeBenchmark
{
    const int Port = 9000;
    const int WarmUp = 5;
    const int Seconds = 15;
    const int Dead = 51_000;

    public static void Run(string self, string haproxy)
    {
        var directory = Directory.CreateTempSubdirectory("lvsctl-bench-").FullName;
        var space = $"lvsctl-bench-{Environment.ProcessId}";
        Must("ip", "netns", "add", space);
        try
        {
            Must("ip", "-n", space, "link", "set", "lo", "up");
            foreach (var count in (int[])[1_000, 5_000, 10_000]) Alive(self, haproxy, directory, space, count);
            Silent(self, directory, space);
        }
        finally
        {
            Must("ip", "netns", "del", space);
            Directory.Delete(directory, recursive: true);
        }
    }

    static void Alive(string self, string haproxy, string directory, string space, int count)
    {
        string manifest = Path.Combine(directory, "cluster.yaml"), config = Path.Combine(directory, "haproxy.cfg");
        File.WriteAllText(manifest, Manifest(count, Address, "every: 1s, timeout: 500ms"));
        File.WriteAllText(config, HaproxyConfig(count));
        using var listener = Start(space, self, "listen", $"{Port}");
        listener.StandardOutput.ReadLine();
        try
        {
            var theirs = Haproxy(space, haproxy, config, count);
            var ours = Ours(space, self, manifest);
            Console.WriteLine($"\n{count} TCP checks a second over loopback, {Seconds} s");
            Console.WriteLine($"  {"HAProxy",-12} {theirs.PerProbe,6:F1} us of CPU each (user {theirs.UserPerProbe:F1}), {theirs.Probes} checks, {theirs.PeakMiB:F0} MiB");
            Console.WriteLine($"  {"lvsctl",-12} {ours.PerProbe,6:F1} us of CPU each (user {ours.UserPerProbe:F1}), {ours.Probes} checks, {ours.PeakMiB:F0} MiB, {ours.Bytes:F0} bytes of garbage each");
            Target.AtLeast(0.98, ours.Probes / (double)Seconds / count, $"{count} servers: checks made of those due");
            Target.AtMost(1, ours.PerProbe / theirs.PerProbe, $"{count} servers: CPU per check, times HAProxy's");
        }
        finally
        {
            listener.Kill();
            listener.WaitForExit();
        }
    }

    static void Silent(string self, string directory, string space)
    {
        var manifest = Path.Combine(directory, "silent.yaml");
        // Over a wire at whose other end nobody listens.
        Must("ip", "-n", space, "link", "add", "nowhere", "type", "veth", "peer", "name", "beyond");
        Must("ip", "-n", space, "link", "set", "nowhere", "up");
        Must("ip", "-n", space, "link", "set", "beyond", "up");
        Must("ip", "-n", space, "addr", "add", "198.18.0.1/32", "dev", "nowhere");
        Must("ip", "-n", space, "route", "add", "10.0.0.0/8", "dev", "nowhere");
        Must("ip", "-n", space, "link", "set", "nowhere", "arp", "off");
        File.WriteAllText(manifest, Manifest(Dead, i => $"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", "every: 3s, timeout: 1s"));
        var ours = Ours(space, self, manifest);
        Console.WriteLine($"\n{Dead} silent servers, a TCP check every 3 s, {Seconds} s");
        Console.WriteLine($"  {"lvsctl",-12} {ours.Cores:F2} cores, {ours.PeakMiB:F0} MiB, {ours.PerProbe:F1} us each (user {ours.UserPerProbe:F1}), {ours.Probes} checks, {ours.Bytes:F0} bytes of garbage each");
        Target.AtLeast(0.98, ours.Probes / (double)Seconds * 3 / Dead, "silent servers: checks made of those due");
        Target.AtMost(1, ours.Cores, "silent servers: cores", "");
        Target.AtMost(300, ours.PeakMiB, "silent servers: memory", " MiB");
    }

    readonly record struct Load(long Probes, double CpuSeconds, double UserSeconds, double Seconds, double PeakMiB, double Bytes)
    {
        public double PerProbe => CpuSeconds / Probes * 1e6;

        public double UserPerProbe => UserSeconds / Probes * 1e6;

        public double Cores => CpuSeconds / Seconds;
    }

    static Load Ours(string space, string self, string manifest)
    {
        using var run = Start(space, self, "probe-load", manifest, $"{WarmUp}", $"{Seconds}");
        var words = run.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        run.WaitForExit();
        if (run.ExitCode != 0) throw new InvalidOperationException($"the probing ended with {run.ExitCode}");
        double Number(string name) => double.Parse(words[Array.IndexOf(words, name) + 1], CultureInfo.InvariantCulture);
        return new((long)Number("probes"), Number("cpu"), Number("user"), Number("seconds"), Number("peak"), Number("bytes"));
    }

    static Load Haproxy(string space, string haproxy, string config, int count)
    {
        using var run = Start(space, haproxy, "-db", "-f", config);
        try
        {
            Thread.Sleep(TimeSpan.FromSeconds(WarmUp));
            if (run.HasExited) throw new InvalidOperationException($"{haproxy} ended with {run.ExitCode}");
            var (user, all) = CpuOf(run.Id);
            var began = Stopwatch.GetTimestamp();
            Thread.Sleep(TimeSpan.FromSeconds(Seconds));
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var (userAfter, allAfter) = CpuOf(run.Id);
            var peak = File.ReadLines($"/proc/{run.Id}/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal));
            // It has no counter for all; every server is checked once in the interval.
            return new((long)(count * took), allAfter - all, userAfter - user, took, double.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024, 0);
        }
        finally
        {
            run.Kill();
            run.WaitForExit();
        }
    }

    static (double User, double All) CpuOf(int pid)
    {
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
        var (user, system) = (double.Parse(fields[11], CultureInfo.InvariantCulture), double.Parse(fields[12], CultureInfo.InvariantCulture));
        return (user / 100, (user + system) / 100);
    }

    static string Address(int i) => $"127.{1 + (i >> 16)}.{i >> 8 & 255}.{i & 255}";

    static string Manifest(int count, Func<int, string> address, string timing)
    {
        var text = new StringBuilder($"daemon: {{ max-probes: 100000 }}\nchecks:\n  port: {{ tcp: {{}}, {timing} }}\nservices:\n");
        for (var i = 0; i < count; i++)
        {
            if (i % 10 == 0) text.Append(CultureInfo.InvariantCulture, $"  s{i / 10}:\n    listen: tcp 192.0.{i / 10 >> 8 & 255}.{i / 10 & 255}:{Port}\n    forward: nat\n    check: port\n    servers:\n");
            text.Append(CultureInfo.InvariantCulture, $"      rs{i}: {address(i)}\n");
        }
        return text.ToString();
    }

    static string HaproxyConfig(int count)
    {
        var text = new StringBuilder("""
            global
                maxconn 500
                nbthread 1
                spread-checks 0
            defaults
                mode tcp
                timeout connect 500ms
                timeout check 500ms
                timeout client 10s
                timeout server 10s
            listen nobody
                bind 127.0.0.1:9999

            """);
        for (var i = 0; i < count; i++)
        {
            if (i % 10 == 0) text.Append(CultureInfo.InvariantCulture, $"backend b{i / 10}\n");
            text.Append(CultureInfo.InvariantCulture, $"    server s{i} {Address(i)}:{Port} check inter 1s\n");
        }
        return text.ToString();
    }

    static Process Start(string space, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", space, program, .. arguments]) { RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    static void Must(string program, params string[] arguments)
    {
        using var run = Process.Start(program, arguments);
        run.WaitForExit();
        if (run.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {run.ExitCode}");
    }
}
