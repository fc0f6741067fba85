using System.Text;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Intents;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>A plan for people, service by service in the manifest's order.</summary>
sealed class PlanText(TextWriter output, bool colour)
{
    // A plan may have a hundred thousand lines, and the console would take each by a system call of its own.
    const int Chunk = 16 * 1024;

    readonly StringBuilder _text = new(Chunk + 512);
    readonly StringBuilder _line = new(256);

    public void Write(Plan plan, IReadOnlyList<SettingChange> settings, IReadOnlyList<Refusal> refusals, IReadOnlyList<string>? notes = null)
    {
        WriteSettings(settings);
        WriteSteps(plan.Steps.Select(StepDocument.Of));
        WriteWaiting(plan);
        WriteForeign(plan.Foreign);
        if (plan.IsEmpty && settings.Count == 0) Line(plan.Draining.Count > 0 ? "Nothing to do now but wait." : "Nothing to do: the kernel's table is as the manifest wants it.");
        else WriteSummary(plan.Steps.CountBy(s => s.Action).ToDictionary(), settings);
        // A service that listens on several addresses has the same servers behind each.
        WriteCapacity([.. plan.Capacity.GroupBy(c => c.Service).Select(g => new CapacityDocument(g.Key, g.Min(c => c.CanLose)))]);
        WriteRefusals(refusals);
        foreach (var note in notes ?? []) Line(note);
        Flush();
    }

    /// <summary>Of what an operator asked of one server.</summary>
    public void Write(IntentAnswer answer)
    {
        WriteSteps(answer.Steps);
        WriteSummary(answer.Steps.CountBy(s => s.Action).ToDictionary(), []);
        WriteCapacity(answer.Capacity);
        WriteRefusals(answer.Refusals);
        Flush();
    }

    void WriteRefusals(IReadOnlyList<Refusal> refusals)
    {
        foreach (var refusal in refusals) Line(Painted(Terminal.Red, $"The safety gate refuses ({refusal.Rule}): {refusal.Text}."));
    }

    void Line(string text = "")
    {
        _text.Append(text).Append('\n');
        if (_text.Length >= Chunk) Flush();
    }

    void Flush()
    {
        output.Write(_text.ToString());
        _text.Clear();
    }

    void WriteSettings(IReadOnlyList<SettingChange> settings)
    {
        if (settings.Count == 0) return;
        Line("settings of this director");
        foreach (var change in settings)
        {
            Line(change.Before is null
                ? Painted(Terminal.Yellow, $"  ! {change.Place}: this kernel has no such setting; {change.After} is wanted")
                : Painted(Terminal.Yellow, $"  ~ {change.Place} {change.Before} -> {change.After}"));
        }
        Line();
    }

    void WriteSteps(IEnumerable<StepDocument> steps)
    {
        foreach (var service in steps.GroupBy(s => (s.Service, s.ServiceKey)))
        {
            var (name, key) = service.Key;
            var title = name == key ? name : $"{name} ({key})";
            Line(colour ? Terminal.Bold(title) : title);
            foreach (var step in service) WriteStep(step);
            Line();
        }
    }

    void WriteStep(StepDocument step)
    {
        var (sign, paint) = step.Action switch
        {
            PlanAction.Add => ('+', (Func<string, string>)Terminal.Green),
            PlanAction.Remove => ('-', Terminal.Red),
            _ => ('~', Terminal.Yellow),
        };
        _line.Clear().Append("  ").Append(sign).Append(' ');
        if (step.ServerKey is not { } key) _line.Append("service");
        else if (step.Server == key) _line.Append(key);
        else _line.Append(step.Server).Append(' ').Append(key);
        for (var i = 0; i < step.Fields.Count; i++)
        {
            var (field, before, after) = step.Fields[i];
            _line.Append(i == 0 ? ": " : ", ").Append(field).Append(' ');
            if (before is not null) _line.Append(before).Append(" -> ");
            _line.Append(after);
        }
        var cuts = step.ConnectionsCut > 0 ? $"cuts {step.ConnectionsCut} connections" : null;
        if (step.Because is not null || cuts is not null) _line.Append("  (").AppendJoin("; ", new[] { step.Because, cuts }.OfType<string>()).Append(')');
        Line(Painted(paint, _line.ToString()));
    }

    void WriteWaiting(Plan plan)
    {
        var begun = plan.Steps.Where(s => s.Action == PlanAction.Drain).Select(s => (s.ServiceKey, s.ServerKey!.Value)).ToHashSet();
        foreach (var server in plan.Draining.Where(d => !begun.Contains((d.Service, d.Server))))
            Line($"Draining: {server.Server} of {server.Service} waits for {server.ActiveConnections} active and {server.InactiveConnections} inactive connections.");
    }

    void WriteForeign(IReadOnlyList<ForeignEntry> foreign)
    {
        if (foreign.Count == 0) return;
        Line(foreign.Count == 1 ? "1 entry is not lvsctl's and is left alone (--prune takes it):" : $"{foreign.Count} entries are not lvsctl's and are left alone (--prune takes them):");
        foreach (var entry in foreign) Line(entry.Server is { } server ? $"  {server} of {entry.Service}" : $"  {entry.Service}");
    }

    void WriteSummary(Dictionary<PlanAction, int> steps, IReadOnlyList<SettingChange> settings)
    {
        var counts = new[]
        {
            (steps.GetValueOrDefault(PlanAction.Add), "to add"),
            (steps.GetValueOrDefault(PlanAction.Change), "to change"),
            (steps.GetValueOrDefault(PlanAction.Drain), "to drain"),
            (steps.GetValueOrDefault(PlanAction.Remove), "to remove"),
            (settings.Count(s => s.Before is not null), settings.Count == 1 ? "setting to change" : "settings to change"),
        };
        Line($"Plan: {string.Join(", ", counts.Where(c => c.Item1 > 0).Select(c => $"{c.Item1} {c.Item2}"))}.");
    }

    void WriteCapacity(IReadOnlyList<CapacityDocument> services)
    {
        if (services.Count == 0) return;
        Line($"Servers that each service can still lose: {Some(services.Select(s => $"{s.Service} {s.CanLose}"))}.");
        var scarce = services.Where(s => s.CanLose == 0).Select(s => s.Service).ToList();
        if (scarce.Count > 0) Line(Painted(Terminal.Yellow, $"None to spare: {Some(scarce)}."));
    }

    static string Some(IEnumerable<string> all)
    {
        const int Shown = 20;
        var items = all.ToList();
        return string.Join(", ", items.Take(Shown)) + (items.Count > Shown ? $", and {items.Count - Shown} more" : "");
    }

    string Painted(Func<string, string> paint, string text) => colour ? paint(text) : text;
}
