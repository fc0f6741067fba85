using System.Globalization;
using System.Text;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Events;

/// <summary>How far the journal of <c>lvsctl vrrp</c> has been taken over into the director's.</summary>
/// <param name="Id">There, of the last entry; 0: none.</param>
/// <param name="Time">Of the same entry: ids begin anew where a journal was lost, times do not.</param>
/// <param name="Own">In the director's journal: up to here it is known.</param>
public readonly record struct IntakePosition(long Id, DateTimeOffset Time, long Own)
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    static string In(string stateDirectory) => Path.Combine(stateDirectory, "vrrp-intake");

    /// <exception cref="IOException">A journal cannot be read.</exception>
    public static IntakePosition Find(string stateDirectory)
    {
        var position = Read(stateDirectory);
        using (var own = new JournalReader(EventJournal.In(stateDirectory), position.Own))
        {
            while (own.TryRead(out var entry))
            {
                if (entry.Event.VrrpId is { } id) position = new(id, entry.Time, entry.Id);
            }
        }
        return position.Id == 0 || position.IsIn(JournalIntake.SourceIn(stateDirectory)) ? position : position with { Id = position.LastBefore(JournalIntake.SourceIn(stateDirectory)) };
    }

    static IntakePosition Read(string stateDirectory)
    {
        if (!File.Exists(In(stateDirectory))) return default;
        var words = File.ReadAllText(In(stateDirectory)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 3 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && DateTimeOffset.TryParse(words[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var own) ? new(id, time, own) : default;
    }

    bool IsIn(string source)
    {
        using var reader = new JournalReader(source, Id - 1);
        return reader.TryRead(out var entry) && entry.Id == Id && entry.Time == Time;
    }

    // The journal's end was lost with the machine's power, or all of it was.
    long LastBefore(string source)
    {
        using var reader = new JournalReader(source, 0);
        long last = 0;
        while (reader.TryRead(out var entry))
        {
            if (entry.Time <= Time) last = entry.Id;
        }
        return last;
    }

    /// <summary>Where it cannot be written the next start looks longer.</summary>
    public void TryWrite(string stateDirectory)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Id} {Time.UtcDateTime:O} {Own}\n");
        try
        {
            AtomicFile.Write(In(stateDirectory), Mode, file => file.Write(Encoding.UTF8.GetBytes(text)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The journal has it too.
        }
    }
}
