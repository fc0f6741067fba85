using System.Diagnostics;
using System.Text;

namespace Lvsctl.Manifests.Tests;

/// <summary>Examples with something changed: read or refused, never a crash, never a hang. LVSCTL_FUZZ_COUNT and LVSCTL_SEED choose how many and which.</summary>
public class FuzzTests
{
    static readonly string[] Splinters =
    [
        "{", "}", "[", "]", ": ", "- ", "\n", "  ", "\t", "'", "\"", "|", ">", "&a ", "*a", "<<: ", "!!x ", "# ", "? ", "---\n", "...\n", "%", "@", "`", "\0", "\u00e9", "\ud83d\ude00",
        "null", "~", "0", "-1", "99999999999999999999", "1e9", "0x10", "5s", "100%", "10.0.0.[1-9999]", "tcp 10.0.0.1:80", "fwmark 1", "services:", "checks:", "all: [ web ]", ",",
    ];

    [Fact]
    public void Changed_examples_are_read_or_refused_but_never_crash_or_hang()
    {
        var count = Number("LVSCTL_FUZZ_COUNT", 5_000);
        var seed = Number("LVSCTL_SEED", 20261122);
        var examples = Repository.Files(".yaml").Where(f => f.StartsWith("examples/manifests/", StringComparison.Ordinal) || f.StartsWith("tests/Manifests/invalid/", StringComparison.Ordinal))
            .Select(f => File.ReadAllBytes(Path.Combine(Repository.Root, f))).ToList();
        Assert.True(examples.Count > 15);

        for (var i = 0; i < count; i++)
        {
            var random = new Random(unchecked(seed * 1_000_003 + i));
            var bytes = examples[random.Next(examples.Count)].ToList();
            for (var changes = random.Next(1, 8); changes > 0; changes--) Change(bytes, random);
            var input = bytes.ToArray();
            var watch = Stopwatch.StartNew();
            try
            {
                var result = ManifestReader.Read(new ManifestSource("fuzz.yaml", input));
                Assert.True(result.Cluster is not null || result.Errors.Any());
                if (result.Cluster is not null) Core.Cluster.DesiredTableBuilder.Build(result.Cluster);
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
            }
            catch (Exception e)
            {
                var kept = Path.Combine(Path.GetTempPath(), $"lvsctl-fuzz-{seed}-{i}.yaml");
                File.WriteAllBytes(kept, input);
                Assert.Fail($"LVSCTL_SEED={seed}, input {i}, kept as {kept}: {e}");
            }
        }
    }

    static void Change(List<byte> bytes, Random random)
    {
        if (bytes.Count == 0) bytes.Add((byte)random.Next(256));
        var at = random.Next(bytes.Count);
        var length = Math.Min(random.Next(1, 60), bytes.Count - at);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(Splinters[random.Next(Splinters.Length)]));
                break;
        }
    }

    static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : otherwise;
}
