using System.Diagnostics;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Manifests;

namespace Lvsctl.Kernel.Tests.Manifests;

/// <summary>
/// kill -9 at random moments of an apply between two random tables. LVSCTL_SEED repeats a run (but for the moments, which are the
/// machine's), LVSCTL_KILLS makes it longer or shorter. The kernel is quick: of all moments, few lie between the first change and the
/// last, so every other kill is aimed at them, by what the earlier ones found.
/// </summary>
public sealed class KillTests(ITestOutputHelper log) : IDisposable
{
    const int Services = 100;

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-kill-").FullName;

    string State => Path.Combine(_folder, "state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_next_apply_converges_whenever_an_apply_is_killed() => NetworkNamespace.Run(() =>
    {
        var seed = Seed.FromEnvironment();
        var kills = Seed.Setting("LVSCTL_KILLS", 200);
        log.WriteLine($"seed {seed}, {kills} kills");
        var random = new Random(seed);
        var tables = Enumerable.Range(0, 6).Select(n => new ManifestFile(Path.Combine(_folder, $"{n}.yaml"), random)).ToArray();
        using var client = IpvsClient.Open();
        var store = new StateStore(State, TimeProvider.System);

        var length = Length(tables);
        var (early, midway, late) = (0, 0, 0);
        List<double> tooEarly = [0], tooLate = [length.TotalMilliseconds];
        var now = tables[0];
        for (var kill = 0; kill < kills; kill++)
        {
            // Now and then from nothing at all, where there is no state file yet.
            var bare = kill % 20 == 0;
            if (bare) Forget(client);
            var next = tables.Where(t => t != now).ElementAt(random.Next(tables.Length - 1));
            // Beyond the usual length, because the moments that come last are worth a try too.
            var (least, most) = kill % 2 == 0 ? (0, length.TotalMilliseconds * 1.1) : Between(tooEarly, tooLate);
            var delay = least + random.NextDouble() * (most - least);
            using (var apply = Start(next))
            {
                Thread.Sleep(TimeSpan.FromMilliseconds(delay));
                apply.Kill();
                apply.WaitForExit();
            }

            var found = client.ReadTableOnce();
            if (bare ? found.Count == 0 : now.IsIn(found))
            {
                early++;
                tooEarly.Add(delay);
            }
            else if (next.IsIn(found))
            {
                late++;
                tooLate.Add(delay);
            }
            else
            {
                midway++;
            }
            store.Read();
            // Forwards or back, or elsewhere: what the killed one made is known as lvsctl's either way.
            now = random.Next(3) switch { 0 => now, 1 => next, _ => tables[random.Next(tables.Length)] };
            Assert.Equal(0, Run("apply", now));
            Assert.Equal(0, Run("plan", now));
            Assert.True(now.IsIn(client.ReadTableOnce()), $"seed {seed}, kill {kill}: the table is not as wanted, or something is left over");
        }
        log.WriteLine($"an apply took {length.TotalMilliseconds:F0} ms; killed before the table changed {early} times, midway {midway}, after the last change {late}");
        Assert.True(early > 0 && midway > 0 && late > 0, "the kills lie all on one side of the changing of the table: nothing was put to the test");
    });

    [Fact]
    public void Of_two_applies_at_once_one_is_refused_or_comes_after_the_other() => NetworkNamespace.Run(() =>
    {
        var seed = Seed.FromEnvironment();
        log.WriteLine($"seed {seed}");
        var random = new Random(seed);
        ManifestFile a = new(Path.Combine(_folder, "a.yaml"), random), b = new(Path.Combine(_folder, "b.yaml"), random);
        using var client = IpvsClient.Open();
        var refused = 0;
        for (var round = 0; round < 10; round++)
        {
            using Process first = Start(a), second = Start(b);
            first.WaitForExit();
            second.WaitForExit();
            var table = client.ReadTable();
            switch (first.ExitCode, second.ExitCode)
            {
                case (0, 8): Assert.True(a.IsIn(table)); break;
                case (8, 0): Assert.True(b.IsIn(table)); break;
                case (0, 0): Assert.True(a.IsIn(table) || b.IsIn(table)); continue;
                case var codes: Assert.Fail($"seed {seed}: exit codes {codes}"); break;
            }
            refused++;
        }
        log.WriteLine($"{refused} of 10 pairs met");
        Assert.True(refused > 0, "they never met: nothing was put to the test");
    });

