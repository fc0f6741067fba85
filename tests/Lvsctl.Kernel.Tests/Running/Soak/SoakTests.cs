using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Lvsctl.Core.Model;
using Lvsctl.Director.Control;
using Lvsctl.Director.Events;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Kernel.Tests.Running.Soak;

/// <summary>
/// What a director of 10,000 servers goes through in 24 hours, in ten minutes; here a short piece of it with fewer servers, and by
/// <c>scripts/soak</c> all of it (LVSCTL_SOAK_MINUTES). Nothing it holds may grow, and every change is told once.
/// </summary>
public sealed class SoakTests(ITestOutputHelper log) : IDisposable
{
    /// <summary>
    /// Of a usual director's day, which is gone through in ten minutes: somebody reloads every half an hour, looks every quarter, and scrapes
    /// every five minutes, which is as rarely as Prometheus bears. A scrape of ten thousand servers is 16 MB, and a reload 11,000 entries:
    /// with more of them, it would be the lab's one processor that is tried.
    /// </summary>
    static readonly (string What, int PerDay)[] s_day =
    [
        ("server failures", 1_000), ("reloads", 48), ("verbs", 100), ("status", 96), ("why", 100), ("events", 100), ("scrapes", 288), ("looks at the page", 150), ("ipvsadm -C", 5),
    ];
    static readonly TimeSpan s_day24 = TimeSpan.FromMinutes(10);
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-soak-").FullName;
    readonly int _seed = Seed.FromEnvironment();
    readonly int _minutes = Seed.Setting("LVSCTL_SOAK_MINUTES", 0);

