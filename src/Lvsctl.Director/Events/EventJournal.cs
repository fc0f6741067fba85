using System.Buffers;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Events;

/// <summary>
/// What happened, in order, on disk. An entry is one write at the end of a file, so that a process that is killed loses nothing and a machine
/// that loses its power at most the last second; when there is too much the oldest file goes. A disk that is full or broken stops nobody:
/// entries wait in memory for it. For any number of threads.
/// </summary>
public sealed class EventJournal : IDisposable
{
    /// <summary>Entries that wait for a disk that does not take them.</summary>
    const int MostWaiting = 10_000;

    /// <summary>Entries that go to the disk by one write.</summary>
    const int WrittenAtOnce = 100;

    /// <summary>Characters of a text; with all its fields an entry stays below what a reader takes for a line.</summary>
    const int LongestText = 2_000;
    const int SegmentsInAll = 8;
    const int SmallestSegment = 16 * 1024;
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    static readonly TimeSpan s_flushAfter = TimeSpan.FromSeconds(1);

    readonly Lock _one = new();
    readonly TimeProvider _clock;
    readonly ITimer _timer;
    readonly ArrayBufferWriter<byte> _line = new();
    readonly ArrayBufferWriter<byte> _entry = new();
    readonly Queue<JournalEntry> _waiting = [];
    TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    FileStream? _file;
    JournalSegment _segment;
    long _length;
    bool _isArmed;
    bool _isDisposed;

    /// <param name="directory">Created when first written to.</param>
    /// <param name="size">Bytes that all files may have together; about an eighth of it goes at a time.</param>
    public EventJournal(string directory, long size, TimeProvider clock)
    {
        (Directory, Size, _clock) = (directory, size, clock);
        _timer = clock.CreateTimer(_ => Tend(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            Resume();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Trouble = $"the journal in {directory} cannot be read: {e.Message}; it begins anew";
        }
    }

    public string Directory { get; }

    /// <summary>Bytes that all files may have together. Another takes effect with the next file that is begun.</summary>
    public long Size { get; set; }

    long SegmentSize => Math.Max(SmallestSegment, Size / SegmentsInAll);

    /// <summary>Where the journal of a state directory is.</summary>
    public static string In(string stateDirectory) => Path.Combine(stateDirectory, "events");

    /// <summary>0: there is none yet.</summary>
    public long LastId { get; private set; }

    /// <summary>Why entries are not on disk, or not all; null: they are. For people.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Entries that were given up because the disk did not take them for too long.</summary>
    public long Dropped { get; private set; }

    /// <summary>Never fails: what the disk does not take waits for it.</summary>
    /// <param name="time">When it happened; null: now.</param>
    public JournalEntry Append(DirectorEvent what, DateTimeOffset? time = null)
    {
        JournalEntry entry;
        TaskCompletionSource told;
        lock (_one)
        {
            entry = Enqueue(what, time);
            told = WriteAll();
        }
        told.SetResult();
        return entry;
    }

    /// <summary>The same of many, which the disk takes by the dozen.</summary>
    public void AppendAll(IEnumerable<DirectorEvent> what)
    {
        TaskCompletionSource told;
        lock (_one)
        {
            foreach (var each in what)
            {
                Enqueue(each, null);
                if (_waiting.Count % WrittenAtOnce == 0) WriteWaiting();
            }
            told = WriteAll();
        }
        told.SetResult();
    }

    JournalEntry Enqueue(DirectorEvent what, DateTimeOffset? time)
    {
        var entry = new JournalEntry(++LastId, time ?? _clock.GetUtcNow(), Bounded(what));
        if (_waiting.Count == MostWaiting)
        {
            _waiting.Dequeue();
            Dropped++;
        }
        _waiting.Enqueue(entry);
        return entry;
    }

    TaskCompletionSource WriteAll()
    {
        WriteWaiting();
        Arm();
        var told = _appended;
        _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return told;
    }

    // A manifest may have a thousand mistakes; the log has them all.
    static DirectorEvent Bounded(DirectorEvent what)
    {
        if (what.Text.Length <= LongestText && !what.Fields.Any(f => f.Text?.Length > LongestText)) return what;
        return what with { Text = Cut(what.Text), Fields = what.Fields.Select(f => f.Text is { } text ? f with { Text = Cut(text) } : f).ToValueList() };

        static string Cut(string text) => text.Length <= LongestText ? text : $"{text[..LongestText]}... ({text.Length - LongestText} characters more in the log)";
    }

    /// <summary>Ends when there is an entry after this one.</summary>
    public Task WaitAsync(long after, CancellationToken cancellation)
    {
        lock (_one) return LastId > after ? Task.CompletedTask : _appended.Task.WaitAsync(cancellation);
    }

    /// <summary>The caller disposes it.</summary>
    public JournalReader Read(long after) => new(Directory, after);

    void WriteWaiting()
    {
        while (_waiting.Count > 0)
        {
            try
            {
                var count = _file is null ? 0 : Gather(isBegun: true);
                if (count == 0)
                {
                    Turn(_waiting.Peek().Id);
                    count = Gather(isBegun: false);
                }
                _file!.Write(_line.WrittenSpan);
                _length += _line.WrittenCount;
                for (var i = 0; i < count; i++) _waiting.Dequeue();
                Trouble = null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Trouble = $"the journal in {Directory} cannot be written: {e.Message}; {_waiting.Count} events wait for it";
                Unwrite();
                return;
            }
        }
    }

    /// <summary>As many lines as are written at once and as the file has room for.</summary>
    /// <param name="isBegun">There are others in the file; a new one takes whatever comes first.</param>
    /// <returns>How many they are; 0: the next needs another file.</returns>
    int Gather(bool isBegun)
    {
        _line.ResetWrittenCount();
        var count = 0;
        foreach (var entry in _waiting)
        {
            _entry.ResetWrittenCount();
            entry.WriteTo(_entry);
            _entry.Write("\n"u8);
            if (_length + _line.WrittenCount + _entry.WrittenCount > SegmentSize && (isBegun || count > 0)) break;
            _line.Write(_entry.WrittenSpan);
            if (++count == WrittenAtOnce) break;
        }
        return count;
    }

    // A full disk may have taken half of a line.
    void Unwrite()
    {
        try
        {
            if (_file?.Length > _length) _file.SetLength(_length);
        }
        catch (IOException)
        {
            // The next lines go to another file, and this one's end is passed over.
            _file?.Dispose();
            _file = null;
        }
    }

    void Turn(long firstId)
    {
        AtomicFile.CreateDirectory(Directory);
        _file?.Flush(flushToDisk: true);
        _file?.Dispose();
        _file = null;
        var segments = JournalSegment.AllIn(Directory);
        // Room first: where the disk is full that may be what helps.
        for (var i = 0; i < segments.Count && segments.Skip(i).Sum(s => new FileInfo(s.Path).Length) + SegmentSize > Math.Max(Size, 2 * SegmentSize); i++) File.Delete(segments[i].Path);
        _segment = JournalSegment.New(Directory, firstId);
        _file = new FileStream(_segment.Path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0, UnixCreateMode = Mode });
        _length = _file.Length;
    }

