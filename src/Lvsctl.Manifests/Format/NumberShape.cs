using System.Globalization;
using System.Text.Json.Nodes;
using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Format;

/// <summary>A whole decimal number.</summary>
sealed class NumberShape(long minimum, long maximum, string unit = "") : ScalarShape<int>
{
    public override string Type => $"number{(unit.Length > 0 ? $" of {unit}" : "")}, {minimum}..{maximum}";

    protected override Problem? Parse(string text, out int value)
    {
        value = 0;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            var isLong = text.AsSpan().TrimStart('-') is { IsEmpty: false } digits && !digits.ContainsAnyExceptInRange('0', '9');
            return isLong ? TooFar(text) : new(Code.NotANumber, $"{Quote(text)} is not a whole number");
        }
        if (number < minimum || number > maximum) return TooFar(text);
        value = (int)number;
        return null;
    }

    Problem TooFar(string text) => new(Code.OutOfRange, $"{Quote(text)} is not in {minimum}..{maximum}");

    public override JsonObject Schema(SchemaDefinitions definitions) => new()
    {
        ["type"] = JsonValue.Create("integer"),
        ["minimum"] = JsonValue.Create(minimum),
        ["maximum"] = JsonValue.Create(maximum),
    };
}

/// <summary><c>3</c>, <c>50%</c>.</summary>
sealed class ShareShape(int maximum = int.MaxValue, string unit = "servers") : ScalarShape<Core.Cluster.Share>
{
    // More than all of them is a warning of its own, so it is read.
    const int MaximumPercent = 1000;

    public override string Type => $"number of {unit}, or a part of them all in %";

    protected override Problem? Parse(string text, out Core.Cluster.Share value)
    {
        var isPercent = text.EndsWith('%');
        value = default;
        if (!int.TryParse(isPercent ? text.AsSpan(0, text.Length - 1) : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return new(Code.NotANumber, $"{Quote(text)} is neither a number of {unit} nor a part in %");
        }
        var limit = isPercent ? MaximumPercent : maximum;
        if (number > limit) return new(Code.OutOfRange, $"{Quote(text)} is not in 0..{limit}{(isPercent ? "%" : "")}");
        value = isPercent ? Core.Cluster.Share.Percent(number) : Core.Cluster.Share.Count(number);
        return null;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.AnyOf(
        new JsonObject { ["type"] = JsonValue.Create("integer"), ["minimum"] = JsonValue.Create(0) },
        SchemaDefinitions.Text("^[0-9]+%$"));
}

/// <summary>Bytes: <c>65536</c>, <c>64k</c>, <c>16M</c>.</summary>
sealed class SizeShape(int minimum, int maximum) : ScalarShape<int>
{
    public override string Type => $"size in bytes, k (1024) or M, {Text(minimum)}..{Text(maximum)}";

    public override string Show(int value) => Text(value);

    protected override Problem? Parse(string text, out int value)
    {
        value = 0;
        var unit = text.EndsWith('k') ? 1024 : text.EndsWith('M') ? 1024 * 1024 : 1;
        if (!int.TryParse(unit == 1 ? text : text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return new(Code.NotANumber, $"{Quote(text)} is no size; write 65536, 64k or 1M");
        }
        var bytes = (long)number * unit;
        if (bytes < minimum || bytes > maximum) return new(Code.OutOfRange, $"{Quote(text)} is not in {Text(minimum)}..{Text(maximum)}");
        value = (int)bytes;
        return null;
    }

    static string Text(int bytes) =>
        bytes > 0 && bytes % (1024 * 1024) == 0 ? $"{bytes / (1024 * 1024)}M" : bytes > 0 && bytes % 1024 == 0 ? $"{bytes / 1024}k" : bytes.ToString();

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.AnyOf(
        new JsonObject { ["type"] = JsonValue.Create("integer"), ["minimum"] = JsonValue.Create(minimum), ["maximum"] = JsonValue.Create(maximum) },
        SchemaDefinitions.Text("^[0-9]+[kM]?$"));
}

sealed class FlagShape : ScalarShape<bool>
{
    public override string Type => "true or false";

    public override string Show(bool value) => value ? "true" : "false";

    protected override Problem? Parse(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false" ? null : new(Code.NotAFlag, $"{Quote(text)} is neither true nor false");
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => new() { ["type"] = JsonValue.Create("boolean") };
}
