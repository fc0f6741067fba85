using System.Buffers;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Page;

/// <summary>The end of the journal, as JSON, for all who look at the page. It reads on from where it was, so that a look costs what is new.</summary>
sealed class RecentEvents(EventJournal journal) : IDisposable
{
    const int Most = 200;

    readonly Lock _one = new();
    readonly Queue<(long Id, byte[] Json)> _recent = new();
    readonly ArrayBufferWriter<byte> _line = new();
    JournalReader? _reader;

    /// <summary>Oldest first; the last few hundred at most.</summary>
    public IReadOnlyList<byte[]> After(long id, out long last)
    {
        lock (_one)
        {
            Read();
            last = _recent.Count == 0 ? journal.LastId : _recent.Last().Id;
            return [.. _recent.Where(e => e.Id > id).Select(e => e.Json)];
        }
    }

    void Read()
    {
        try
        {
            _reader ??= journal.Read(Math.Max(0, journal.LastId - Most));
            while (_reader.TryRead(out var entry))
            {
                _line.ResetWrittenCount();
                entry.WriteTo(_line);
                _recent.Enqueue((entry.Id, _line.WrittenSpan.ToArray()));
                if (_recent.Count > Most) _recent.Dequeue();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The journal says itself what is wrong with its disk; what was read is still there.
            _reader?.Dispose();
            _reader = journal.Read(_recent.Count == 0 ? 0 : _recent.Last().Id);
        }
    }

    public void Dispose() => _reader?.Dispose();
}
