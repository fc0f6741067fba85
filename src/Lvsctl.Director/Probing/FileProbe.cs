using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing;

/// <summary>A file of the director. It may be on a network that hangs, so it is looked at on the thread pool, by one thread at most.</summary>
sealed class FileProbe(ProbeEngine engine, int number, ProbeTarget target, ProbeSpec.File spec) : Probe(engine, number, target)
{
    const int MostContent = 256;

    readonly bool _saysWeight = target.Check.Weight is { From: WeightSource.Content };
    volatile bool _isLooking;

    public override ProbeOutcome? Start()
    {
        if (_isLooking) return Outcome(ProbeReason.TimedOut, $"{spec.Path}: the file system has not answered since the last probe");
        var (number, turn) = (Number, Turn);
        _isLooking = true;
        _ = Task.Run(() =>
        {
            var outcome = Look();
            // First, or the next probe could begin before this one is known to have ended.
            _isLooking = false;
            Engine.Post(number, turn, outcome);
        });
        return null;
    }

    ProbeOutcome Look()
    {
        try
        {
            var exists = IsThere();
            if (exists != spec.MustExist) return Outcome(ProbeReason.Unexpected, exists ? $"{spec.Path} is there" : $"{spec.Path} is not there");
            return exists && _saysWeight ? Weigh() : Outcome(ProbeReason.Ok);
        }
        catch (Exception e)
        {
            return Outcome(e is IOException or UnauthorizedAccessException ? ProbeReason.NotPossible : ProbeReason.Broken, e.Message);
        }
    }

    // File.Exists would take a file system that is in trouble for one without the file.
    bool IsThere()
    {
        try
        {
            File.GetAttributes(spec.Path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    ProbeOutcome Weigh()
    {
        var bytes = new byte[MostContent];
        using var file = File.OpenRead(spec.Path);
        var text = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, MostContent, throwOnEndOfStream: false));
        var word = AgentWord.Read(text);
        return Outcome(ProbeReason.Ok, word.Kind == AgentWordKind.None ? $"{spec.Path} holds no weight" : null) with { Word = word };
    }

    public override ProbeOutcome TimedOut() => Outcome(ProbeReason.TimedOut, $"{spec.Path}: the file system does not answer");

    protected override void Release()
    {
    }
}
