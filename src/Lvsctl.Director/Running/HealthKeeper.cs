using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Running;

/// <summary>Writes what is known of the servers' health to the disk, beside the director's thread: a slow disk delays no probe.</summary>
sealed class HealthKeeper
{
    readonly HealthStore _store;
    readonly Announcer _announcer;
    readonly Lock _one = new();
    HealthDocument? _next;
    Task _writing = Task.CompletedTask;
    bool _isWriting;
    string? _trouble;

    public HealthKeeper(HealthStore store, Announcer announcer)
    {
        (_store, _announcer) = (store, announcer);
        Memory = store.Read(out var trouble) ?? HealthDocument.Empty;
        if (trouble is not null) announcer.Tell(DirectorEvents.Warning(trouble));
    }

    /// <summary>What an earlier process knew.</summary>
    public HealthDocument Memory { get; }

    /// <summary>Soon; of several that come meanwhile the last is written.</summary>
    public void Save(HealthDocument health)
    {
        lock (_one)
        {
            _next = health;
            if (!_isWriting) _writing = Task.Run(WriteAll);
            _isWriting = true;
        }
    }

    /// <summary>It is on the disk, as far as the disk takes it, before this returns.</summary>
    public void SaveNow(HealthDocument health)
    {
        Save(health);
        Task writing;
        lock (_one) writing = _writing;
        writing.Wait();
        WriteAll();
    }

    void WriteAll()
    {
        while (true)
        {
            HealthDocument health;
            lock (_one)
            {
                if (_next is null)
                {
                    _isWriting = false;
                    return;
                }
                (health, _next) = (_next, null);
            }
            try
            {
                _store.Write(health);
                _trouble = null;
            }
            catch (StateException e)
            {
                if (_trouble != e.Message) _announcer.Tell(DirectorEvents.Warning(e.Message));
                _trouble = e.Message;
            }
        }
    }
}
