using Lvsctl.Director.Events;

namespace Lvsctl.Director.Notify;

/// <summary>Counts what waits for a target, by reading ahead of it; only where somebody asks. For any number of threads.</summary>
sealed class Backlog(EventJournal journal, Func<JournalEntry, bool> concerns) : IDisposable
{
    readonly Lock _one = new();
    readonly Queue<long> _ahead = [];
    JournalReader? _reader;

    /// <param name="done">The last event that does not wait any more.</param>
    public long Count(long done)
    {
        lock (_one)
        {
            while (_ahead.TryPeek(out var id) && id <= done) _ahead.Dequeue();
            if (done >= journal.LastId) return 0;
            if (_reader is null || _reader.Position < done)
            {
                _reader?.Dispose();
                _reader = journal.Read(done);
            }
            try
            {
                while (_reader.TryRead(out var entry))
                {
                    if (concerns(entry)) _ahead.Enqueue(entry.Id);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What could be counted; the worker says what is wrong.
            }
            return _ahead.Count;
        }
    }

    public void Dispose()
    {
        lock (_one)
        {
            _reader?.Dispose();
            _reader = null;
        }
    }
}
