using System.Globalization;

namespace Lvsctl.Kernel.Tests.Running.Soak;

/// <summary>What a process takes at one moment.</summary>
/// <param name="At">Since the start of the load.</param>
/// <param name="Resident">MiB.</param>
/// <param name="Anonymous">MiB; without the program itself, which is a file.</param>
readonly record struct Footprint(TimeSpan At, double Resident, double Anonymous, int Descriptors, int Threads, TimeSpan Cpu)
{
    /// <summary>USER_HZ (proc_pid_stat(5)).</summary>
    const double TicksPerSecond = 100;

    public static Footprint Of(int process, TimeSpan at)
    {
        var status = File.ReadLines($"/proc/{process}/status").Select(l => l.Split(':', 2)).ToDictionary(l => l[0], l => l[1].Trim());
        // After the name, which may hold anything: the state and then numbers.
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return new(at, MiB(status["VmRSS"]), MiB(status["RssAnon"]), Directory.EnumerateFiles($"/proc/{process}/fd").Count(), int.Parse(status["Threads"], CultureInfo.InvariantCulture), TimeSpan.FromSeconds(ticks / TicksPerSecond));
    }

    static double MiB(string text) => double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture) / 1024;

    public const string Heading = "   time   RSS MiB  of it anon   descriptors  threads   CPU s";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds,5:F0} s {Resident,9:F1} {Anonymous,11:F1} {Descriptors,13} {Threads,8} {Cpu.TotalSeconds,7:F1}");
}

/// <summary>Whether a figure stays as it is, by the medians of the second and the last third: a peak is no growth, and a leak is no peak.</summary>
readonly record struct Trend(double Second, double Last, double Highest)
{
    public static Trend Of(IEnumerable<double> samples)
    {
        var all = samples.ToList();
        var third = all.Count / 3;
        return new(Median(all.GetRange(third, third)), Median(all.GetRange(2 * third, all.Count - 2 * third)), all.Max());
    }

    public static double Median(IReadOnlyList<double> samples) => samples.Order().ElementAt(samples.Count / 2);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Second:F1} -> {Last:F1} (medians of the second and the last third), at most {Highest:F1}");
}
