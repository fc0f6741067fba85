using Lvsctl.Manifests.Cluster;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Tests;

/// <summary>The description of the format and the reader are one: neither knows a key that the other does not.</summary>
public class FormatTests
{
    static readonly List<IBlock> Blocks = [.. Reachable(RootFormat.Instance).OfType<IBlock>()];

    public static TheoryData<string> Keys => [.. Blocks.SelectMany(b => b.Keys.Select(k => $"{b.Title}: {k.Name}")).Distinct()];

    [Fact]
    public void The_reader_asks_for_exactly_the_keys_that_are_described()
    {
        var asked = new HashSet<Key>();
        foreach (var example in Repository.Files(".yaml").Where(f => f.StartsWith("examples/manifests/", StringComparison.Ordinal)))
        {
            var source = new ManifestSource(example, File.ReadAllBytes(Path.Combine(Repository.Root, example)));
            ManifestReader.Read([source], new ReadContext(new Report()) { Asked = asked });
        }

        var described = Blocks.SelectMany(b => b.Keys).ToHashSet();
        Assert.Empty(described.Except(asked).Select(k => k.Name));
        Assert.Empty(asked.Except(described).Select(k => k.Name));
        Assert.True(described.Count > 150, described.Count.ToString());
    }

    [Fact]
    public void Every_key_that_is_described_is_used_by_an_example()
    {
        var written = new HashSet<Key>();
        foreach (var example in Repository.Files(".yaml").Where(f => f.StartsWith("examples/manifests/", StringComparison.Ordinal)))
        {
            var root = SourceText.Parse(new(example, File.ReadAllBytes(Path.Combine(Repository.Root, example))), new Report(), new StringCache());
            Collect(RootFormat.Instance, root!, written);
        }

        // Of the kernel's settings a few stand for all; an example of a scheduler that nobody knows would yield a warning.
        var missing = Blocks.Where(b => b is not SettingsFormat)
            .SelectMany(b => b.Keys.Where(k => !written.Contains(k) && k != SchedulerOptions.Flags).Select(k => $"{b.Title}: {k.Name}"));
        Assert.Empty(missing);
    }

    [Theory, MemberData(nameof(Keys))]
    public void Every_key_explains_itself_and_its_example_and_default_can_be_read(string name)
    {
        var key = Blocks.SelectMany(b => b.Keys.Select(k => (Name: $"{b.Title}: {k.Name}", Key: k))).First(k => k.Name == name).Key;

        Assert.True(key.Meaning.EndsWith('.') || key.Meaning.EndsWith('…'), key.Meaning);
        Assert.NotEqual("", key.Shape.Type);
        if (key.Example is { } example)
        {
            Assert.StartsWith(key.Name + ":", example);
            Assert.Empty(Complaints(key, example));
        }
        if (key is { Default: { } value, DefaultNote: null }) Assert.Empty(Complaints(key, $"{key.Name}: {(value.Contains('[') ? $"\"{value}\"" : value)}"));
    }

    [Fact]
    public void Blocks_have_names_and_keys_of_their_own()
    {
        Assert.All(Blocks, b => Assert.NotEmpty(b.Keys));
        Assert.All(Blocks, b => Assert.Equal(b.Keys.Count, b.Keys.Select(k => k.Name).Distinct().Count()));
        Assert.All(Blocks.SelectMany(b => b.Keys), k => Assert.Matches("^[a-z0-9][a-z0-9-]*$", k.Name));
    }

    static IEnumerable<string> Complaints(Key key, string yaml)
    {
        var report = new Report();
        var map = (MapNode)SourceText.Parse(ManifestSource.Of("example", yaml), report, new StringCache())!;
        var block = Blocks.First(b => b.Keys.Contains(key));
        key.Try(new MapCursor(map, block, null, new ReadContext(report) { IsComplete = false }));
        return report.ToDiagnostics().Select(d => d.ToString());
    }

    /// <summary>All shapes below one, each block once.</summary>
    static IEnumerable<Shape> Reachable(Shape root)
    {
        var seen = new HashSet<string>();
        var waiting = new Stack<Shape>([root]);
        while (waiting.TryPop(out var shape))
        {
            if (shape is IBlock block && !seen.Add(block.Title)) continue;
            yield return shape;
            foreach (var part in shape is IBlock b ? b.Keys.Select(k => k.Shape) : shape.Parts) waiting.Push(part);
        }
    }

    static void Collect(Shape shape, Node node, HashSet<Key> written)
    {
        if (shape is IBlock block)
        {
            foreach (var entry in node is MapNode map ? map.Entries : [])
            {
                if (block.Find(entry.Key) is not { } key) continue;
                written.Add(key);
                Collect(key.Shape, entry.Value, written);
            }
            return;
        }
        foreach (var part in shape.Parts)
        {
            var below = shape.PathStep is null ? [node] : node switch
            {
                MapNode map when shape.PathStep == ".NAME" => map.Entries.Select(e => e.Value),
                ListNode list => list.Items,
                _ => [node],
            };
            foreach (var one in below) Collect(part, one, written);
        }
    }
}
