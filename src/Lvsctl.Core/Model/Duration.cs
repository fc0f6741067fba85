using System.Globalization;

namespace Lvsctl.Core.Model;

/// <summary>Spans of time as people write them, always with a unit: <c>500ms</c>, <c>1.5s</c>, <c>1h30m</c>, <c>31d</c>.</summary>
public static class Duration
{
    static readonly (string Name, long Milliseconds)[] s_units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    static readonly System.Buffers.SearchValues<char> s_numberCharacters = System.Buffers.SearchValues.Create("0123456789.");

    /// <summary>Units from large to small, each once. Null when it is no duration.</summary>
    public static TimeSpan? Read(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > 40) return null;
        var total = 0m;
        var largest = long.MaxValue;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(s_numberCharacters);
            if (digits <= 0 || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return null;
            text = text[digits..];
            var letters = text.IndexOfAnyInRange('0', '9') is >= 0 and var end ? end : text.Length;
            var unit = UnitOf(text[..letters]);
            if (unit == 0 || unit >= largest || number > 1_000_000_000) return null;
            largest = unit;
            total += number * unit;
            text = text[letters..];
        }
        return total <= (decimal)TimeSpan.MaxValue.TotalMilliseconds / 2 ? TimeSpan.FromMilliseconds((double)total) : null;
    }

    /// <summary><c>90s</c> is written <c>1m30s</c>.</summary>
    public static string Text(TimeSpan value)
    {
        var rest = (long)value.TotalMilliseconds;
        if (rest == 0) return "0s";
        var text = "";
        foreach (var (name, milliseconds) in s_units)
        {
            if (rest < milliseconds) continue;
            if (name == "s" && rest % 1000 != 0 && rest > 1000) return text + (rest / 1000m).ToString(CultureInfo.InvariantCulture) + "s";
            text += $"{rest / milliseconds}{name}";
            rest %= milliseconds;
        }
        return text;
    }

    static long UnitOf(ReadOnlySpan<char> name)
    {
        foreach (var unit in s_units)
        {
            if (name.SequenceEqual(unit.Name)) return unit.Milliseconds;
        }
        return 0;
    }
}