    [Fact]
    public void An_apply_waits_for_the_lock_as_long_as_it_is_told() => NetworkNamespace.Run(() =>
    {
        var wanted = new ManifestFile(Path.Combine(_folder, "a.yaml"), new Random(1));
        using var client = IpvsClient.Open();
        var store = new StateStore(State, TimeProvider.System);
        using (store.LockAsync(TimeSpan.Zero, CancellationToken.None).GetAwaiter().GetResult())
        {
            Assert.Equal(8, Run("apply", wanted));
            Assert.Empty(client.ReadTable());
        }

        using Process patient = Held(() => Start(wanted, "20s"));
        patient.WaitForExit();
        Assert.Equal(0, patient.ExitCode);
        Assert.True(wanted.IsIn(client.ReadTable()));

        Process Held(Func<Process> start)
        {
            using var held = store.LockAsync(TimeSpan.Zero, CancellationToken.None).GetAwaiter().GetResult();
            var process = start();
            Assert.False(process.WaitForExit(TimeSpan.FromSeconds(1)), "it did not wait");
            Assert.Empty(client.ReadTable());
            return process;
        }
    });

    // No apply takes the same time as the one before: where it begins to be too late, and where it still was too early, overlap.
    static (double Least, double Most) Between(List<double> tooEarly, List<double> tooLate)
    {
        double early = tooEarly.Order().ElementAt(tooEarly.Count * 9 / 10), late = tooLate.Order().ElementAt(tooLate.Count / 10);
        return (Math.Min(early, late), Math.Max(early, late));
    }

    /// <summary>What an apply from one table to another takes, median.</summary>
    TimeSpan Length(ManifestFile[] tables)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i <= 2 * tables.Length; i++)
        {
            var started = Stopwatch.GetTimestamp();
            Assert.Equal(0, Run("apply", tables[i % tables.Length]));
            times.Add(Stopwatch.GetElapsedTime(started));
        }
        return times.Order().ElementAt(tables.Length);
    }

    void Forget(IpvsClient client)
    {
        client.Apply([new Core.Model.TableChange.Flush()]);
        Directory.Delete(State, recursive: true);
    }

    // Whoever was killed holding the lock must not keep the next one out: nobody waits for it here.
    Process Start(ManifestFile file, string patience = "0s") => Start("apply", file, "--force", "--lock-timeout", patience);

    int Run(string verb, ManifestFile file)
    {
        using var process = verb == "apply" ? Start(file) : Start(verb, file, "--detailed-exitcode");
        process.WaitForExit();
        return process.ExitCode;
    }

    Process Start(string verb, ManifestFile file, params string[] options)
    {
        // Its words go nowhere, so that nobody has to read them while it is being killed.
        string[] words = [Lab.Program.Path, verb, "--manifest", file.Path, "--state-dir", State, .. options];
        return Process.Start("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", .. words]);
    }

    /// <summary>A random table as a file. Two of them have many keys in common, and few settings.</summary>
    sealed class ManifestFile
    {
        static readonly string[] s_schedulers = ["rr", "wrr", "lc", "wlc"];

        readonly DesiredTable _table;

        public ManifestFile(string path, Random random)
        {
            Path = path;
            File.WriteAllText(path, Text(random));
            var read = ManifestReader.Read([path]);
            Assert.True(read.Cluster is not null, string.Join('\n', read.Diagnostics));
            _table = DesiredTableBuilder.Build(read.Cluster);
        }

        public string Path { get; }

        /// <summary>True when the kernel's table is this one, and holds nothing else.</summary>
        public bool IsIn(IReadOnlyList<Core.Model.ObservedPool> observed) =>
            Planner.Plan(_table, observed, Ownership.Everything(observed), DrainPolicy.AtOnce).IsEmpty;

        static string Text(Random random)
        {
            var text = new StringBuilder("services:\n");
            foreach (var n in Some(random, Services, of: Services * 2))
            {
                text.Append($"  s{n}:\n    listen: tcp 10.0.0.{n}:80\n    scheduler: {s_schedulers[random.Next(s_schedulers.Length)]}\n    forward: nat\n");
                if (random.Next(3) == 0) text.Append("    persistence: 5m\n");
                text.Append("    servers:\n");
                foreach (var server in Some(random, 6, of: 9)) text.Append($"      rs{server}: {{ address: 10.1.0.{server}, weight: {random.Next(4)} }}\n");
            }
            return text.ToString();
        }

        static IEnumerable<int> Some(Random random, int count, int of)
        {
            var all = Enumerable.Range(1, of).ToArray();
            random.Shuffle(all);
            return all.Take(count).Order();
        }
    }
}
