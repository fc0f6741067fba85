using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Lvsctl.Director.Control;
using Lvsctl.Director.Events;

namespace Lvsctl.Cli.Commands;

/// <summary>Events in order, each once, also while the director stops and starts: they have numbers.</summary>
/// <param name="daemon">Null: the journal's files are read.</param>
/// <param name="directory">Of the state.</param>
sealed class EventSource(ControlClient? daemon, string directory, TimeProvider clock)
{
    static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(500);

    long _after;

    /// <summary>Told once when the director goes away while it is followed.</summary>
    public required Action<string> Lost { get; init; }

    /// <exception cref="ControlException">The director refused, or went away and is not followed.</exception>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public IAsyncEnumerable<JournalEntry> ReadAsync(DateTimeOffset? since, bool follow, CancellationToken cancellation) =>
        daemon is null ? FilesAsync(follow, cancellation) : DaemonAsync(daemon, since, follow, cancellation);

    async IAsyncEnumerable<JournalEntry> FilesAsync(bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Of a directory that may not be looked into .NET says that it is not there.
        if (!Directory.Exists(EventJournal.In(directory)) && !Directory.Exists(JournalIntake.SourceIn(directory)))
            throw new ControlException($"there are no events in {EventJournal.In(directory)}, or you may not read them, and no director answers; it is 'lvsctl run' that takes them down");
        using var reader = Open();
        while (true)
        {
            while (Next(reader) is { } entry) yield return entry;
            if (!follow) yield break;
            await Task.Delay(s_pollInterval, clock, cancellation).ConfigureAwait(false);
        }
    }

    JournalMerge Open() => Permitted(() => new JournalMerge(directory));

    JournalEntry? Next(JournalMerge reader) => Permitted(() => reader.TryRead(out var entry) ? entry : null);

    T Permitted<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnauthorizedAccessException)
        {
            throw new ControlException($"no permission for the events in {EventJournal.In(directory)}, and no director answers: be root", (int)ExitCode.KernelOrPermission);
        }
    }

    async IAsyncEnumerable<JournalEntry> DaemonAsync(ControlClient client, DateTimeOffset? since, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var isLost = false;
        while (true)
        {
            var query = $"{DirectorRoutes.Events}?after={_after}{(since is { } time ? $"&since={Uri.EscapeDataString(time.ToString("O", CultureInfo.InvariantCulture))}" : "")}{(follow ? "&follow=1" : "")}";
            var lines = client.StreamLinesAsync(query, cancellation).GetAsyncEnumerator(cancellation);
            await using (lines.ConfigureAwait(false))
            {
                while (true)
                {
                    string? line;
                    try
                    {
                        line = await lines.MoveNextAsync().ConfigureAwait(false) ? lines.Current : null;
                        if (isLost) Lost("lvsctl: the director answers again");
                        isLost = false;
                    }
                    // Refusals have codes of their own; this one has gone.
                    catch (ControlException e) when (follow && e.ExitCode == (int)ExitCode.Failed)
                    {
                        if (!isLost) Lost($"lvsctl: {e.Message}; waiting for it");
                        isLost = true;
                        break;
                    }
                    if (line is null) break;
                    // A line that was cut in the middle comes again, whole.
                    if (!JournalEntry.TryRead(Encoding.UTF8.GetBytes(line), out var entry) || entry.Id <= _after) continue;
                    _after = entry.Id;
                    yield return entry;
                }
            }
            if (!follow) yield break;
            await Task.Delay(s_pollInterval, clock, cancellation).ConfigureAwait(false);
        }
    }
}
