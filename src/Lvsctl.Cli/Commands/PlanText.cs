using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>A plan for people, service by service in the manifest's order.</summary>
sealed class PlanText(TextWriter output, bool colour)
{
    public void Write(Plan plan, IReadOnlyList<SettingChange> settings, IReadOnlyList<Refusal> refusals)
    {
        WriteSettings(settings);
        WriteSteps(plan.Steps);
        WriteWaiting(plan);
        WriteForeign(plan.Foreign);
        WriteSummary(plan, settings);
        WriteCapacity(plan.Capacity);
        foreach (var refusal in refusals) output.WriteLine(Painted(Terminal.Red, $"The safety gate refuses ({refusal.Rule}): {refusal.Text}."));
    }

    void WriteSettings(IReadOnlyList<SettingChange> settings)
    {
        if (settings.Count == 0) return;
        output.WriteLine("settings of this director");
        foreach (var change in settings)
        {
            output.WriteLine(change.Before is null
                ? Painted(Terminal.Yellow, $"  ! {change.Place}: this kernel has no such setting; {change.After} is wanted")
                : Painted(Terminal.Yellow, $"  ~ {change.Place} {change.Before} -> {change.After}"));
        }
        output.WriteLine();
    }

    public void WriteSteps(IReadOnlyList<PlanStep> steps)
    {
        foreach (var service in steps.GroupBy(s => (s.Service, s.ServiceKey)))
        {
            var (name, key) = service.Key;
            var title = name == key.ToString() ? name : $"{name} ({key})";
            output.WriteLine(colour ? Terminal.Bold(title) : title);
            foreach (var step in service) output.WriteLine(Line(step));
            output.WriteLine();
        }
    }

    string Line(PlanStep step)
    {
        var what = step.ServerKey is { } server ? step.Server == server.ToString() ? step.Server : $"{step.Server} {server}" : "service";
        var fields = string.Join(", ", step.Fields.Select(f => f.Before is null ? $"{f.Field} {f.After}" : $"{f.Field} {f.Before} -> {f.After}"));
        var why = string.Join("; ", new[] { step.Because, step.ConnectionsCut > 0 ? $"cuts {step.ConnectionsCut} connections" : null }.OfType<string>());
        var text = $"{what}{(fields == "" ? "" : $": {fields}")}{(why == "" ? "" : $"  ({why})")}";
        return step.Action switch
        {
            PlanAction.Add => Painted(Terminal.Green, $"  + {text}"),
            PlanAction.Remove => Painted(Terminal.Red, $"  - {text}"),
            _ => Painted(Terminal.Yellow, $"  ~ {text}"),
        };
    }

    void WriteWaiting(Plan plan)
    {
        var begun = plan.Steps.Where(s => s.Action == PlanAction.Drain).Select(s => (s.ServiceKey, s.ServerKey!.Value)).ToHashSet();
        foreach (var server in plan.Draining.Where(d => !begun.Contains((d.Service, d.Server))))
            output.WriteLine($"Draining: {server.Server} of {server.Service} waits for {server.ActiveConnections} active and {server.InactiveConnections} inactive connections.");
    }

    void WriteForeign(IReadOnlyList<ForeignEntry> foreign)
    {
        if (foreign.Count == 0) return;
        output.WriteLine(foreign.Count == 1 ? "1 entry is not lvsctl's and is left alone (--prune takes it):" : $"{foreign.Count} entries are not lvsctl's and are left alone (--prune takes them):");
        foreach (var entry in foreign) output.WriteLine(entry.Server is { } server ? $"  {server} of {entry.Service}" : $"  {entry.Service}");
    }

    void WriteSummary(Plan plan, IReadOnlyList<SettingChange> settings)
    {
        if (plan.IsEmpty && settings.Count == 0)
        {
            output.WriteLine("Nothing to do: the kernel's table is as the manifest wants it.");
            return;
        }
        var counts = new[]
        {
            (plan.Steps.Count(s => s.Action == PlanAction.Add), "to add"),
            (plan.Steps.Count(s => s.Action == PlanAction.Change), "to change"),
            (plan.Steps.Count(s => s.Action == PlanAction.Drain), "to drain"),
            (plan.Steps.Count(s => s.Action == PlanAction.Remove), "to remove"),
            (settings.Count(s => s.Before is not null), "settings to change"),
        };
        output.WriteLine($"Plan: {string.Join(", ", counts.Where(c => c.Item1 > 0).Select(c => $"{c.Item1} {c.Item2}"))}.");
    }

    void WriteCapacity(IReadOnlyList<ServiceCapacity> capacity)
    {
        if (capacity.Count == 0) return;
        // A service that listens on several addresses has the same servers behind each.
        var services = capacity.GroupBy(c => c.Service).Select(g => (Name: g.Key, CanLose: g.Min(c => c.CanLose))).ToList();
        output.WriteLine($"Servers that each service can still lose: {Some(services.Select(s => $"{s.Name} {s.CanLose}"))}.");
        var scarce = services.Where(s => s.CanLose == 0).Select(s => s.Name).ToList();
        if (scarce.Count > 0) output.WriteLine(Painted(Terminal.Yellow, $"None to spare: {Some(scarce)}."));
    }

    static string Some(IEnumerable<string> all)
    {
        const int Shown = 20;
        var items = all.ToList();
        return string.Join(", ", items.Take(Shown)) + (items.Count > Shown ? $", and {items.Count - Shown} more" : "");
    }

    string Painted(Func<string, string> paint, string text) => colour ? paint(text) : text;
}
