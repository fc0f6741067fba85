using System.Diagnostics.CodeAnalysis;

namespace Lvsctl.Director.Events;

/// <summary>
/// Reads the journal in order, from any process, while it is being written. What is damaged is passed over; what has gone for want of room is
/// counted.
/// </summary>
/// <param name="directory">The journal's; need not be there.</param>
/// <param name="after">Entries up to this id are passed over.</param>
public sealed class JournalReader(string directory, long after) : IDisposable
{
    const int LongestLine = 64 * 1024;

    FileStream? _file;
    long _segment = -1;
    byte[] _buffer = new byte[8 * 1024];
    int _start;
    int _end;

    /// <summary>Of the last entry that was read.</summary>
    public long Position { get; private set; } = after;

    /// <summary>Entries that were gone before they could be read, or could not be read.</summary>
    public long Lost { get; private set; }

    /// <returns>False where there is no more yet.</returns>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public bool TryRead([NotNullWhen(true)] out JournalEntry? entry)
    {
        while (true)
        {
            if (_file is null && !OpenNext())
            {
                entry = null;
                return false;
            }
            while (TryTakeLine(out var line))
            {
                if (!JournalEntry.TryRead(line, out entry) || entry.Id <= Position) continue;
                Lost += Position == 0 ? 0 : entry.Id - Position - 1;
                Position = entry.Id;
                return true;
            }
            // A later file means that this one is complete.
            if (!OpenNext())
            {
                entry = null;
                return false;
            }
        }
    }

    bool OpenNext()
    {
        var segments = JournalSegment.AllIn(directory);
        // At first the last one that can hold what comes after; then the one that follows.
        var next = _segment < 0 ? Math.Max(0, segments.FindLastIndex(s => s.FirstId <= Position + 1)) : segments.FindIndex(s => s.FirstId > _segment);
        if (next < 0 || next >= segments.Count) return false;
        // Between the last look at this file and now the rest may have been written to it.
        if (_file is not null && Fill()) return true;
        try
        {
            var file = new FileStream(segments[next].Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            _file?.Dispose();
            (_file, _segment, _start, _end) = (file, segments[next].FirstId, 0, 0);
            return true;
        }
        catch (FileNotFoundException)
        {
            // It went for want of room.
            return OpenNext();
        }
    }

    bool TryTakeLine(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (end >= 0)
            {
                line = _buffer.AsSpan(_start, end);
                _start += end + 1;
                return true;
            }
            if (!Fill())
            {
                line = default;
                return false;
            }
        }
    }

    bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
        {
            // No line of ours is as long: it is not one.
            if (_buffer.Length >= LongestLine) _end = 0;
            else Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        var read = _file!.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }

    public void Dispose() => _file?.Dispose();
}
