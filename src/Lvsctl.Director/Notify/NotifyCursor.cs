using System.Globalization;
using System.Text;
using Lvsctl.Director.Events;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Notify;

/// <summary>How far in the journal a target has been told, on disk: <c>1234 2026-11-22T10:20:30.123Z</c>, the last event's id and time.</summary>
sealed class NotifyCursor
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    readonly string _path;

    NotifyCursor(string path, long position) => (_path, Position) = (path, position);

    /// <summary>The id of the last event that is done with.</summary>
    public long Position { get; private set; }

    /// <param name="end">Where a target begins that was not there before.</param>
    public static NotifyCursor Open(string directory, string key, EventJournal journal, long end)
    {
        var path = Path.Combine(directory, key);
        try
        {
            if (!File.Exists(path)) return New();
            var words = File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries);
            if (words.Length != 2 || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                || !DateTimeOffset.TryParse(words[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                return New();
            }
            return new(path, position <= end ? position : LastUntil(journal, time));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(path, end);
        }

        // From now on it is known, whatever happens before the first delivery.
        NotifyCursor New()
        {
            var cursor = new NotifyCursor(path, end);
            cursor.TryMove(end, DateTimeOffset.UnixEpoch);
            return cursor;
        }
    }

    // The journal's end was lost with the machine's power, or all of it was: ids begin anew, times do not.
    static long LastUntil(EventJournal journal, DateTimeOffset time)
    {
        using var reader = journal.Read(0);
        long position = 0;
        while (reader.TryRead(out var entry))
        {
            if (entry.Time <= time) position = entry.Id;
        }
        return position;
    }

    /// <returns>Why it is not on disk; null: it is.</returns>
    public string? TryMove(long position, DateTimeOffset time)
    {
        Position = position;
        try
        {
            AtomicFile.CreateDirectory(Path.GetDirectoryName(_path)!);
            AtomicFile.Write(_path, Mode, file => file.Write(Encoding.UTF8.GetBytes($"{position.ToString(CultureInfo.InvariantCulture)} {time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}\n")));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{_path} cannot be written: {e.Message}";
        }
    }

    /// <summary>Forgets all targets but these.</summary>
    public static void Keep(string directory, IReadOnlySet<string> keys)
    {
        try
        {
            if (!Directory.Exists(directory)) return;
            foreach (var path in Directory.GetFiles(directory))
            {
                // Of one that stays there may be a draft just now.
                if (!keys.Contains(Path.GetFileName(path)) && !keys.Contains(Path.GetFileNameWithoutExtension(path))) AtomicFile.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is done the next time; until then it disturbs nobody.
        }
    }
}