    bool IsLong => _minutes > 0;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void After_a_day_it_holds_what_it_held_and_every_change_was_told_once()
    {
        var time = IsLong ? TimeSpan.FromMinutes(_minutes) : TimeSpan.FromSeconds(30);
        var (services, racks) = IsLong ? (Seed.Setting("LVSCTL_SOAK_SERVICES", 1_000), 40) : (100, 4);
        var manifest = new SoakManifest(_folder, services, racks, TimeSpan.FromSeconds(IsLong ? 10 : 2), _seed);
        var programTold = MakeProgram(manifest.HookProgram);
        manifest.Write();
        using var host = new LabHost();
        Exception? failure = null;
        host.Start(() =>
        {
            try
            {
                Soak(host, manifest, time, programTold);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }).Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    void Soak(LabHost host, SoakManifest manifest, TimeSpan time, string programTold)
    {
        log.WriteLine($"{manifest.Servers} servers in {manifest.Servers / SoakManifest.ServersEach} services, {manifest.Racks.Count} racks that fail, {time.TotalSeconds:F0} s, seed {_seed}; the machine's load: {File.ReadAllText("/proc/loadavg").Trim()}");
        using var steady = new Rack(SoakManifest.SteadyPort);
        steady.Serve();
        using var hook = new HookReceiver(SoakManifest.HookPort);
        var began = Stopwatch.GetTimestamp();
        using var director = host.Spawn(Path.Combine(_folder, "log"), Lab.Program.Path, "run", "--manifest", manifest.Path, "--state-dir", manifest.StateDirectory);
        try
        {
            using var client = Connect(manifest.ControlSocket);
            var told = new ToldEvents(client);
            using var load = new SoakLoad(host, manifest, director.Id, told, TimeSpan.FromSeconds(IsLong ? 75 : 4), _seed);
            load.Start();
            // All these are other machines: on the lab's one processor the director comes before them. A thread may end meanwhile.
            Command.Run("sh", "-c", $"renice -n 10 -p $(ls /proc/{Environment.ProcessId}/task) >/dev/null");
            var samples = Watch(director, time, began, told, hook, load);
            load.Stop();
            Assert.True(load.Failures.Count == 0, string.Join('\n', load.Failures));
            Eventually(() => told.CountUp >= manifest.Servers, "all servers are up", () => $"{told.CountUp} are");
            using var kernel = IpvsClient.Open();
            HashSet<string> there = [];
            Eventually(() => (there = Table(kernel)).SetEquals(manifest.Table), "the kernel has what is wanted", () => $"missing: {Some(manifest.Table.Except(there))}; too many: {Some(there.Except(manifest.Table))}");
            Eventually(() => told.Entries is var all && hook.Told.Count >= all.Count(e => e.Event.Kind.Topic is not null), "the hook has been told everything", () => $"{hook.Told.Count} ids told");
            var journal = JournalBytes(manifest.StateDirectory);
            Stop(director);
            told.Wait();
            Report(samples, load, told, hook, journal);
            EverythingWasDone(load, time);
            EveryChangeWasToldOnce(manifest, told, hook, load, programTold);
            Assert.InRange(journal, 1, Core.Cluster.DaemonSpec.DefaultJournalSize);
            NothingGrew(samples);
        }
        catch
        {
            log.WriteLine($"the director's warnings:\n{string.Join('\n', File.ReadLines(Path.Combine(_folder, "log")).Where(l => l.Contains(" warning: ", StringComparison.Ordinal) && !l.Contains(" is down ", StringComparison.Ordinal) || l.StartsWith("  ", StringComparison.Ordinal)).TakeLast(4000))}");
            log.WriteLine($"the director's last words:\n{string.Join('\n', File.ReadLines(Path.Combine(_folder, "log")).TakeLast(30))}");
            throw;
        }
        finally
        {
            if (!director.HasExited)
            {
                director.Kill();
                director.WaitForExit();
            }
        }
    }

    List<Footprint> Watch(Process director, TimeSpan time, long began, ToldEvents told, HookReceiver hook, SoakLoad load)
    {
        var samples = new List<Footprint>();
        var pause = TimeSpan.FromSeconds(IsLong ? 10 : 1);
        log.WriteLine($"{Footprint.Heading}   events     told  failures");
        while (Stopwatch.GetElapsedTime(began) < time)
        {
            Thread.Sleep(pause);
            var sample = Footprint.Of(director.Id, Stopwatch.GetElapsedTime(began));
            samples.Add(sample);
            if (IsLong || samples.Count % 5 == 0) log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sample} {told.Entries.Count,8} {hook.Told.Count,8} {load.Done.GetValueOrDefault("server failures"),9}"));
        }
        return samples;
    }

    void Report(List<Footprint> samples, SoakLoad load, ToldEvents told, HookReceiver hook, long journal)
    {
        var took = samples[^1].At - samples[0].At;
        log.WriteLine($"done: {string.Join(", ", load.Done.OrderBy(d => d.Key).Select(d => $"{d.Value} {d.Key}"))}");
        log.WriteLine($"events: {string.Join(", ", told.Entries.GroupBy(e => e.Event.Kind.Id).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key}"))}");
        log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"CPU {(samples[^1].Cpu - samples[0].Cpu) / took:F2} of a core; {hook.Told.Count} notifications, {hook.PutOff} of them at the second try; journal {journal / 1024.0 / 1024:F1} MiB; longest turn {load.LongestTurn:F3} s; longest repair after ipvsadm -C {load.LongestRepair.TotalSeconds:F1} s; the machine's load: {File.ReadAllText("/proc/loadavg").Trim()}"));
    }

    void EverythingWasDone(SoakLoad load, TimeSpan time)
    {
        Assert.InRange(load.Done.GetValueOrDefault("answers put off"), 0, 5 + load.Done.GetValueOrDefault("scrapes") / 100);
        // A short piece of a day may have less of one thing and more of another.
        var part = IsLong ? time / s_day24 : 0;
        Assert.All(s_day, thing => Assert.True(load.Done.GetValueOrDefault(thing.What) >= Math.Max(1, thing.PerDay * part), $"{load.Done.GetValueOrDefault(thing.What)} {thing.What} in {time.TotalSeconds:F0} s are fewer than {thing.PerDay} a day"));
    }

    static void EveryChangeWasToldOnce(SoakManifest manifest, ToldEvents told, HookReceiver hook, SoakLoad load, string programTold)
    {
        Assert.Empty(told.Oddities);
        // What followers were told is all there was, and what is left on disk is the end of it.
        var all = told.Entries;
        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(e => e.Id));
        using var reader = new JournalReader(EventJournal.In(manifest.StateDirectory), 0);
        var disk = new List<JournalEntry>();
        while (reader.TryRead(out var entry)) disk.Add(entry);
        Assert.True(disk.Count > 0 && disk[0].Id <= all.Count, "the journal is empty");
        Assert.All(disk.Where(d => d.Id <= all.Count), d => Assert.Equal((all[(int)d.Id - 1].Event.Kind, all[(int)d.Id - 1].Event.Text), (d.Event.Kind, d.Event.Text)));
        List<JournalEntry> ever = [.. all, .. disk.Where(d => d.Id > all.Count)];

        Assert.Equal(ever.Where(e => e.Event.Kind.Topic is not null).Select(e => e.Id), hook.Told);
        Assert.Equal(ever.Where(e => e.Event.Kind.Topic is Core.Cluster.NotifyEvent.Service or Core.Cluster.NotifyEvent.Config).Select(e => $"{e.Id}"), File.ReadLines(programTold));
        // As often as a rack failed; nobody else was called dead.
        var racked = manifest.Racks.SelectMany(r => r).ToHashSet();
        var downs = ever.Where(e => e.Event.Kind.Id == "server.down").ToList();
        Assert.Empty(downs.Where(d => !racked.Contains((d.Event.Service!, d.Event.Server!))).Select(d => d.Event.Text));
        Assert.Equal(load.Done["server failures"], downs.Count);
    }

    void NothingGrew(List<Footprint> samples)
    {
        // By then it has met with everything once.
        var warm = samples.Skip(samples.Count / 5).ToList();
        foreach (var (what, trend, slack) in (ReadOnlySpan<(string, Trend, double)>)
        [
            // A short run is half a warm-up.
            ("RSS, MiB", Trend.Of(warm.Select(s => s.Resident)), IsLong ? 1 : 10),
            ("RSS of it anonymous, MiB", Trend.Of(warm.Select(s => s.Anonymous)), IsLong ? 1 : 10),
        ])
        {
            log.WriteLine($"{what}: {trend}");
            Assert.True(trend.Last <= trend.Second * 1.05 + slack, $"{what} grows: {trend}");
        }
        // A probe holds a descriptor while its server is silent, and a caller while he asks.
        foreach (var (what, figures, more) in (ReadOnlySpan<(string, IReadOnlyList<double>, double)>)
        [
            ("descriptors", [.. warm.Select(s => (double)s.Descriptors)], 150),
            ("threads", [.. warm.Select(s => (double)s.Threads)], 10),
        ])
        {
            var trend = Trend.Of(figures);
            log.WriteLine($"{what}: {trend}");
            Assert.True(trend.Last <= trend.Second * 1.05 + 5 && trend.Highest <= Trend.Median(figures) + more, $"{what} grow: {trend}");
        }
    }

    string MakeProgram(string program)
    {
        // The program runs as nobody.
        var place = Path.Combine(_folder, "nobody's");
        Command.MustRun("chmod", "755", _folder);
        Command.MustRun("mkdir", "-m", "777", place);
        var file = Path.Combine(place, "told");
        File.WriteAllText(program, $"#!/bin/sh\necho \"$LVSCTL_ID\" >>\"{file}\"\n");
        Command.MustRun("chmod", "755", program);
        return file;
    }

    static ControlClient Connect(string socket)
    {
        ControlClient? client = null;
        Eventually(() => (client = ControlClient.TryConnect(socket)) is not null, "somebody is at the control socket");
        return client!;
    }

    static HashSet<string> Table(IpvsClient kernel) => [.. from p in kernel.ReadTable() from s in p.Servers select $"{p.Service.Service.Key.Address}:{p.Service.Service.Key.Port} {s.Server.Key} {s.Server.Weight}"];

    static long JournalBytes(string stateDirectory) => new DirectoryInfo(EventJournal.In(stateDirectory)).EnumerateFiles().Sum(f => f.Length);

    static string Some(IEnumerable<string> entries) => entries.ToList() is var all && all.Count > 10 ? $"{string.Join(", ", all.Take(10))} and {all.Count - 10} more" : string.Join(", ", all);

    static void Eventually(Func<bool> condition, string what, Func<string>? seen = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > s_patience) throw new InvalidOperationException($"waited in vain until {what}: {seen?.Invoke()}");
            Thread.Sleep(200);
        }
    }

    static void Stop(Process director)
    {
        Command.MustRun("kill", "-TERM", $"{director.Id}");
        Assert.True(director.WaitForExit(s_patience), "it does not end");
        Assert.Equal(0, director.ExitCode);
    }
}
