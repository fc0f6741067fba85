using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>Tells what became of an apply, and which exit code that is: people at once, pass by pass, programs in one document at the end.</summary>
sealed class ApplyOutput(TextWriter output, TextWriter error, bool colour, bool json)
{
    ApplyResult? _all;
    IReadOnlyList<string> _notes = [];

    /// <summary>Of the director's kernel, as far as the apply changes them.</summary>
    public IReadOnlyList<SettingChange> Settings { get; set; } = [];

    public ExitCode Code { get; private set; }

    /// <summary>What became of it, where it had to be confirmed.</summary>
    public string? Confirmation { get; set; }

    /// <summary>What people should know before anything is changed.</summary>
    public void Announce(IReadOnlyList<string> notes)
    {
        var fresh = notes.Except(_notes).ToList();
        _notes = [.. _notes, .. fresh];
        if (json) return;
        foreach (var note in fresh) output.WriteLine(note);
    }

    /// <summary>One pass more.</summary>
    public void Add(ApplyResult result)
    {
        var isFirst = _all is null;
        _all = _all?.Then(result) ?? result;
        if (!json && (isFirst || !result.Planned.Plan.IsEmpty))
            new PlanText(output, colour).Write(result.Planned.Plan, isFirst ? Settings : [], result.Report is null ? [] : result.Refusals);

        if (result.Report is not { } report)
        {
            foreach (var refusal in result.Refusals) error.WriteLine($"lvsctl: refused ({refusal.Rule}): {refusal.Text}");
            error.WriteLine("lvsctl: nothing was changed; raise the limit, or say --force");
            Code = ExitCode.RefusedByGate;
            return;
        }

        foreach (var failed in report.Failed) error.WriteLine($"lvsctl: {Where(failed.Step)}: {failed.Why}");
        if (report.NotTried.Count > 0) error.WriteLine($"lvsctl: stopped: {report.Done.Count} done, {report.Failed.Count} failed, {report.NotTried.Count} not tried; 'lvsctl apply' goes on from here");
        else if (report.Failed.Count > 0) error.WriteLine($"lvsctl: {report.Done.Count} done, {report.Failed.Count} not; 'lvsctl apply' goes on from here");
        else if (!json && report.Done.Count > 0) output.WriteLine($"Done: {report.Done.Count} {(report.Done.Count == 1 ? "change" : "changes")}.");
        Code = report.NotTried.Count > 0 ? ExitCode.AppliedInPart : report.Failed.Count == 0 ? ExitCode.Done : report.Done.Count == 0 ? ExitCode.Failed : ExitCode.AppliedInPart;
    }

    /// <summary>Nothing comes any more.</summary>
    public void Close()
    {
        if (json && (_all is not null || Confirmation is not null))
            output.WriteLine(PlanJson.Text(_all?.Planned.Plan ?? Plan.Nothing, Settings, _all?.Refusals ?? [], _notes, _all?.Report, Confirmation));
    }

    public static string Where(PlanStep step) => step.Server is null ? step.Service : $"{step.Service}/{step.Server}";
}
