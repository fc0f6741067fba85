using System.Globalization;
using System.Text;
using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Ipvsadm;

/// <summary>
/// Command lines of the scenarios, mutated: no crash, no hang, no growing memory. scripts/fuzz makes it a million; LVSCTL_SEED repeats a run.
/// </summary>
public class CommandLineFuzzTests(ITestOutputHelper log)
{
    // A table that grew with every accepted line would make this quadratic.
    const int LinesPerTable = 500;

    static readonly List<string[]> Lines =
    [
        .. CommandScenario.Names("ipvsadm").SelectMany(n => CommandScenario.Load("ipvsadm", n).Steps).Where(s => s.Words[0] != "sleep").Select(s => s.Words.ToArray()),
    ];

    [Fact]
    public void Mutated_command_lines_are_answered_one_way_or_the_other()
    {
        var (random, count) = Begin();
        var codes = new Dictionary<int, int>();
        var bench = new IpvsadmBench();
        long before = 0;
        for (var i = 0; i < count; i++)
        {
            if (i % LinesPerTable == 0) bench = new IpvsadmBench();
            if (i == count / 10) before = GC.GetTotalMemory(forceFullCollection: true);
            var words = Mutate(random);
            var result = bench.RunWords(words, random.Next(10) == 0 ? Input(random) : "");

            Assert.True(result.ExitCode is 0 or 1 or 2 or 255, Text(words));
            Assert.True(result.ExitCode == 0 || result.Errors.Length != 0 || words[0] == "ipvsadm-restore" || words.Contains("-R"), Text(words));
            codes[result.ExitCode] = codes.GetValueOrDefault(result.ExitCode) + 1;
        }
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 16 << 20, $"{grown} bytes more after {count} lines than after a tenth of them");
        log.WriteLine(string.Join(", ", codes.OrderBy(c => c.Key).Select(c => $"{c.Value} with exit code {c.Key}")));
    }

    [Fact]
    public void The_parser_takes_any_words()
    {
        var (random, count) = Begin();
        var names = new FixedNames();
        for (var i = 0; i < count; i++)
        {
            var words = Mutate(random).Skip(1).Select(w => random.Next(3) == 0 ? Noise(random) : w).ToArray();
            var (command, error) = CommandLine.Parse(words, "ipvsadm", names);
            Assert.True(command is null != error is null, Text(words));
        }
    }

    (Random Random, int Count) Begin()
    {
        var seed = Setting("LVSCTL_SEED", 20261122);
        var count = Setting("LVSCTL_FUZZ_COUNT", 20_000);
        log.WriteLine($"seed {seed}, {count} lines");
        return (new Random(seed), count);
    }

    static string[] Mutate(Random random)
    {
        List<string> words = [.. Pick(random, Lines)];
        for (var times = random.Next(4); times > 0; times--)
        {
            var at = random.Next(1, words.Count + 1);
            var other = Pick(random, Lines);
            switch (random.Next(6))
            {
                case 0 when at < words.Count: words.RemoveAt(at); break;
                case 1: words.Insert(at, Pick(random, other)); break;
                case 2: words.AddRange(other.Skip(random.Next(1, other.Length + 1))); break;
                case 3 when at < words.Count: words[at] = MutateWord(random, words[at]); break;
                case 4 when at < words.Count: words[at] = Pick(random, other); break;
                case 5: words.Insert(at, Noise(random)); break;
            }
        }
        return [.. words];
    }

    static string MutateWord(Random random, string word)
    {
        var text = new StringBuilder(word);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(text.Length + 1);
            if (at < text.Length && random.Next(2) == 0) text.Remove(at, 1);
            else text.Insert(at, Character(random));
        }
        return random.Next(50) == 0 ? string.Concat(Enumerable.Repeat(text.ToString(), 200)) : text.ToString();
    }

    static string Noise(Random random)
    {
        var text = new StringBuilder(random.Next(2) == 0 ? "-" : "");
        for (var length = random.Next(12); length > 0; length--) text.Append(Character(random));
        return text.ToString();
    }

    static string Input(Random random)
    {
        var text = new StringBuilder();
        for (var lines = random.Next(20); lines > 0; lines--) text.Append(string.Join(' ', Mutate(random))).Append(random.Next(9) == 0 ? "\r\n" : "\n");
        return text.ToString();
    }

    static char Character(Random random) => random.Next(12) switch
    {
        0 => (char)random.Next(1, 32),
        1 => (char)random.Next(0x80, 0xd800),
        < 5 => "-=:[].,/#'\"%"[random.Next(12)],
        < 9 => (char)random.Next('0', '9' + 1),
        _ => (char)random.Next('A', 'z' + 1),
    };

    static T Pick<T>(Random random, IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    static string Text(IEnumerable<string> words) => string.Join(' ', words.Select(w => $"'{w}'"));

    static int Setting(string name, int byDefault) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : byDefault;
}
