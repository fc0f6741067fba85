using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Control;
using Lvsctl.Director.Intents;
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
            Refuse(error, result.Refusals);
            Code = ExitCode.RefusedByGate;
            return;
        }
        Finish(json ? null : output, error, report.Done.Count, [.. report.Failed.Select(f => new FailureDocument(f.Step.Where(), f.Why))], report.NotTried.Count);
        Code = report.Outcome();
    }

    public static void Refuse(TextWriter error, IReadOnlyList<Refusal> refusals)
    {
        foreach (var refusal in refusals) error.WriteLine($"lvsctl: refused ({refusal.Rule}): {refusal.Text}");
        error.WriteLine("lvsctl: nothing was changed; raise the limit, or say --force");
    }

    /// <param name="output">Null where people do not read it.</param>
    public static void Finish(TextWriter? output, TextWriter error, int done, IReadOnlyList<FailureDocument> failed, int notTried)
    {
        foreach (var failure in failed) error.WriteLine($"lvsctl: {failure.Where}: {failure.Why}");
        if (notTried > 0) error.WriteLine($"lvsctl: stopped: {done} done, {failed.Count} failed, {notTried} not tried; 'lvsctl apply' goes on from here");
        else if (failed.Count > 0) error.WriteLine($"lvsctl: {done} done, {failed.Count} not; 'lvsctl apply' goes on from here");
        else if (done > 0) output?.WriteLine($"Done: {done} {(done == 1 ? "change" : "changes")}.");
    }

    /// <summary>Nothing comes any more.</summary>
    public void Close()
    {
        if (json && (_all is not null || Confirmation is not null))
            output.WriteLine(PlanJson.Text(_all?.Planned.Plan ?? Plan.Nothing, Settings, _all?.Refusals ?? [], _notes, _all?.Report, Confirmation));
    }
}
