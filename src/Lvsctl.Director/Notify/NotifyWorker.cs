using Lvsctl.Core.Events;
using Lvsctl.Core.Model;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Notify;

/// <summary>
/// Tells one target what it wants to hear, in order: one delivery after the other, again until it succeeds or is too old. The journal on disk
/// is its queue; where it has got to is on disk before it goes on.
/// </summary>
sealed partial class NotifyWorker : IDisposable
{
    /// <summary>The journal's files are behind its ids: a disk that takes nothing.</summary>
    static readonly TimeSpan s_lag = TimeSpan.FromMilliseconds(250);

    /// <summary>A timer takes no more than 49 days.</summary>
    static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(20);

    /// <summary>So many events that are nothing for it, and their place is worth a write.</summary>
    const int PassedOver = 100;

    readonly EventJournal _journal;
    readonly Announcer _announcer;
    readonly TimeProvider _clock;
    readonly Deliverer _deliverer;
    readonly NotifyCursor _cursor;
    readonly Backlog _backlog;
    readonly RetryPlan _retry;
    readonly CancellationTokenSource _stop = new();
    readonly CancellationTokenSource _abort = new();
    readonly Task _run;
    JournalReader _reader;
    long _lost;
    long _looked = -1;      // up to here, and nothing behind it although there should be
    (long Id, DateTimeOffset Time) _passed;

    /// <param name="deliverer">The worker disposes of it.</param>
    public NotifyWorker(NotifyIdentity target, Deliverer deliverer, NotifyCursor cursor, EventJournal journal, Announcer announcer, TimeProvider clock)
    {
        (Target, _deliverer, _cursor, _journal, _announcer, _clock) = (target, deliverer, cursor, journal, announcer, clock);
        _backlog = new Backlog(journal, Concerns);
        _retry = new RetryPlan(clock);
        _done = cursor.Position;
        _reader = journal.Read(cursor.Position);
        _run = Task.Run(RunAsync);
    }

    /// <summary>It may get another place in the list, and with it another label.</summary>
    public NotifyIdentity Target { get; set; }

    bool Concerns(JournalEntry entry) => entry.Event.Kind.Topic is { } topic && (Target.Spec.On.Count == 0 || Target.Spec.On.Contains(topic));

    async Task RunAsync()
    {
        try
        {
            while (true)
            {
                // Before the look: what is said between it and the wish to stop would be missed.
                var isLast = _stop.IsCancellationRequested;
                var events = new List<JournalEntry>();
                var trouble = Take(events, 1);
                if (events.Count > 0)
                {
                    if (_deliverer.MostAtOnce > 1)
                    {
                        await PauseAsync(_deliverer.Gathers).ConfigureAwait(false);
                        trouble = Take(events, _deliverer.MostAtOnce);
                    }
                    if (!await SeeToAsync(events).ConfigureAwait(false)) return;
                }
                else
                {
                    Rest(isLast ? 1 : PassedOver);
                    if (isLast) return;
                    // It says so only after an event has been written; unless it cannot be.
                    var more = _journal.WaitAsync(_reader.Position, _stop.Token);
                    if (!more.IsCompleted) await UntilAsync(more).ConfigureAwait(false);
                    else if (_looked == _reader.Position) await PauseAsync(s_lag).ConfigureAwait(false);
                    _looked = _reader.Position;
                }
                if (trouble is not null) Failed($"the journal cannot be read: {trouble}");
            }
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            // It takes too long; what was not told stays in the journal.
        }
        finally
        {
            _reader.Dispose();
        }
    }

    // Up to so many; null, or why the journal cannot be read.
    string? Take(List<JournalEntry> events, int most)
    {
        try
        {
            while (events.Count < most && _reader.TryRead(out var entry))
            {
                if (_reader.Lost > _lost)
                {
                    GiveUp(_reader.Lost - _lost, "they were gone from the journal, or damaged, before it could be told; a larger daemon.journal-size keeps more");
                    _lost = _reader.Lost;
                }
                _passed = (entry.Id, entry.Time);
                if (Concerns(entry)) events.Add(entry);
            }
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var position = _reader.Position;
            _reader.Dispose();
            (_reader, _lost) = (_journal.Read(position), 0);
            return e.Message;
        }
    }

    // What it passed over need not be read again after the next start.
    void Rest(int worth)
    {
        if (_passed.Id > Volatile.Read(ref _done)) Volatile.Write(ref _done, _passed.Id);
        if (_passed.Id - _cursor.Position >= worth) Keep(_passed.Id, _passed.Time);
    }

    // False: told to stop, and what is left stays in the journal.
    async Task<bool> SeeToAsync(List<JournalEntry> events)
    {
        while (true)
        {
            GiveUpOld(events);
            if (events.Count == 0) return true;
            if (_stop.IsCancellationRequested)
            {
                // One try more, unless it would be in vain.
                if (_isFailing) return false;
                try
                {
                    Delivered(events, await TryAsync(events).ConfigureAwait(false));
                    return true;
                }
                catch (DeliveryException)
                {
                    return false;
                }
            }
            using var late = new CancellationTokenSource(TimeLeft(events[0]), _clock);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token);
            try
            {
                Delivered(events, await _retry.RunAsync(() => TryAsync(events), patience.Token).ConfigureAwait(false));
                return true;
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested && !_abort.IsCancellationRequested)
            {
                // Too old by now, or told to stop.
            }
        }
    }

    async Task<string?> TryAsync(List<JournalEntry> events)
    {
        try
        {
            return await _deliverer.DeliverAsync(events, _abort.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            // Whatever it was: the worker goes on.
            var failure = e as DeliveryException ?? new DeliveryException($"{e.GetType().Name}: {e.Message}", inner: e);
            Failed(failure.Message);
            if (ReferenceEquals(failure, e)) throw;
            throw failure;
        }
    }

    // An event of the future, by a clock that was set back, is told like one of now.
    TimeSpan Age(JournalEntry entry) => _clock.GetUtcNow() - entry.Time is var age && age > TimeSpan.Zero ? age : TimeSpan.Zero;

    TimeSpan TimeLeft(JournalEntry entry) => TimeSpan.FromTicks(Math.Clamp((Target.Spec.GiveUpAfter - Age(entry)).Ticks, TimeSpan.TicksPerMillisecond, s_longestTimer.Ticks));

    void GiveUpOld(List<JournalEntry> events)
    {
        var old = events.TakeWhile(e => Age(e) >= Target.Spec.GiveUpAfter).ToList();
        if (old.Count == 0) return;
        var why = Trouble is { } trouble ? $"it could not be told within {Duration.Text(Target.Spec.GiveUpAfter)}, the last time: {trouble}" : $"its turn did not come within {Duration.Text(Target.Spec.GiveUpAfter)}";
        events.RemoveRange(0, old.Count);
        Done(old);
        GiveUp(old.Count, why);
    }

    async Task PauseAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero) await UntilAsync(Task.Delay(time, _clock, _stop.Token)).ConfigureAwait(false);
    }

    static async Task UntilAsync(Task something) => await something.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Ends once everything that is in the journal has been told, or nothing more can be; what is under way after this time is cut off.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await UntilAsync(_run.WaitAsync(patience, _clock)).ConfigureAwait(false);
        await _abort.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
    }

    /// <summary>After it was stopped.</summary>
    public void Dispose()
    {
        _deliverer.Dispose();
        _backlog.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }
}
