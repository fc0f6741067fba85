using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Benchmarks;

/// <summary>
/// <c>lvsctl run</c> beside keepalived's checkers, both keeping the same table by the same checks, one after the other in one boot of the lab:
/// CPU time per check, memory, how soon dead servers leave the table, and a reload in which one server has changed.
/// </summary>
static class DaemonBenchmark
{
    const int Port = 9_000;
    const int DyingPort = 9_001;
    const int Dying = 100;
    const int Trials = 5;
    static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(12);
    static readonly TimeSpan s_measured = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <param name="parts">idle, load, detection, reload; none: all.</param>
    public static void Run(string lvsctl, string keepalived, string[] self, string[] parts)
    {
        var folder = Directory.CreateTempSubdirectory("lvsctl-daemon-").FullName;
        using var kernel = IpvsClient.Open();
        using var idle = new IdleTime(self, Path.Combine(folder, "idle"));
        try
        {
            if (Wanted("idle")) Idle(lvsctl, folder, kernel);
            foreach (var (count, isHttp) in Wanted("load") ? (IEnumerable<(int, bool)>)[(1_000, false), (5_000, false), (10_000, false), (1_000, true)] : []) Load(lvsctl, keepalived, self, folder, kernel, idle, count, isHttp);
            if (Wanted("detection")) Detection(lvsctl, keepalived, self, folder, kernel);
            if (Wanted("reload")) Reload(lvsctl, keepalived, self, folder, kernel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        bool Wanted(string part) => parts.Length == 0 || parts.Contains(part);
    }

    static void Idle(string lvsctl, string folder, IpvsClient kernel)
    {
        var manifest = Path.Combine(folder, "idle.yaml");
        File.WriteAllText(manifest, "services:\n  web: { listen: \"tcp 192.0.2.1:80\", forward: dr, servers: { rs1: 10.0.0.1 } }\n");
        using var director = Director.Lvsctl(lvsctl, manifest, folder);
        Thread.Sleep(s_warmUp);
        Console.WriteLine($"\none service, no checks: lvsctl {director.Resident():F1} MiB resident, {director.Anonymous():F1} of them its own");
        Target.AtMost(30, director.Resident(), "idle memory", " MiB");
        director.Stop();
        Clear(kernel);
    }

    static void Load(string lvsctl, string keepalived, string[] self, string folder, IpvsClient kernel, IdleTime idle, int count, bool isHttp)
    {
        using var listener = Listener(self, isHttp ? "listen-http" : "listen", Port);
        var servers = new Servers(count, isHttp, Port, 0);
        var ours = Measure(() => Director.Lvsctl(lvsctl, servers.WriteManifest(folder), folder), kernel, idle, count);
        var theirs = Measure(() => Director.Keepalived(keepalived, servers.WriteConfig(folder), folder), kernel, idle, count);
        listener.Kill();
        listener.WaitForExit();
        var what = $"{count} {(isHttp ? "HTTP" : "TCP")} checks a second";
        Console.WriteLine($"\n{what}, {s_measured.TotalSeconds:F0} s");
        foreach (var (name, load) in ((string, Used)[])[("keepalived", theirs), ("lvsctl", ours)])
            Console.WriteLine($"  {name,-12} {load.PerCheck,7:F1} us of CPU each (the server's side and the kernel's included), {load.Checks} checks ({load.Checks / s_measured.TotalSeconds / count:P0} of those due), {load.Cpu / s_measured.TotalSeconds:F2} cores, {load.PeakMiB:F0} MiB");
        Target.AtMost(1, ours.PerCheck / theirs.PerCheck, $"{what}: CPU per check, times keepalived's");
        if (count == 10_000) Target.AtMost(120, ours.PeakMiB, $"{what}: memory", " MiB");
    }

    readonly record struct Used(double Cpu, long Checks, double PeakMiB)
    {
        public double PerCheck => Cpu / Checks * 1e6;
    }

    static Used Measure(Func<Director> start, IpvsClient kernel, IdleTime idle, int count)
    {
        using var director = start();
        Wait(() => director.IsAlive && Present(kernel) == count, "all servers are in the table");
        Thread.Sleep(s_warmUp);
        var opens = ActiveOpens();
        var cpu = idle.Busy(s_measured);
        var used = new Used(cpu, ActiveOpens() - opens, director.Peak());
        if (Present(kernel) is var there && there != count) throw new InvalidOperationException($"{director.Name} has {there} servers of {count} in the table at the end");
        director.Stop();
        Clear(kernel);
        return used;
    }

    static void Detection(string lvsctl, string keepalived, string[] self, string folder, IpvsClient kernel)
    {
        var servers = new Servers(1_000, false, Port, Dying);
        using var listener = Listener(self, "listen", Port);
        var ours = Detect(() => Director.Lvsctl(lvsctl, servers.WriteManifest(folder), folder), self, kernel);
        var theirs = Detect(() => Director.Keepalived(keepalived, servers.WriteConfig(folder), folder), self, kernel);
        listener.Kill();
        listener.WaitForExit();
        Console.WriteLine($"\n{Dying} of 1000 servers die at once, a check every second, one failure suffices: first, half and all out of the table (medians of {Trials})");
        foreach (var (name, times) in ((string, double[])[])[("keepalived", theirs), ("lvsctl", ours)])
            Console.WriteLine($"  {name,-12} {times[0]:F2} s, {times[1]:F2} s, {times[2]:F2} s");
        Target.AtMost(theirs[1] + 0.1, ours[1], "half of the dead out", " s");
        Target.AtMost(theirs[2] + 0.1, ours[2], "all of the dead out", " s");
    }

    static double[] Detect(Func<Director> start, string[] self, IpvsClient kernel)
    {
        var dying = Listener(self, "listen", DyingPort);
        using var director = start();
        Wait(() => Present(kernel) == 1_000, "all servers are in the table");
        Thread.Sleep(s_warmUp);
        var trials = new List<double[]>();
        for (var trial = 0; trial < Trials; trial++)
        {
            dying.Kill();
            dying.WaitForExit();
            dying.Dispose();
            var began = Stopwatch.GetTimestamp();
            var times = new double[3];
            foreach (var (place, left) in ((int, int)[])[(0, 999), (1, 1_000 - Dying / 2), (2, 1_000 - Dying)])
            {
                Wait(() => Present(kernel) <= left, $"{director.Name} has taken {1_000 - left} servers out");
                times[place] = Stopwatch.GetElapsedTime(began).TotalSeconds;
            }
            trials.Add(times);
            dying = Listener(self, "listen", DyingPort);
            Wait(() => Present(kernel) == 1_000, $"{director.Name} has taken all servers in again");
            // Away from the beat of the last trial.
            Thread.Sleep(1_000 + 137 * trial);
        }
        dying.Kill();
        director.Stop();
        Clear(kernel);
        return [.. Enumerable.Range(0, 3).Select(i => trials.Select(t => t[i]).Order().ElementAt(Trials / 2))];
    }

    static void Reload(string lvsctl, string keepalived, string[] self, string folder, IpvsClient kernel)
    {
        using var listener = Listener(self, "listen", Port);
        // Seldom enough that the lab has time for more than the checks.
        var servers = new Servers(10_000, false, Port, 0) { Every = 10 };
        var ours = Reloads(() => Director.Lvsctl(lvsctl, servers.WriteManifest(folder), folder), weight => (servers with { Weight = weight }).WriteManifest(folder), kernel);
        var theirs = Reloads(() => Director.Keepalived(keepalived, servers.WriteConfig(folder), folder), weight => (servers with { Weight = weight }).WriteConfig(folder), kernel);
        listener.Kill();
        listener.WaitForExit();
        Console.WriteLine($"\nreload of 1000 services of 10 servers, the weight of one changed: from SIGHUP until the kernel has it (median of {Trials})");
        Console.WriteLine($"  {"keepalived",-12} {theirs.Milliseconds,7:F0} ms, {theirs.Checks} checks made in the two seconds after, {theirs.Late:F1} s without any");
        Console.WriteLine($"  {"lvsctl",-12} {ours.Milliseconds,7:F0} ms, {ours.Checks} checks made in the two seconds after, {ours.Late:F1} s without any");
        Target.AtMost(300, ours.Milliseconds, "reload", " ms");
    }

    static (double Milliseconds, long Checks, double Late) Reloads(Func<Director> start, Action<int> write, IpvsClient kernel)
    {
        using var director = start();
        Wait(() => director.IsAlive && Present(kernel) == 10_000, "all servers are in the table");
        Thread.Sleep(s_warmUp);
        var key = Servers.FirstService;
        var times = new List<double>();
        long checks = 0;
        var late = 0.0;
        for (var trial = 0; trial < Trials; trial++)
        {
            write(2 + trial);
            Thread.Sleep(3_000);
            var opens = ActiveOpens();
            var began = Stopwatch.GetTimestamp();
            director.Signal("HUP");
            Wait(() => kernel.ListServers(key).Any(s => s.Server.Weight == 2 + trial), $"{director.Name} has reloaded", pause: 2);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            var (seen, gap, last) = (ActiveOpens(), 0.0, Stopwatch.GetTimestamp());
            while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2))
            {
                Thread.Sleep(20);
                if (ActiveOpens() is var now && now == seen) continue;
                gap = Math.Max(gap, Stopwatch.GetElapsedTime(last).TotalSeconds);
                (seen, last) = (ActiveOpens(), Stopwatch.GetTimestamp());
            }
            late = Math.Max(late, Math.Max(gap, Stopwatch.GetElapsedTime(last).TotalSeconds));
            checks = seen - opens;
        }
        director.Stop();
        Clear(kernel);
        return (times.Order().ElementAt(Trials / 2), checks, late);
    }

