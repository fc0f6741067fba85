using System.Globalization;
using System.Text;

namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>
/// Debian's ipvsadm and lvsctl do the same random things, each to a table of its own, and must say the same. LVSCTL_SEED repeats a run,
/// LVSCTL_PARITY_COUNT makes it longer or shorter.
/// </summary>
public class ParityTests(ITestOutputHelper log)
{
    static readonly string[][] Listings =
    [
        ["ipvsadm", "-Ln"], ["ipvsadm", "-Sn"], ["ipvsadm", "-L", "-n", "--stats"], ["ipvsadm", "-L", "-n", "--rate"], ["ipvsadm", "-Ln", "--thresholds"],
        ["ipvsadm", "-Ln", "--persistent-conn"], ["ipvsadm", "-Ln", "--tun-info"], ["ipvsadm", "-Ln", "--stats", "--exact"], ["ipvsadm", "-Ln", "--nosort"],
        ["ipvsadm", "-Ln", "--rate", "--exact", "--nosort"], ["ipvsadm", "-L", "--timeout"], ["ipvsadm", "-L", "--daemon"], ["ipvsadm", "-Lnc"],
        ["ipvsadm", "-Lnc", "--persistent-conn"], ["ipvsadm-save", "-n"], ["ipvsadm", "-L"], ["ipvsadm", "-S"], ["ipvsadm"], ["ipvsadm-save"],
    ];

    // Those that ask for names take a query per address.
    const int NumericListings = 15;

    [Fact]
    public void Random_commands_have_the_same_effect_and_the_same_answers()
    {
        var seed = Setting("LVSCTL_SEED", 20261122);
        var count = Setting("LVSCTL_PARITY_COUNT", 2000);
        log.WriteLine($"seed {seed}, {count} commands");
        var steps = Steps(new Random(seed), count);

        var folder = Directory.CreateTempSubdirectory("parity-").FullName;
        try
        {
            var lvsctl = Programs.OfLvsctl(folder);
            var (theirs, theirTableByUs) = new ParitySide(Path.Combine(folder, "ipvsadm"), Programs.OfIpvsadm, lvsctl).Run(steps);
            var (ours, ourTableByThem) = new ParitySide(Path.Combine(folder, "lvsctl"), lvsctl, Programs.OfIpvsadm).Run(steps);

            for (var i = 0; i < steps.Count; i++)
            {
                var expected = KnownDifferences.Mend(theirs[i]);
                Compare(seed, steps, i, WithoutOrder(expected), WithoutOrder(ours[i]));
                if (!steps[i].IsCheck) continue;
                Compare(seed, steps, i, expected, theirTableByUs[i]);
                Compare(seed, steps, i, KnownDifferences.Mend(ourTableByThem[i]), ours[i]);
            }
            var codes = string.Join(", ", theirs.CountBy(a => a.ExitCode).OrderBy(c => c.Key).Select(c => $"{c.Value} with exit code {c.Key}"));
            log.WriteLine($"{steps.Count} steps: {codes}; {theirs.Count(ReachedTheKernel)} reached the kernel");
            // A generator of nothing but usage errors would agree with anything.
            Assert.InRange(theirs.Count(ReachedTheKernel), steps.Count / 3, steps.Count);
            Assert.Superset(new HashSet<int> { 0, 2, 255 }, theirs.Select(a => a.ExitCode).ToHashSet());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static readonly string[] KernelRefusals =
    [
        "Service already", "No such service", "Service not", "Destination already", "No such dest", "Scheduler or", "Daemon has", "No daemon", "Invalid operation",
        "Numerical result", "No such device", "Network is",
    ];

    static bool ReachedTheKernel(Answer answer) => answer.ExitCode == 0 || KernelRefusals.Any(r => answer.Error.StartsWith(r, StringComparison.Ordinal));

    static List<ParityStep> Steps(Random random, int count)
    {
        var generator = new CommandGenerator(random);
        var steps = new List<ParityStep>();
        for (var i = 1; i <= count; i++)
        {
            string[] words;
            do words = [.. generator.Next()];
            while (words.Any(KnownDifferences.Crashes));
            steps.Add(new ParityStep(["ipvsadm", .. words]));
            if (i % 25 == 0) steps.Add(new ParityStep(Listings[random.Next(i % 200 == 0 ? Listings.Length : NumericListings)]) { IsCheck = true });
            if (i % 60 == 0) steps.Add(RestoreStep(generator, random));
        }
        steps.AddRange(Listings.Select(listing => new ParityStep(listing) { IsCheck = true }));
        return steps;
    }

    static ParityStep RestoreStep(CommandGenerator generator, Random random)
    {
        var input = new StringBuilder();
        for (var lines = random.Next(1, 40); lines > 0; lines--)
        {
            var line = generator.NextRestoreLine();
            if (!line.Split(' ').Any(KnownDifferences.Crashes)) input.Append(line).Append('\n');
        }
        return random.Next(5) == 0 ? new ParityStep(["ipvsadm-restore"], input.ToString()) : new ParityStep(["ipvsadm", "-R"], input.ToString());
    }

    static Answer WithoutOrder(Answer answer) => answer with { Output = KnownDifferences.WithoutOrder(answer.Output) };

    static void Compare(int seed, List<ParityStep> steps, int at, Answer expected, Answer actual)
    {
        if (expected == actual) return;
        var history = string.Join('\n', steps.Take(at).TakeLast(12));
        Assert.Fail($"seed {seed}, step {at}: {steps[at]}\n--- ipvsadm: {expected}--- lvsctl: {actual}--- after:\n{history}");
    }

    static int Setting(string name, int byDefault) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : byDefault;
}
