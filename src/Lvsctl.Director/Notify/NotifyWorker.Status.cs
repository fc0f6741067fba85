using Lvsctl.Core.Events;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Notify;

// How it is doing, for people and metrics. Trouble is told when it begins and when it is over.
sealed partial class NotifyWorker
{
    readonly Lock _counting = new();
    long _done;
    long _delivered;
    long _failed;
    long _givenUp;
    int _inVain;
    bool _isFailing;
    bool _isUnkept;
    DateTimeOffset? _lastSuccess;
    string? _remark;

    string? Trouble { get; set; }

    public NotifyStatus Status
    {
        get
        {
            var waiting = _backlog.Count(Volatile.Read(ref _done));
            lock (_counting) return new(Target.Label, Target.Kind, _delivered, _failed, _givenUp, waiting, _lastSuccess, Trouble);
        }
    }

    void Delivered(List<JournalEntry> events, string? remark)
    {
        // First of all: from here on it would be told twice.
        Done(events);
        var failures = 0;
        lock (_counting)
        {
            _delivered += events.Count;
            _lastSuccess = _clock.GetUtcNow();
            Trouble = remark;
            if (_isFailing) failures = _inVain;
            (_isFailing, _inVain) = (false, 0);
        }
        if (failures > 0) _announcer.Tell(DirectorEvents.NotifyDelivered(Target.Label, failures));
        if (remark is not null && remark != _remark) _announcer.Tell(DirectorEvents.NotifyFailed(Target.Label, remark));
        _remark = remark;
    }

    void Failed(string why)
    {
        bool isNew;
        lock (_counting)
        {
            _failed++;
            _inVain++;
            Trouble = why;
            isNew = !_isFailing;
            _isFailing = true;
        }
        if (isNew) _announcer.Tell(DirectorEvents.NotifyFailed(Target.Label, $"{why}; trying again"));
    }

    void GiveUp(long events, string why)
    {
        lock (_counting) _givenUp += events;
        _announcer.Tell(DirectorEvents.NotifyGivenUp(Target.Label, events, why));
    }

    void Done(List<JournalEntry> events)
    {
        Volatile.Write(ref _done, events[^1].Id);
        Keep(events[^1].Id, events[^1].Time);
    }

    void Keep(long position, DateTimeOffset time)
    {
        var trouble = _cursor.TryMove(position, time);
        if (trouble is not null && !_isUnkept) _announcer.Tell(DirectorEvents.NotifyFailed(Target.Label, $"{trouble}; after a restart it may be told again what it knows"));
        _isUnkept = trouble is not null;
    }
}