    static Process Listener(string[] self, string verb, int port)
    {
        var listener = Process.Start(new ProcessStartInfo(self[0], [.. self[1..], verb, $"{port}"]) { RedirectStandardOutput = true })!;
        listener.StandardOutput.ReadLine();
        return listener;
    }

    // One line of names, one of numbers (proc_net_snmp).
    static long ActiveOpens()
    {
        var lines = File.ReadLines("/proc/net/snmp").Where(l => l.StartsWith("Tcp:", StringComparison.Ordinal)).Select(l => l.Split(' ')).ToList();
        return long.Parse(lines[1][Array.IndexOf(lines[0], "ActiveOpens")], CultureInfo.InvariantCulture);
    }

    static int Present(IpvsClient kernel) => kernel.ReadTableOnce().Sum(p => p.Servers.Count(s => s.Server.Weight > 0));

    static void Clear(IpvsClient kernel) => kernel.Apply([new TableChange.Flush()]);

    static void Wait(Func<bool> condition, string what, int pause = 30)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > s_patience) throw new InvalidOperationException($"waited {s_patience.TotalSeconds:F0} s in vain until {what}");
            Thread.Sleep(pause);
        }
    }

    /// <param name="Dying">So many of them at <see cref="DyingPort"/>.</param>
    sealed record Servers(int Count, bool IsHttp, int At, int Dying)
    {
        public static readonly ServiceKey FirstService = ServiceKey.At(TransportProtocol.Tcp, System.Net.IPAddress.Parse("192.0.0.0"), 80);

        /// <summary>Of the first server.</summary>
        public int Weight { get; init; } = 1;

        /// <summary>Seconds.</summary>
        public int Every { get; init; } = 1;

        public string WriteManifest(string folder)
        {
            var check = IsHttp ? "http: { path: / }" : "tcp: {}";
            var text = new StringBuilder($"checks:\n  port: {{ {check}, every: {Every}s, timeout: 900ms, rise: 1, fall: 1 }}\nservices:\n");
            for (var i = 0; i < Count; i++)
            {
                if (i % 10 == 0) text.Append(CultureInfo.InvariantCulture, $"  s{i / 10}:\n    listen: tcp {Service(i / 10)}:80\n    scheduler: rr\n    forward: nat\n    check: port\n    servers:\n");
                text.Append(CultureInfo.InvariantCulture, $"      rs{i}: {{ address: {Address(i)}, port: {PortOf(i)}{(i == 0 ? $", weight: {Weight}" : "")} }}\n");
            }
            return Write(folder, "cluster.yaml", text);
        }

        public string WriteConfig(string folder)
        {
            var text = new StringBuilder("global_defs {\n  checker_log_all_failures false\n}\n");
            for (var i = 0; i < Count; i++)
            {
                if (i % 10 == 0) text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : "}\n")}virtual_server {Service(i / 10)} 80 {{\n  delay_loop {Every}\n  lvs_sched rr\n  lvs_method NAT\n  protocol TCP\n");
                var check = IsHttp
                    ? "HTTP_GET {\n url {\n path /\n status_code 200\n }\n connect_timeout 1\n retry 0\n }"
                    : "TCP_CHECK {\n connect_timeout 1\n retry 0\n }";
                text.Append(CultureInfo.InvariantCulture, $"  real_server {Address(i)} {PortOf(i)} {{\n weight {(i == 0 ? Weight : 1)}\n {check}\n }}\n");
            }
            return Write(folder, "keepalived.conf", text.Append("}\n"));
        }

        static string Write(string folder, string name, StringBuilder text)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, text.ToString());
            return path;
        }

        int PortOf(int i) => i < Dying * 10 && i % 10 == 0 ? DyingPort : At;

        static string Service(int i) => $"192.0.{i >> 8 & 255}.{i & 255}";

        static string Address(int i) => $"127.{1 + (i >> 16)}.{i >> 8 & 255}.{i & 255}";
    }

    /// <summary>
    /// Counts the time that nobody wants, by a process that gets no other. The lab's kernel itself sees time in ticks of 10 ms: whoever is woken
    /// by a tick and done before the next would take none of it.
    /// </summary>
    sealed class IdleTime : IDisposable
    {
        readonly Process _spinner;
        readonly string _path;
        readonly double _perSecond;

        public IdleTime(string[] self, string path)
        {
            _path = path;
            _spinner = Process.Start(new ProcessStartInfo("chrt", ["--idle", "0", .. self, "spin", path]) { RedirectStandardOutput = true })!;
            _spinner.StandardOutput.ReadLine();
            _perSecond = Count(TimeSpan.FromSeconds(5));
        }

        /// <summary>Seconds of CPU that somebody else used while this waited.</summary>
        public double Busy(TimeSpan time) => (1 - Count(time) / _perSecond) * time.TotalSeconds;

        double Count(TimeSpan time)
        {
            var (before, began) = (Read(), Stopwatch.GetTimestamp());
            Thread.Sleep(time);
            return (Read() - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        long Read() => BitConverter.ToInt64(File.ReadAllBytes(_path));

        public void Dispose()
        {
            _spinner.Kill();
            _spinner.WaitForExit();
            _spinner.Dispose();
        }
    }

    /// <summary>One of the two, with the processes it has.</summary>
    sealed class Director(string name, Process process, string log) : IDisposable
    {
        public string Name => name;

        public static Director Lvsctl(string program, string manifest, string folder)
        {
            var state = Path.Combine(folder, "state");
            if (Directory.Exists(state)) Directory.Delete(state, recursive: true);
            return Start("lvsctl", program, folder, $"run --manifest {manifest} --state-dir {state}");
        }

        public static Director Keepalived(string program, string config, string folder) =>
            Start("keepalived", program, folder, $"-C -n -l -f {config} -p {folder}/ka.pid -c {folder}/kac.pid -r {folder}/kav.pid");

        static Director Start(string name, string program, string folder, string arguments)
        {
            var log = Path.Combine(folder, $"{name}.log");
            return new(name, Process.Start("sh", ["-c", $"exec {program} {arguments} > {log} 2>&1"]), log);
        }

        /// <exception cref="InvalidOperationException">It has ended, with what it said.</exception>
        public bool IsAlive => Processes().Count > 0;

        List<int> Processes()
        {
            if (process.HasExited) throw new InvalidOperationException($"{name} ended with {process.ExitCode}: {File.ReadAllText(log)}");
            return [process.Id, .. File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }

        /// <summary>MiB.</summary>
        public double Peak() => Processes().Sum(pid => Memory(pid, "VmHWM"));

        public double Resident() => Processes().Sum(pid => Memory(pid, "VmRSS"));

        public double Anonymous() => Processes().Sum(pid => Memory(pid, "RssAnon"));

        static double Memory(int pid, string what) =>
            double.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(what, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

        public void Signal(string signal)
        {
            using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
            kill.WaitForExit();
        }

        public void Stop()
        {
            Signal("TERM");
            if (!process.WaitForExit(s_patience)) throw new InvalidOperationException($"{name} does not stop");
        }

        public void Dispose()
        {
            if (!process.HasExited)
            {
                Signal("KILL");
                process.WaitForExit();
            }
            process.Dispose();
        }
    }
}
