namespace Lvsctl.Benchmarks;

/// <summary>Runs of the same thing. The median is reported: on a shared machine the mean tells of the neighbours.</summary>
sealed class Sample(string name)
{
    readonly List<Run> _runs = [];

    public string Name => name;

    public void Add(Run run) => _runs.Add(run);

    /// <summary>Runs it and adds it, unless the round is one to warm up, which have negative numbers.</summary>
    public void Measure(int round, Func<Run> run)
    {
        var result = run();
        if (result.ExitCode != 0) throw new InvalidOperationException($"{Name}: exit code {result.ExitCode}");
        if (round >= 0) Add(result);
    }

    public double Milliseconds => Median(_runs.Select(r => r.Time.TotalMilliseconds));

    /// <summary>Largest resident size, of a run that was not timed; 0 where nobody looked.</summary>
    public double PeakMiB { get; set; }

    public override string ToString()
    {
        var times = _runs.Select(r => r.Time.TotalMilliseconds).ToList();
        var memory = PeakMiB > 0 ? $"  peak {PeakMiB,6:F1} MiB" : "";
        return $"  {name,-44} {Milliseconds,9:F1} ms  ({times.Min():F1} .. {times.Max():F1}, {times.Count} runs){memory}";
    }

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
