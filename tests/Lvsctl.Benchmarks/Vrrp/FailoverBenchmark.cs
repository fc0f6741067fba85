using System.Diagnostics;
using System.Globalization;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Benchmarks.Vrrp;

/// <summary>
/// How long the clients of a shared address wait when its master dies, is stopped or hands over: lvsctl and keepalived by turns in one run,
/// each in networks of its own on this host. Trial for trial both are hit at the same moment between two adverts.
/// </summary>
static class FailoverBenchmark
{
    const int Usual = 20;

    // With whole seconds most of it is waiting, so several networks wait at once.
    const int Abreast = 4;
    const int Attempts = 3;

    // Milliseconds.
    static readonly int[] s_intervals = [1000, 100, 10];

    // What the client does not see: the time between two questions, and the processor's other business.
    const double Grain = 1;
    const double Overtime = 15;
    const double InOrder = 10;

    /// <param name="how">Trials of each kind, interval and program; then the intervals in milliseconds. None: as it was promised.</param>
    public static void Run(string lvsctl, string keepalived, int[] how)
    {
        TimeSpan[] intervals = [.. (how.Length > 1 ? how[1..] : s_intervals).Select(i => TimeSpan.FromMilliseconds(i))];
        var folder = Directory.CreateTempSubdirectory("lvsctl-failover-").FullName;
        var results = new List<Result>();
        try
        {
            foreach (var interval in intervals)
            {
                var abreast = interval >= TimeSpan.FromSeconds(1) ? Abreast : 1;
                // The same for both.
                var phases = Phases(how.FirstOrDefault(Usual));
                using var ours = new Team("lvsctl", folder, abreast, interval, (host, at, name) => new LvsctlSpeaker(lvsctl, host, at, name, interval));
                using var theirs = new Team("keepalived", folder, abreast, interval, (host, at, name) => new KeepalivedSpeaker(keepalived, host, at, name, interval));
                foreach (var kind in Enum.GetValues<Failure>())
                {
                    Team[] teams = kind == Failure.HandedOver ? [ours] : [theirs, ours];
                    var gaps = abreast > 1 ? Together(teams, kind, interval, phases) : ByTurns(teams, kind, interval, phases);
                    foreach (var (team, found) in teams.Zip(gaps)) results.Add(new(interval, kind, team.Name, found));
                    Console.WriteLine($"adverts every {interval.TotalMilliseconds} ms, {Words(kind)}: {phases.Length} trials each");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        Report(results, intervals);
    }

    enum Failure
    {
        Dead,
        Stopped,
        HandedOver,
    }

    static string Words(Failure kind) => kind switch
    {
        Failure.Dead => "machine dead",
        Failure.Stopped => "stopped (SIGTERM)",
        _ => "lvsctl vrrp failover",
    };

    // Spread over the whole interval, in no order; not so close to an advert that it is chance which one was the last.
    static double[] Phases(int trials)
    {
        var phases = Enumerable.Range(0, trials).Select(i => 0.03 + 0.94 * (i + 0.5) / trials).ToArray();
        new Random(1).Shuffle(phases);
        return phases;
    }

    /// <param name="Over">Milliseconds from the moment at which the backup's patience ended by the standard until the client was answered; null: of no meaning.</param>
    readonly record struct Trial(double Gap, double? Over);

    static Trial[][] ByTurns(Team[] teams, Failure kind, TimeSpan interval, double[] phases)
    {
        var found = teams.Select(_ => new Trial[phases.Length]).ToArray();
        for (var i = 0; i < phases.Length; i++)
        {
            for (var t = 0; t < teams.Length; t++) found[t][i] = teams[t].Segments[0].Try(kind, interval, phases[i]);
        }
        return found;
    }

    static Trial[][] Together(Team[] teams, Failure kind, TimeSpan interval, double[] phases)
    {
        var found = teams.Select(_ => new Trial[phases.Length]).ToArray();
        var threads = teams.SelectMany((team, t) => team.Segments.Select((segment, s) => Task.Factory.StartNew(() =>
        {
            for (var i = s; i < phases.Length; i += Abreast) found[t][i] = segment.Try(kind, interval, phases[i]);
        }, TaskCreationOptions.LongRunning))).ToArray();
        Task.WhenAll(threads).GetAwaiter().GetResult();
        return found;
    }

    static Trial Try(this Segment segment, Failure kind, TimeSpan interval, double phase)
    {
        for (var attempt = 1; ; attempt++)
        {
            // Somebody else was master already when the machine died: that is no failover.
            if (segment.TryOnce(kind, interval, phase) is var trial && (kind != Failure.Dead || trial.Gap > 0)) return trial;
            if (attempt == Attempts) throw new InvalidOperationException($"{Attempts} machines died, and no client missed them\n{segment.Logs}");
        }
    }

    static Trial TryOnce(this Segment segment, Failure kind, TimeSpan interval, double phase)
    {
        var down = VrrpTimers.MasterDown(3, 100, interval);
        var patience = down + TimeSpan.FromSeconds(5);
        var master = segment.Calm(interval);
        var heir = Segment.Other(master);
        var speaker = segment[master];
        segment.Echo.Begin();
        Thread.Sleep(30);
        var began = Stopwatch.GetTimestamp();
        Beat.Until(Beat.After(segment.Watch.WaitFor(master, began, patience), interval * phase));
        var struck = Stopwatch.GetTimestamp();
        switch (kind)
        {
            case Failure.Dead:
                segment.Unplug(master, isOut: true);
                break;
            case Failure.Stopped:
                speaker.Terminate();
                break;
            default:
                ((LvsctlSpeaker)speaker).HandOver();
                break;
        }
        segment.Watch.WaitFor(heir, struck, patience);
        // So that a client that loses its master once more loses it in this measurement.
        Thread.Sleep(60);
        var gap = segment.Echo.End();
        var due = Beat.After(segment.Watch.LastOf(master), down);
        switch (kind)
        {
            case Failure.Dead:
                segment.Unplug(master, isOut: false);
                break;
            case Failure.Stopped:
                speaker.WaitForEnd();
                speaker.Start();
                break;
        }
        Thread.Sleep(Segment.Settled(interval));
        return new(gap.Milliseconds, kind == Failure.Dead ? Beat.Milliseconds(due, gap.To) : null);
    }

    sealed record Result(TimeSpan Interval, Failure Kind, string Program, Trial[] Trials)
    {
        public double Median => Middle(Trials.Select(t => t.Gap));

        public double Max => Trials.Max(t => t.Gap);

        public double Latest => Trials.Max(t => t.Over ?? 0);

        public override string ToString()
        {
            var over = Trials[0].Over is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{Middle(Trials.Select(t => t.Over!.Value)),9:F1} {Latest,9:F1}");
            return string.Create(CultureInfo.InvariantCulture, $"  {Interval.TotalMilliseconds,6} ms  {Words(Kind),-21} {Program,-11} {Median,9:F1} {Max,9:F1} {over}").TrimEnd();
        }

        static double Middle(IEnumerable<double> values)
        {
            var sorted = values.Order().ToArray();
            return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
        }
    }

    static void Report(List<Result> results, TimeSpan[] intervals)
    {
        Console.WriteLine($"\nThe client's gap in ms, of {results[0].Trials.Length} trials (0: every question was answered); 'late' is how long after the standard's master-down time, counted from the last advert, it was answered again");
        Console.WriteLine($"  {"adverts",-10} {"",-21} {"",-11} {"median",9} {"longest",9} {"late",9} {"latest",9}");
        foreach (var result in results) Console.WriteLine(result);
        Console.WriteLine();
        foreach (var interval in intervals)
        {
            var what = $"adverts every {interval.TotalMilliseconds} ms";
            foreach (var kind in (Failure[])[Failure.Dead, Failure.Stopped]) Target.AtMost(Of(kind, "keepalived").Median + Grain, Of(kind, "lvsctl").Median, $"{what}, {Words(kind)}: gap, keepalived's and the client's grain", " ms");
            Target.AtMost(Overtime, Of(Failure.Dead, "lvsctl").Latest, $"{what}, {Words(Failure.Dead)}: answered again after the master-down time", " ms");
            foreach (var kind in (Failure[])[Failure.Stopped, Failure.HandedOver]) Target.AtMost(InOrder, Of(kind, "lvsctl").Max, $"{what}, {Words(kind)}: longest gap", " ms");

            Result Of(Failure kind, string program) => results.Single(r => r.Interval == interval && r.Kind == kind && r.Program == program);
        }
    }

    /// <summary>One program's networks.</summary>
    sealed class Team : IDisposable
    {
        readonly List<Segment> _segments = [];

        public Team(string name, string folder, int count, TimeSpan interval, SpeakerMaker make)
        {
            Name = name;
            try
            {
                for (var i = 0; i < count; i++) _segments.Add(new(folder, $"{name}-{interval.TotalMilliseconds}-{i}", make, TimeSpan.FromMilliseconds(count > 1 ? 1 : 0.5)));
                Task.WhenAll(_segments.Select(s => Task.Run(() => s.Start(interval)))).GetAwaiter().GetResult();
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public string Name { get; }

        public List<Segment> Segments => _segments;

        public void Dispose()
        {
            foreach (var segment in _segments) segment.Dispose();
        }
    }
}
