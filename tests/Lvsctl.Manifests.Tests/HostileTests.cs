using System.Diagnostics;
using System.Text;

namespace Lvsctl.Manifests.Tests;

/// <summary>Whatever the bytes, there is a clear error soon, and memory stays bounded.</summary>
public class HostileTests
{
    public static TheoryData<string> Names => [.. Inputs.Keys];

    static readonly Dictionary<string, Func<byte[]>> Inputs = new()
    {
        ["a megabyte of ["] = () => Repeat("[", 1_000_000),
        ["a megabyte of {"] = () => Repeat("{", 1_000_000),
        ["a megabyte of {a:"] = () => Repeat("{a: ", 250_000),
        ["a megabyte of - "] = () => Repeat("- ", 500_000),
        ["a megabyte of ? "] = () => Repeat("? ", 500_000),
        ["a megabyte of &"] = () => Repeat("&a ", 300_000),
        ["a megabyte of !"] = () => Repeat("! ", 500_000),
        ["a megabyte of one word"] = () => Repeat("a", 1_000_000),
        ["a megabyte of quotes"] = () => Repeat("'", 1_000_001),
        ["a megabyte of %"] = () => Repeat("%", 1_000_000),
        ["a megabyte of colons"] = () => Repeat(": ", 500_000),
        ["a megabyte of indentation"] = () => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1400).Select(i => new string(' ', i) + "a:\n"))),
        ["a megabyte of newlines"] = () => Repeat("\n", 1_000_000),
        ["a megabyte of NULs"] = () => new byte[1_000_000],
        ["a megabyte of 0xFF"] = () => [.. Enumerable.Repeat((byte)0xFF, 1_000_000)],
        ["a truncated UTF-8 sequence"] = () => [.. "cluster: "u8, 0xE2, 0x82],
        ["an overlong UTF-8 sequence"] = () => [.. "cluster: "u8, 0xC0, 0x80],
        ["half a surrogate"] = () => [.. "cluster: "u8, 0xED, 0xA0, 0x80],
        ["a bomb of aliases"] = () => Bomb("[ ", ", ", " ]"),
        ["a bomb of merges"] = () => Bomb("{ <<: [ ", ", ", " ] }"),
        ["many services with all servers of a large range"] = () => Encoding.UTF8.GetBytes("services:\n" + string.Concat(
            Enumerable.Range(0, 20_000).Select(i => $"  s{i}: {{ listen: \"tcp 10.{i >> 8 & 255}.{i & 255}.1:1-1000\", servers: {{ a: {{ addresses: \"10.[0-15].0.[0-255]\" }} }} }}\n"))),
        ["checks that contain each other"] = () => Encoding.UTF8.GetBytes("checks:\n" + string.Concat(
            Enumerable.Range(0, 20_000).Select(i => $"  c{i}: {{ all: [ c{i + 1}, c{i + 2}, c{i + 3} ] }}\n"))),
        ["checks that contain each other, backwards"] = () => Encoding.UTF8.GetBytes("checks:\n  c0: { tcp: {} }\n" + string.Concat(
            Enumerable.Range(1, 20_000).Select(i => $"  c{i}: {{ any: [ c{i - 1}, c{i - 1} ] }}\n"))),
        ["a hundred thousand mistakes"] = () => Encoding.UTF8.GetBytes("services:\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"  s{i}: {{ lisen: 1, srvers: 2 }}\n"))),
        ["a hundred thousand unknown keys"] = () => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"k{i}: 1\n"))),
        ["a hundred thousand times one key"] = () => Repeat("services: {}\n", 100_000),
    };

    [Theory, MemberData(nameof(Names))]
    public void Is_refused_in_time_and_within_bounds(string name)
    {
        var bytes = Inputs[name]();
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var result = ManifestReader.Read(new ManifestSource("hostile.yaml", bytes));

        Assert.NotEmpty(result.Errors);
        Assert.Null(result.Cluster);
        Assert.InRange(result.Diagnostics.Count, 1, 1001);
        Assert.All(result.Diagnostics, d => Assert.InRange(d.Text.Length, 1, 1500));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2L << 30);
    }

    [Fact]
    public void A_file_of_100_MB_is_refused_by_its_size_and_not_read()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("lvsctl").FullName, "huge.yaml");
        using (var file = File.Create(path)) file.SetLength(100_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var result = ManifestReader.Read([path]);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

        Assert.Equal("LVS005", Assert.Single(result.Diagnostics).Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 80_000_000);
    }

    [Fact]
    public void An_endless_file_is_refused_by_its_size() => Assert.Equal("LVS005", ManifestReader.Read(["/dev/zero"]).Diagnostics[0].Code);

    [Fact]
    public void What_is_not_there_cannot_be_read()
    {
        var empty = Directory.CreateTempSubdirectory("lvsctl").FullName;

        foreach (var path in (string[])["/nonexistent/cluster.yaml", "/nonexistent", empty])
        {
            var result = ManifestReader.Read([path]);
            Assert.Equal("LVS001", Assert.Single(result.Diagnostics).Code);
            Assert.True(result.IsUnreadable);
        }
        Directory.Delete(empty);
    }

    static byte[] Repeat(string text, int times) => Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, text, times).ToString());

    static byte[] Bomb(string open, string between, string close)
    {
        var text = new StringBuilder("x-0: &x0 { a: 1, b: 2 }\n");
        for (var i = 1; i < 30; i++) text.Append($"x-{i}: &x{i} {open}{string.Join(between, Enumerable.Repeat($"*x{i - 1}", 10))}{close}\n");
        return Encoding.UTF8.GetBytes(text.Append("services: *x29\n").ToString());
    }
}
