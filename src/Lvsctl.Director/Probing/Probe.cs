using System.Net;
using Lvsctl.Core.Health;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Probing;

/// <summary>
/// Asks one target, again and again but never twice at once. Lives on the engine's thread; <see cref="Start"/>, <see cref="Ready"/> and
/// <see cref="TimedOut"/> may throw, which counts as <see cref="ProbeReason.Broken"/>.
/// </summary>
abstract class Probe(ProbeEngine engine, int number, ProbeTarget target)
{
    string? _late;

    public ProbeTarget Target { get; } = target;

    /// <summary>Null where nothing of the director's own can keep the answer from it.</summary>
    public WayBack? WayBack { get; init; }

    public int Number { get; } = number;

    /// <summary>Which of its probes is under way, so that an event of an earlier one is not taken for its own.</summary>
    public uint Turn { get; private set; }

    public bool IsActive { get; private set; }

    /// <summary>It is to begin as soon as another has ended.</summary>
    public bool IsInLine { get; set; }

    /// <summary>On the engine's clock: since when it was, last.</summary>
    public TimeSpan InLineSince { get; set; }

    /// <summary>On the engine's clock.</summary>
    public TimeSpan Started { get; private set; }

    protected ProbeEngine Engine { get; } = engine;

    protected TimeSpan Elapsed => Engine.Now - Started;

    protected ulong Token => (ulong)Turn << 32 | (uint)Number;

    public void Begin(TimeSpan now, uint turn)
    {
        Turn = turn;
        IsActive = true;
        Started = now;
    }

    public void Finish()
    {
        IsActive = false;
        Release();
    }

    /// <returns>The outcome if there is one at once.</returns>
    public abstract ProbeOutcome? Start();

    /// <summary>A descriptor that was added to the engine's poller under <see cref="Token"/> is ready.</summary>
    public virtual ProbeOutcome? Ready(PollEvents events) => null;

    /// <summary>The check's time, or what the probe set itself, is over.</summary>
    public virtual ProbeOutcome TimedOut() => WayBack?.Obstacle() is { } obstacle
        ? Outcome(ProbeReason.NotPossible, obstacle)
        : new(ProbeReason.TimedOut, Elapsed, _late ??= $"no answer within {Core.Model.Duration.Text(Target.Check.Timeout)}");

    /// <summary>How long the director itself has kept it waiting since it was last asked; its time did not run meanwhile.</summary>
    public virtual TimeSpan TakeDelay() => TimeSpan.Zero;

    /// <summary>The director's end of what this turn sends; null where there is nothing of the kind, or not any more.</summary>
    public virtual IPAddress? LocalAddress => null;

    /// <summary>Gives back what this turn holds.</summary>
    protected abstract void Release();

    protected ProbeOutcome Outcome(ProbeReason reason, string? detail = null) => new(reason, Elapsed, detail);

    protected ProbeOutcome Outcome(in Finding finding) => new(finding.Reason, Elapsed, finding.Detail) { Word = finding.Word };
}
