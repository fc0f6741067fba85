using System.Diagnostics.CodeAnalysis;
using Lvsctl.Core.Events;

namespace Lvsctl.Director.Events;

/// <summary>
/// Reads the director's journal, and of VRRP's what the director has not taken over (yet), in order of time, from any process, while both are
/// being written. Each event comes once, also when it is taken over meanwhile.
/// </summary>
public sealed class JournalMerge : IDisposable
{
    readonly JournalReader _own;
    readonly JournalReader _vrrp;
    readonly long _takenBefore;
    JournalEntry? _nextOwn;
    JournalEntry? _nextVrrp;
    long _shown;
    long _taken;

    /// <exception cref="IOException">The files cannot be read.</exception>
    public JournalMerge(string stateDirectory)
    {
        _takenBefore = IntakePosition.Find(stateDirectory).Id;
        _own = new JournalReader(EventJournal.In(stateDirectory), 0);
        _vrrp = new JournalReader(JournalIntake.SourceIn(stateDirectory), _takenBefore);
    }

    /// <returns>False where there is no more yet.</returns>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public bool TryRead([NotNullWhen(true)] out JournalEntry? entry)
    {
        Fill();
        if (_nextVrrp is not null && (_nextOwn is null || _nextVrrp.Time < _nextOwn.Time))
        {
            _shown = _nextVrrp.Id;
            entry = _nextVrrp with { Event = _nextVrrp.Event.With(EventFields.VrrpId, _nextVrrp.Id) };
            _nextVrrp = null;
            return true;
        }
        (entry, _nextOwn) = (_nextOwn, null);
        return entry is not null;
    }

    void Fill()
    {
        while (_nextOwn is null && _own.TryRead(out _nextOwn))
        {
            if (_nextOwn.Event.VrrpId is not { } id || id <= _takenBefore) break;
            _taken = id;
            if (id <= _shown) _nextOwn = null;
        }
        if (_nextVrrp?.Id <= _taken) _nextVrrp = null;
        while (_nextVrrp is null && _vrrp.TryRead(out _nextVrrp))
        {
            if (_nextVrrp.Id <= _taken) _nextVrrp = null;
        }
    }

    public void Dispose()
    {
        _own.Dispose();
        _vrrp.Dispose();
    }
}
