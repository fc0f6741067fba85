using System.Text.Json.Nodes;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Format;

/// <summary>Numbers with units: <c>500ms</c>, <c>1.5s</c>, <c>1h30m</c>.</summary>
/// <param name="step">What it must be a multiple of.</param>
sealed class DurationShape(TimeSpan minimum, TimeSpan maximum, TimeSpan step) : ScalarShape<TimeSpan>
{
    public DurationShape(string minimum, string maximum, string step = "1ms") : this(Constant(minimum), Constant(maximum), Constant(step))
    {
    }

    public override string Type => $"duration, {Text(minimum)}..{Text(maximum)}";

    public override string Show(TimeSpan value) => Text(value);

    protected override Problem? Parse(string text, out TimeSpan value)
    {
        value = default;
        if (Duration.Read(text) is not { } time)
        {
            var hint = text.All(char.IsAsciiDigit) ? $"{Quote(text)} has no unit; write {text}s, {text}ms or {text}m" : $"{Quote(text)} is no duration; write 500ms, 2s, 5m or 1h30m";
            return new(Code.NotADuration, hint);
        }
        if (time < minimum || time > maximum) return new(Code.OutOfRange, $"{Quote(text)} is not in {Text(minimum)}..{Text(maximum)}");
        if (time.Ticks % step.Ticks != 0) return new(Code.OutOfRange, $"{Quote(text)} is no multiple of {Text(step)}");
        value = time;
        return null;
    }

    static TimeSpan Constant(string text) => Duration.Read(text)!.Value;

    static string Text(TimeSpan value) => Duration.Text(value);

    public override JsonObject Schema(SchemaDefinitions definitions) =>
        SchemaDefinitions.Text("^([0-9]+(\\.[0-9]+)?d)?([0-9]+(\\.[0-9]+)?h)?([0-9]+(\\.[0-9]+)?m)?([0-9]+(\\.[0-9]+)?s)?([0-9]+(\\.[0-9]+)?ms)?$");
}
