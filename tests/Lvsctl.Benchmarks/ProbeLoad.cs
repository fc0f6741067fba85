using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lvsctl.Core.Health;
using Lvsctl.Director.Probing;
using Lvsctl.Manifests;

namespace Lvsctl.Benchmarks;

/// <summary>
/// What is measured in <see cref="ProbeBenchmark"/>, in a process of its own: the director's probing and judging of a manifest, without a
/// kernel's table. It reports what it used between two moments.
/// </summary>
static class ProbeLoad
{
    public static int Run(string manifest, int warmUpSeconds, int seconds)
    {
        var cluster = ManifestReader.Read([manifest]).Cluster ?? throw new InvalidOperationException("the benchmark's manifest has errors");
        var plan = ProbePlan.Of(cluster);
        var settings = ProbeSettings.Of(cluster.Daemon);
        using var engine = new ProbeEngine(settings, TimeProvider.System);
        var monitor = new HealthMonitor(plan, null, [], engine.Now, TimeProvider.System.GetUtcNow());
        var runner = new ProbeRunner(engine, monitor);
        var changes = 0;
        Advance(TimeSpan.FromSeconds(warmUpSeconds));
        var (cpu, probes, began, allocated) = (Cpu(), runner.Ended, engine.Now, GC.GetTotalAllocatedBytes());
        Advance(engine.Now + TimeSpan.FromSeconds(seconds));
        var (used, made, took) = (Cpu() - cpu, runner.Ended - probes, engine.Now - began);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"probes {made} cpu {used.Total.TotalSeconds:F3} user {used.User.TotalSeconds:F3} seconds {took.TotalSeconds:F3} peak {Peak():F1} bytes {(GC.GetTotalAllocatedBytes() - allocated) / (double)Math.Max(1, made):F0} changes {changes}"));
        return 0;

        void Advance(TimeSpan until)
        {
            while (engine.Now < until) runner.Pump(TimeSpan.FromMilliseconds(100), (int _, in Lvsctl.Core.Health.ProbeOutcome _, Lvsctl.Core.Health.HealthChange? change) => changes += change is null ? 0 : 1);
        }
    }

    /// <summary>Accepts and hangs up, on every address of the namespace.</summary>
    public static int Listen(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen(4096);
        Console.WriteLine("ready");
        while (true) listener.Accept().Dispose();
    }

    /// <summary>Answers every request with 200 and hangs up, on every address.</summary>
    public static int ListenHttp(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen(4096);
        Console.WriteLine("ready");
        var request = new byte[4096];
        var answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"u8.ToArray();
        while (true)
        {
            using var client = listener.Accept();
            if (client.Receive(request) > 0) client.Send(answer);
        }
    }

    /// <summary>Does nothing, and counts in a file how often.</summary>
    public static int Spin(string path)
    {
        File.WriteAllBytes(path, new byte[8]);
        using var file = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(path);
        using var view = file.CreateViewAccessor();
        Console.WriteLine("ready");
        for (long count = 1; ; count++)
        {
            Thread.SpinWait(1_000);
            view.Write(0, count);
        }
    }

    readonly record struct Use(TimeSpan User, TimeSpan Total)
    {
        public static Use operator -(Use a, Use b) => new(a.User - b.User, a.Total - b.Total);
    }

    static Use Cpu()
    {
        using var self = Process.GetCurrentProcess();
        return new(self.UserProcessorTime, self.TotalProcessorTime);
    }

    static double Peak() =>
        double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
