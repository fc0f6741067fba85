using Lvsctl.Core.Events;
using Lvsctl.Core.Health;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Running;

/// <summary>Tells what is worth a look about probes themselves, once and not at each of them.</summary>
/// <param name="told">Warnings that an earlier process told, with the time.</param>
sealed class ProbeNews(Announcer announcer, TimeProvider clock, IReadOnlyDictionary<string, DateTimeOffset> told)
{
    static readonly TimeSpan s_tellAgain = TimeSpan.FromDays(1);

    readonly HashSet<string> _unmade = [];
    Dictionary<string, DateTimeOffset> _told = new(told);

    public IReadOnlyDictionary<string, DateTimeOffset> Told
    {
        get
        {
            var now = clock.GetUtcNow();
            return _told = _told.Where(t => now - t.Value is { } age && age >= TimeSpan.Zero && age < s_tellAgain).ToDictionary();
        }
    }

    public void Look(ProbePlan plan, int target, in ProbeOutcome outcome)
    {
        if (outcome.Warning is { } warning) Warn(plan.Targets[target], warning);
        if (outcome.Verdict != ProbeVerdict.Unmade && _unmade.Count == 0) return;
        var key = plan.KeyOf(target);
        if (outcome.Verdict == ProbeVerdict.Unmade)
        {
            if (_unmade.Add(key)) announcer.Tell(DirectorEvents.ProbeUnmade(plan.Targets[target], outcome));
        }
        else if (_unmade.Remove(key))
        {
            announcer.Tell(DirectorEvents.ProbeMadeAgain(plan.Targets[target]));
        }
    }

    void Warn(ProbeTarget target, string warning)
    {
        var now = clock.GetUtcNow();
        if (_told.TryGetValue(warning, out var last) && now - last is { } age && age >= TimeSpan.Zero && age < s_tellAgain) return;
        _told[warning] = now;
        announcer.Tell(DirectorEvents.ProbeWarning(target, warning));
    }

    /// <summary>Another manifest is in force; what cannot be probed may be said again.</summary>
    public void Forget() => _unmade.Clear();
}