    // Goes on after the last entry that can be read. A half line at the end is a crash's, and goes.
    void Resume()
    {
        if (JournalSegment.AllIn(Directory) is not [.., var last]) return;
        _segment = last;
        var text = File.ReadAllBytes(last.Path);
        var whole = text.AsSpan().LastIndexOf((byte)'\n') + 1;
        LastId = last.FirstId - 1;
        var damaged = 0;
        foreach (var range in text.AsSpan(0, whole).Split((byte)'\n'))
        {
            var line = text.AsSpan(0, whole)[range];
            if (line.IsEmpty) continue;
            if (JournalEntry.TryRead(line, out var entry) && entry.Id > LastId)
            {
                LastId = entry.Id;
            }
            else
            {
                damaged++;
                LastId++;
            }
        }
        if (damaged > 0) Trouble = $"{damaged} lines of {last.Path} are damaged and are passed over; the rest of the journal is kept";
        _file = new FileStream(last.Path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });
        _file.SetLength(whole);
        _file.Seek(whole, SeekOrigin.Begin);
        _length = whole;
    }

    void Arm()
    {
        if (_isArmed || _isDisposed) return;
        _isArmed = true;
        _timer.Change(s_flushAfter, Timeout.InfiniteTimeSpan);
    }

    void Tend()
    {
        FileStream? file;
        lock (_one)
        {
            _isArmed = false;
            if (_isDisposed) return;
            WriteWaiting();
            if (_waiting.Count > 0) Arm();
            file = _file;
        }
        try
        {
            // Outside of the lock: a slow disk keeps nobody.
            file?.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Turned away meanwhile, which flushes, or a broken disk, which the next write will tell.
        }
    }

    public void Dispose()
    {
        lock (_one)
        {
            if (_isDisposed) return;
            WriteWaiting();
            _isDisposed = true;
            _timer.Dispose();
            try
            {
                _file?.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                // Nobody is left to tell.
            }
            _file?.Dispose();
        }
    }
}
