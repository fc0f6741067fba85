namespace Lvsctl.Benchmarks;

/// <summary>Runs of the same thing. The median is reported: on a shared machine the mean tells of the neighbours.</summary>
sealed class Sample(string name)
{
    readonly List<Run> _runs = [];

    public string Name => name;

    public void Add(Run run) => _runs.Add(run);

    public double Milliseconds => Median(_runs.Select(r => r.Time.TotalMilliseconds));

    public double PeakMiB => _runs.Max(r => r.PeakKiB) / 1024.0;

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
