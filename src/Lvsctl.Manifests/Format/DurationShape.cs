using System.Globalization;
using System.Text.Json.Nodes;
using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Format;

/// <summary>Numbers with units: <c>500ms</c>, <c>1.5s</c>, <c>1h30m</c>.</summary>
/// <param name="step">What it must be a multiple of.</param>
sealed class DurationShape(TimeSpan minimum, TimeSpan maximum, TimeSpan step) : ScalarShape<TimeSpan>
{
    static readonly (string Name, long Milliseconds)[] Units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    static readonly System.Buffers.SearchValues<char> NumberCharacters = System.Buffers.SearchValues.Create("0123456789.");

    public DurationShape(string minimum, string maximum, string step = "1ms") : this(Constant(minimum), Constant(maximum), Constant(step))
    {
    }

    public override string Type => $"duration, {Text(minimum)}..{Text(maximum)}";

    public override string Show(TimeSpan value) => Text(value);

    protected override Problem? Parse(string text, out TimeSpan value)
    {
        value = default;
        if (Milliseconds(text) is not { } milliseconds)
        {
            var hint = text.All(char.IsAsciiDigit) ? $"{Quote(text)} has no unit; write {text}s, {text}ms or {text}m" : $"{Quote(text)} is no duration; write 500ms, 2s, 5m or 1h30m";
            return new(Code.NotADuration, hint);
        }
        if (milliseconds < (decimal)minimum.TotalMilliseconds || milliseconds > (decimal)maximum.TotalMilliseconds)
        {
            return new(Code.OutOfRange, $"{Quote(text)} is not in {Text(minimum)}..{Text(maximum)}");
        }
        if (milliseconds % (decimal)step.TotalMilliseconds != 0) return new(Code.OutOfRange, $"{Quote(text)} is no multiple of {Text(step)}");
        value = TimeSpan.FromMilliseconds((double)milliseconds);
        return null;
    }

    static decimal? Milliseconds(string text)
    {
        var total = 0m;
        var rest = text.AsSpan();
        if (rest.IsEmpty || rest.Length > 40) return null;
        var largest = decimal.MaxValue;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return null;
            rest = rest[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9') is >= 0 and var end ? end : rest.Length;
            var unit = UnitOf(rest[..letters]);
            // From large to small, each once: 1h30m.
            if (unit == 0 || unit >= largest || number > 1_000_000_000) return null;
            largest = unit;
            total += number * unit;
            rest = rest[letters..];
        }
        return total;
    }

    static long UnitOf(ReadOnlySpan<char> name)
    {
        foreach (var unit in Units)
        {
            if (name.SequenceEqual(unit.Name)) return unit.Milliseconds;
        }
        return 0;
    }

    static TimeSpan Constant(string text) => TimeSpan.FromMilliseconds((double)Milliseconds(text)!.Value);

    /// <summary><c>90s</c> reads <c>1m30s</c>.</summary>
    public static string Text(TimeSpan value)
    {
        var rest = (long)value.TotalMilliseconds;
        if (rest == 0) return "0s";
        var text = "";
        foreach (var (name, milliseconds) in Units)
        {
            if (rest < milliseconds) continue;
            if (name == "s" && rest % 1000 != 0 && rest > 1000) return text + (rest / 1000m).ToString(CultureInfo.InvariantCulture) + "s";
            text += $"{rest / milliseconds}{name}";
            rest %= milliseconds;
        }
        return text;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) =>
        SchemaDefinitions.Text("^([0-9]+(\\.[0-9]+)?d)?([0-9]+(\\.[0-9]+)?h)?([0-9]+(\\.[0-9]+)?m)?([0-9]+(\\.[0-9]+)?s)?([0-9]+(\\.[0-9]+)?ms)?$");
}
