using Lvsctl.Core.Model;
using Lvsctl.Manifests.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Explain;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests;

/// <summary>The format and its mistakes in words, from the same description that the reader reads by.</summary>
public static class ManifestExplanation
{
    /// <param name="topic">A path of keys, a code as LVS020, <c>codes</c>, or nothing for the whole manifest.</param>
    /// <returns>What is wrong with the topic, or null.</returns>
    public static string? Write(string topic, TextWriter output)
    {
        if (topic == "codes") return WriteCodes(output);
        if (topic.StartsWith("LVS", StringComparison.OrdinalIgnoreCase) && !topic.Contains('.'))
        {
            if (Code.Find(topic) is not { } code) return $"there is no code '{topic}'; 'lvsctl explain codes' lists them";
            Write(code, output);
            return null;
        }

        var path = new KeyPath(KeyPath.Split(topic));
        if (path.Follow(RootFormat.Instance) is not { } found) return path.Problem;
        Write(found, output);
        return null;
    }

    static void Write(Destination found, TextWriter output)
    {
        if (found.Path.Length == 0) output.WriteLine("A manifest is a map with these keys, none of which is required:");
        else output.WriteLine(found.Path);
        output.WriteLine();
        if (found.Key is { } key)
        {
            Paragraphs.Wrap(output, "  ", key.Meaning);
            output.WriteLine();
            Paragraphs.Wrap(output, "  type      ", key.Shape.Type);
            if (key.Required) output.WriteLine("  required");
            if (key.Default is { } value) Paragraphs.Wrap(output, "  default   ", value);
            if (key.Example is { } example) output.WriteLine($"  example   {example}");
        }
        foreach (var block in Blocks(found.Shape))
        {
            if (found.Path.Length > 0)
            {
                if (found.Key is not null) output.WriteLine();
                output.WriteLine($"  Keys of {block.Title}{(block.OneOf.Count > 0 ? $" (exactly one of {string.Join(", ", block.OneOf.Select(k => k.Name))})" : "")}:");
                output.WriteLine();
            }
            WriteKeys(block, output);
        }
    }

    static void WriteKeys(IBlock block, TextWriter output)
    {
        var width = block.Keys.Max(k => k.Name.Length);
        foreach (var key in block.Keys)
        {
            var first = $"  {key.Name.PadRight(width)}  ";
            var note = key.Required ? " (required)" : key.Default is { } value ? $" (default: {value})" : "";
            Paragraphs.Wrap(output, first, key.Meaning + note);
        }
    }

    static IEnumerable<IBlock> Blocks(Shape shape) => shape is IBlock block ? [block] : shape.Parts.SelectMany(Blocks);

    static void Write(Code code, TextWriter output)
    {
        output.WriteLine($"{code.Id} ({(code.Severity == Severity.Error ? "error" : "warning")}): {code.Title}");
        output.WriteLine();
        Paragraphs.Wrap(output, "  ", code.Explanation);
        output.WriteLine();
        WriteExample("  wrong:  ", code.Bad, output);
        WriteExample("  right:  ", code.Good, output);
    }

    static void WriteExample(string first, string text, TextWriter output)
    {
        foreach (var line in text.TrimEnd('\n').Replace("\t", "<tab>").Split('\n'))
        {
            output.WriteLine(first + line);
            first = new(' ', first.Length);
        }
    }

    static string? WriteCodes(TextWriter output)
    {
        foreach (var code in Code.All) output.WriteLine($"{code.Id}  {(code.Severity == Severity.Error ? "error  " : "warning")}  {code.Title}");
        return null;
    }
}
