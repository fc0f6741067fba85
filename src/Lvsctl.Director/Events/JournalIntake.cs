using Lvsctl.Core.Events;

namespace Lvsctl.Director.Events;

/// <summary>
/// Takes what <c>lvsctl vrrp</c> writes into its own journal over into the director's, from which everybody is told: in order, with its own
/// time, and each entry once, whatever is killed when. The number that an entry had stands in the entry itself (<c>vrrp_id</c>), so that
/// taking it over and knowing that it was taken over are one write; the file beside says only from where on to look for the last one.
/// </summary>
public sealed class JournalIntake : IDisposable
{
    const int WorthAWrite = 1_000;
    static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(250);

    readonly Announcer _announcer;
    readonly string _state;
    readonly ITimer _timer;
    readonly Lock _one = new();
    JournalReader? _reader;
    IntakePosition _position;
    long _lost;
    bool _isDisposed;
    string? _trouble;

    /// <summary>What is there already has been taken over when this returns.</summary>
    public JournalIntake(Announcer announcer, string stateDirectory, TimeProvider clock)
    {
        (_announcer, _state) = (announcer, stateDirectory);
        Take();
        if (_reader is not null) Keep();
        _timer = clock.CreateTimer(_ => Look(), null, s_lookEvery, s_lookEvery);
    }

    /// <summary>Where <c>lvsctl vrrp</c> has its journal in a state directory.</summary>
    public static string SourceIn(string stateDirectory) => Path.Combine(stateDirectory, "vrrp-events");

    void Look()
    {
        // A slow disk: the one that looks sees the rest too.
        if (!_one.TryEnter()) return;
        try
        {
            if (!_isDisposed) Take();
        }
        finally
        {
            _one.Exit();
        }
    }

    void Take()
    {
        var journal = _announcer.Journal;
        try
        {
            if (_reader is null)
            {
                _position = _position.Id > 0 ? _position : IntakePosition.Find(_state);
                (_reader, _lost) = (new JournalReader(SourceIn(_state), _position.Id), 0);
            }
            // What is in memory only would be taken over again after a crash, and what cannot be written waits in its own journal as well.
            while (journal.Trouble is null && _reader.TryRead(out var entry))
            {
                TellLost(_reader.Lost);
                _announcer.Pass(entry.Event.With(EventFields.VrrpId, entry.Id), entry.Time);
                _position = _position with { Id = entry.Id, Time = entry.Time };
            }
            _trouble = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_trouble != e.Message) _announcer.Tell(DirectorEvents.Warning($"the events of lvsctl vrrp cannot be read: {e.Message}; trying again"));
            _trouble = e.Message;
            _reader?.Dispose();
            _reader = null;
        }
        if (journal.Trouble is null && journal.LastId - _position.Own >= WorthAWrite) Keep();
    }

    void TellLost(long lost)
    {
        if (lost == _lost) return;
        _announcer.Tell(DirectorEvents.Warning($"{lost - _lost} events of lvsctl vrrp were gone before the director could take them over; a larger daemon.journal-size keeps more"));
        _lost = lost;
    }

    void Keep()
    {
        if (_position.Id == 0) return;
        _position = _position with { Own = _announcer.Journal.LastId };
        _position.TryWrite(_state);
    }

    /// <summary>After a last look.</summary>
    public void Dispose()
    {
        lock (_one)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _timer.Dispose();
            Take();
            if (_announcer.Journal.Trouble is null) Keep();
            _reader?.Dispose();
        }
    }
}
