using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Lvsctl.Benchmarks.Vrrp;

/// <summary>
/// Whether a master stays one where it has every reason to be late: adverts every 10 ms, while four processes want both processors for
/// themselves, the director's prober asks 5,000 servers every second, and somebody asks for its status as often. lvsctl and keepalived at the same time, each in a network of its
/// own on this host.
/// </summary>
static class SteadinessBenchmark
{
    const int Spinners = 4;
    const int Servers = 5_000;
    const int Port = 9_000;
    const int WarmUp = 5;

    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    public static void Run(string lvsctl, string keepalived, string[] self, int minutes)
    {
        var folder = Directory.CreateTempSubdirectory("lvsctl-steady-").FullName;
        var seconds = minutes * 60;
        var load = new List<Process>();
        try
        {
            using var ours = new Pair("lvsctl", folder, (host, at, name) => new LvsctlSpeaker(lvsctl, host, at, name, s_interval));
            using var theirs = new Pair("keepalived", folder, (host, at, name) => new KeepalivedSpeaker(keepalived, host, at, name, s_interval));
            Pair[] pairs = [theirs, ours];
            Console.WriteLine("at rest, one router: " + string.Join("; ", pairs.Select(p => p.Size)));
            using var servers = new Space();
            for (var i = 0; i < Spinners; i++) load.Add(servers.Spawn("/dev/null", self[0], [.. self[1..], "spin", Path.Combine(folder, $"spin{i}")]));
            load.Add(servers.Spawn("/dev/null", self[0], [.. self[1..], "listen", $"{Port}"]));
            var manifest = Path.Combine(folder, "cluster.yaml");
            File.WriteAllText(manifest, Manifest());
            var probes = Path.Combine(folder, "probes.log");
            var prober = servers.Spawn(probes, self[0], [.. self[1..], "probe-load", manifest, $"{WarmUp}", $"{seconds}"]);
            load.Add(prober);
            Thread.Sleep(TimeSpan.FromSeconds(WarmUp));

            foreach (var pair in pairs) pair.Begin();
            Console.WriteLine($"adverts every {s_interval.TotalMilliseconds} ms, {Spinners} spinning processes on {Environment.ProcessorCount} processors, {Servers} servers probed every second, {minutes} min");
            var began = Stopwatch.GetTimestamp();
            for (var minute = 1; minute <= minutes; minute++)
            {
                // lvsctl is asked all the while, as by the director's metrics: what that allocates has to be collected some time.
                for (var second = 1; second <= 60; second++)
                {
                    Beat.Until(Beat.After(began, TimeSpan.FromSeconds((minute - 1) * 60 + second)));
                    _ = ours.Changes;
                }
                Console.WriteLine($"  {minute,3} min: changes of state: {string.Join(", ", pairs.Select(p => $"{p.Name} {p.Changes}"))}");
            }
            foreach (var pair in pairs) Console.Write(pair.Summary());
            if (!prober.WaitForExit(TimeSpan.FromSeconds(60))) throw new InvalidOperationException("the prober does not end");
            var words = File.ReadAllText(probes).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is not ["probes", var count, ..]) throw new InvalidOperationException($"the prober failed: {string.Join(' ', words)}");
            Console.WriteLine($"  probes: {count} made, of {(long)Servers * seconds} due on an idle machine");
            Target.AtMost(0, ours.Changes, "lvsctl's changes of state", "");
            Target.AtMost(0, ours.Seen, "lvsctl's changes of master, as the network saw them", "");
        }
        finally
        {
            foreach (var process in load)
            {
                if (!process.HasExited) process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Manifest()
    {
        var text = new StringBuilder("checks:\n  port: { tcp: {}, every: 1s, timeout: 500ms }\nservices:\n");
        for (var i = 0; i < Servers; i++)
        {
            if (i % 10 == 0) text.Append(CultureInfo.InvariantCulture, $"  s{i / 10}:\n    listen: tcp 192.0.{i / 10 >> 8}.{i / 10 & 255}:80\n    forward: nat\n    check: port\n    servers:\n");
            text.Append(CultureInfo.InvariantCulture, $"      rs{i}: {{ address: 127.1.{i >> 8}.{i & 255}, port: {Port} }}\n");
        }
        return text.ToString();
    }

    /// <summary>Two routers of one program.</summary>
    sealed class Pair : IDisposable
    {
        readonly Segment _segment;
        long _changes;
        long _seen;

        public Pair(string name, string folder, SpeakerMaker make)
        {
            Name = name;
            _segment = new(folder, name, make, s_interval);
            try
            {
                _segment.Start(s_interval);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public string Name { get; }

        /// <summary>Of both routers' states, as they tell it, since <see cref="Begin"/>.</summary>
        public long Changes => _segment.Speakers.Sum(s => s.Changes) - _changes;

        /// <summary>How often another one spoke as master than before, since <see cref="Begin"/>.</summary>
        public long Seen => _segment.Watch.Changes - _seen;

        public string Size => string.Create(CultureInfo.InvariantCulture, $"{Name} {_segment[1].Size().MiB:F1} MiB resident, {_segment[1].Size().Threads} threads");

        public void Begin()
        {
            _changes += Changes;
            _seen += Seen;
            _segment.Watch.TakeLongestSilence();
        }

        public string Summary()
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"  {Name,-11} {Changes} changes of state, {Seen} of master on the wire, longest silence there {_segment.Watch.TakeLongestSilence():F1} ms; {Size}\n");
            foreach (var (i, remarks) in _segment.Speakers.Select(s => s.Remarks).Index())
            {
                if (remarks != "") text.Append(CultureInfo.InvariantCulture, $"  {"",-11} host {i + 1}: {remarks}\n");
            }
            return text.ToString();
        }

        public void Dispose() => _segment.Dispose();
    }
}
