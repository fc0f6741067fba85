using System.Text.Json.Nodes;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <summary>Text of a certain form.</summary>
/// <param name="check">What is wrong with a text, or null.</param>
/// <param name="mayHoldSecret">Whether a wrong text may be one that nobody should see.</param>
sealed class TextShape(string type, Func<string, string?> check, int longest = 4096, string? pattern = null, bool mayHoldSecret = false) : ScalarShape<string>
{
    public override string Type => type;

    protected override Problem? Parse(string text, out string value)
    {
        value = text;
        if (text.Length > longest) return new(Code.OutOfRange, $"longer than {longest} characters");
        return check(text) is { } problem ? new(Code.Malformed, $"{type} is wanted here{(mayHoldSecret ? "" : $", not {Quote(text)}")}: {problem}") : null;
    }

    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        // A number or a flag is text too where text is wanted, but an editor's YAML parser makes something else of it.
        var schema = new JsonObject { ["type"] = SchemaDefinitions.Array(["string", "number", "boolean"]) };
        if (pattern is not null) schema["pattern"] = JsonValue.Create(pattern);
        return schema;
    }
}

/// <summary>One of a few words, each of which means a value.</summary>
sealed class ChoiceShape<T>(params (string Word, T Value)[] words) : ScalarShape<T> where T : notnull
{
    public override string Type => string.Join(" | ", words.Select(w => w.Word));

    public override string Show(T value) => words.First(w => w.Value.Equals(value)).Word;

    protected override Problem? Parse(string text, out T? value)
    {
        foreach (var (word, means) in words)
        {
            if (word != text) continue;
            value = means;
            return null;
        }
        value = default;
        return new(Code.UnknownWord, $"{Quote(text)} is none of {string.Join(", ", words.Select(w => w.Word))}{Wording.DidYouMean(text, words.Select(w => w.Word))}");
    }

    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        var schema = new JsonObject();
        var values = new JsonArray();
        foreach (var (word, _) in words)
        {
            values.Add((JsonNode)JsonValue.Create(word));
            // true, false and numbers are words here, and something else to an editor's parser.
            if (word is "true" or "false") values.Add((JsonNode)JsonValue.Create(word == "true"));
            if (int.TryParse(word, out var number)) values.Add((JsonNode)JsonValue.Create(number));
        }
        schema["enum"] = values;
        return schema;
    }
}
