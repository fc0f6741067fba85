using System.Text;

namespace Lvsctl.Manifests.Tests;

/// <summary>Every manifest that the repository shows to people, wherever it stands.</summary>
public class ExampleTests
{
    public static TheoryData<string> Examples => [.. Repository.Files(".yaml", ".yml").Where(f => f.StartsWith("examples/", StringComparison.Ordinal) && !IsPrometheus(f))];

    // Prometheus' own configuration and rules.
    static bool IsPrometheus(string file) => file.StartsWith("examples/monitoring/", StringComparison.Ordinal) && file.EndsWith(".yml", StringComparison.Ordinal);

    public static TheoryData<string> Blocks => [.. Repository.Files(".md").SelectMany(f => YamlBlocks(f).Select(b => $"{f}:{b.Line}"))];

    [Theory, MemberData(nameof(Examples))]
    public void An_example_is_valid_without_a_warning_and_says_what_it_is(string file)
    {
        var path = Path.Combine(Repository.Root, file);
        var result = ManifestReader.Read([path]);

        Assert.Empty(result.Diagnostics);
        Assert.NotNull(result.Cluster);
        Assert.StartsWith("# ", File.ReadLines(path).First());
    }

    [Theory, MemberData(nameof(Blocks))]
    public void A_block_of_YAML_in_a_text_is_valid_without_a_warning(string place)
    {
        var colon = place.LastIndexOf(':');
        var block = YamlBlocks(place[..colon]).Single(b => b.Line == int.Parse(place[(colon + 1)..]));

        Assert.Empty(ManifestReader.Read(ManifestSource.Of(place, block.Text)).Diagnostics);
    }

    [Fact]
    public void There_are_examples_and_the_front_page_has_one()
    {
        Assert.True(Examples.Count >= 6);
        Assert.Contains(Blocks, b => b.Data.StartsWith("README.md:", StringComparison.Ordinal));
    }

    static IEnumerable<(int Line, string Text)> YamlBlocks(string file)
    {
        StringBuilder? block = null;
        var (line, start) = (0, 0);
        foreach (var text in File.ReadLines(Path.Combine(Repository.Root, file)))
        {
            line++;
            if (block is null)
            {
                if (text.TrimStart() is "```yaml" or "```yml") (block, start) = (new(), line + 1);
            }
            else if (text.TrimStart() == "```")
            {
                yield return (start, block.ToString());
                block = null;
            }
            else
            {
                block.AppendLine(text);
            }
        }
    }
}
