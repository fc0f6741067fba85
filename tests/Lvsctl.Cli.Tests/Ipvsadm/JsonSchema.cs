using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lvsctl.Cli.Tests.Ipvsadm;

/// <summary>As much of JSON Schema as listing.schema.json uses; a keyword it does not know fails, so that none is thought to be checked.</summary>
sealed class JsonSchema(JsonObject root)
{
    public static JsonSchema Load(string path) => new(JsonNode.Parse(File.ReadAllText(path))!.AsObject());

    /// <summary>What is wrong, or null.</summary>
    public string? Check(JsonNode? document) => Check(root, document, "$");

    string? Check(JsonObject schema, JsonNode? value, string path)
    {
        foreach (var (keyword, rule) in schema)
        {
            var problem = keyword switch
            {
                "$schema" or "$defs" or "title" or "description" => null,
                "$ref" => Check(Definition(rule!.GetValue<string>()), value, path),
                "oneOf" => CheckOneOf(rule!.AsArray(), value, path),
                "type" => HasType(rule!, value) ? null : $"{path} is {Kind(value)}, not {rule!.ToJsonString()}",
                "enum" => rule!.AsArray().Any(v => JsonNode.DeepEquals(v, value)) ? null : $"{path} is {value}, not one of {rule.ToJsonString()}",
                "minimum" => value is null || value.GetValue<decimal>() >= rule!.GetValue<decimal>() ? null : $"{path} is {value}",
                "maximum" => value is null || value.GetValue<decimal>() <= rule!.GetValue<decimal>() ? null : $"{path} is {value}",
                "required" => value is not JsonObject o ? null : rule!.AsArray().Where(n => !o.ContainsKey(n!.GetValue<string>())).Select(n => $"{path} has no {n}").FirstOrDefault(),
                "properties" => value is not JsonObject o ? null : rule!.AsObject().Select(p => o.ContainsKey(p.Key) ? Check(p.Value!.AsObject(), o[p.Key], $"{path}.{p.Key}") : null).FirstOrDefault(p => p is not null),
                "additionalProperties" => value is not JsonObject o ? null : o.Where(p => schema["properties"]![p.Key] is null).Select(p => $"{path} has {p.Key}, which the schema has not").FirstOrDefault(),
                "items" => value is not JsonArray a ? null : a.Select((item, i) => Check(rule!.AsObject(), item, $"{path}[{i}]")).FirstOrDefault(p => p is not null),
                _ => throw new NotSupportedException($"the keyword {keyword}"),
            };
            if (problem is not null) return problem;
        }
        return null;
    }

    JsonObject Definition(string reference) => root["$defs"]![reference["#/$defs/".Length..]]!.AsObject();

    string? CheckOneOf(JsonArray choices, JsonNode? value, string path)
    {
        var problems = choices.Select(c => Check(c!.AsObject(), value, path)).ToList();
        return problems.Count(p => p is null) == 1 ? null : $"{path} is not exactly one of: {string.Join("; ", problems)}";
    }

    static bool HasType(JsonNode rule, JsonNode? value) =>
        rule is JsonArray any ? any.Any(t => t!.GetValue<string>() == Kind(value)) : rule.GetValue<string>() == Kind(value);

    static string Kind(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Number => value.ToJsonString().All(char.IsAsciiDigit) || value.ToJsonString().StartsWith('-') ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.Value.ToString().ToLowerInvariant(),
    };
}
