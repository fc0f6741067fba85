using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Director.State;

/// <summary>Keeps the director's state in one file, whole at every moment, and lets one run at a time change it and the kernel's table.</summary>
/// <param name="directory">Created when first written to, mode 0755. The files in it are root's (0600).</param>
public sealed class StateStore(string directory, TimeProvider clock)
{
    public const string DefaultDirectory = "/var/lib/lvsctl";

    const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    static readonly TimeSpan s_lockRetry = TimeSpan.FromMilliseconds(50);

    public string Directory => directory;

    public string Path { get; } = System.IO.Path.Combine(directory, "state.json");

    string ConfirmationPath { get; } = System.IO.Path.Combine(directory, "confirmation.json");

    string DaemonPath { get; } = System.IO.Path.Combine(directory, "run.lock");

    string HeraldPath { get; } = System.IO.Path.Combine(directory, "events.lock");

    string LockPath { get; } = System.IO.Path.Combine(directory, "lock");

    /// <summary>Keeps other runs out until it is disposed. The lock goes with the process, whatever becomes of it.</summary>
    /// <exception cref="StateException">Another run held it all the time, or it cannot be had.</exception>
    public async Task<IDisposable> LockAsync(TimeSpan patience, CancellationToken cancellation)
    {
        CreateDirectory();
        var started = clock.GetTimestamp();
        while (true)
        {
            if (TryLock() is { } held) return held;
            if (clock.GetElapsedTime(started) >= patience)
                throw new StateException(StateProblem.Locked, $"another lvsctl is at work (it holds {LockPath}); wait for it, or give it longer with --lock-timeout");
            await Task.Delay(s_lockRetry, clock, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Null where another run holds it.</summary>
    /// <exception cref="StateException">It cannot be had.</exception>
    public IDisposable? TryLock() => TryLock(LockPath);

    /// <summary>Held by <c>lvsctl run</c> for as long as it runs; null where one does already.</summary>
    /// <exception cref="StateException">It cannot be had.</exception>
    public IDisposable? TryBeDaemon()
    {
        CreateDirectory();
        return TryLock(DaemonPath);
    }

    /// <summary>Who has it alone writes to the journal and tells people: <c>lvsctl run</c>, or where there is none to be <c>lvsctl vrrp</c>. Null: another one has it.</summary>
    /// <exception cref="StateException">It cannot be had.</exception>
    public IDisposable? TryBeHerald()
    {
        CreateDirectory();
        return TryLock(HeraldPath);
    }

    /// <summary>Makes nothing: where no daemon has ever been there is no file of one.</summary>
    /// <exception cref="StateException">It cannot be known.</exception>
    public bool IsDaemonAtWork()
    {
        if (!File.Exists(DaemonPath)) return false;
        using var mine = TryBeDaemon();
        return mine is null;
    }

    static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = System.IO.FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = FileMode });
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(path, e);
        }
        // .NET leaves the errno in HResult. Any other says that the lock cannot be had at all, and waiting would not help.
        catch (IOException e) when (e.HResult == (int)Errno.EAGAIN)
        {
            return null;
        }
        catch (IOException e)
        {
            throw new StateException(StateProblem.File, $"cannot lock {path}: {e.Message}", e);
        }
    }

    /// <summary>Two writes within a tick of the file system's clock may look the same from outside.</summary>
    static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    volatile Known? _last;

    sealed record Known(DateTime Written, long Length, bool IsSure, DirectorState State);

    /// <exception cref="StateException">The file cannot be read or understood.</exception>
    public DirectorState Read()
    {
        // A daemon asks at every change of a server, and with ten thousand of them the file is long. Each write makes a new file.
        var file = new FileInfo(Path);
        var (written, length) = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        if (_last is { IsSure: true } last && last.Written == written && last.Length == length && length > 0) return last.State;
        // Asked before it is read: whoever writes meanwhile leaves another time behind, or one that is too young to be sure of.
        var isSure = DateTime.UtcNow - written > s_tick;
        var state = ReadFile();
        _last = new(written, length, isSure, state);
        return state;
    }

    /// <summary>What was last read where it cannot be read now: for looking, and for health, which changes none of it.</summary>
    /// <exception cref="StateException">It could not be read once.</exception>
    public DirectorState ReadOrLast()
    {
        try
        {
            return Read();
        }
        catch (StateException) when (_last is not null)
        {
            return _last.State;
        }
    }

    DirectorState ReadFile() => Read(Path, StateJson.Default.StateDocument, d => d.ToState(),
        "which entries are lvsctl's and what operators asked for is unknown, so nothing was changed; "
            + "restore the file, or delete it to begin anew (drained servers come back, entries that left the manifest stay)") ?? DirectorState.Empty;

    /// <summary>The last apply that had to be confirmed; null when there was none.</summary>
    /// <exception cref="StateException">The file cannot be read or understood.</exception>
    public PendingConfirmation? ReadConfirmation() => Read(ConfirmationPath, ConfirmationJson.Default.ConfirmationDocument, d => d.ToConfirmation(),
        "whether an apply waits to be confirmed is unknown, so nothing was changed; see that the table is as you want it, then delete the file");

    /// <exception cref="StateException">The file cannot be written; the old one is still there.</exception>
    public void Write(DirectorState state) => Write(Path, file => JsonSerializer.Serialize(file, StateDocument.From(state), StateJson.Default.StateDocument));

    /// <exception cref="StateException">The file cannot be written; the old one is still there.</exception>
    public void WriteConfirmation(PendingConfirmation confirmation) =>
        Write(ConfirmationPath, file => JsonSerializer.Serialize(file, ConfirmationDocument.From(confirmation), ConfirmationJson.Default.ConfirmationDocument));

    static TState? Read<TDocument, TState>(string path, JsonTypeInfo<TDocument> form, Func<TDocument, TState> understand, string advice)
        where TState : class
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(path, e);
        }
        catch (IOException e)
        {
            throw new StateException(StateProblem.File, $"cannot read {path}: {e.Message}", e);
        }

        try
        {
            return understand(JsonSerializer.Deserialize(text, form) ?? throw new FormatException("it is empty"));
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw new StateException(StateProblem.File, $"{path} is damaged ({e.Message}): {advice}", e);
        }
    }

    void Write(string path, Action<Stream> write)
    {
        CreateDirectory();
        try
        {
            AtomicFile.Write(path, FileMode, write);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(path, e);
        }
        catch (IOException e)
        {
            throw new StateException(StateProblem.File, $"cannot write {path}: {e.Message}; nothing was changed", e);
        }
    }

    void CreateDirectory()
    {
        try
        {
            AtomicFile.CreateDirectory(directory);
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotPermitted(directory, e);
        }
        catch (IOException e)
        {
            throw new StateException(StateProblem.File, $"cannot create {directory}: {e.Message}", e);
        }
    }

    // The kernel says of a directory in a file's place that it is not permitted.
    static StateException Denied(string path, Exception cause) => System.IO.Directory.Exists(path)
        ? new(StateProblem.File, $"{path} is a directory, and a file should be there: move it away", cause)
        : NotPermitted(path, cause);

    static StateException NotPermitted(string path, Exception cause) =>
        new(StateProblem.NotPermitted, $"no permission for {path}: run as root, or choose another directory with --state-dir", cause);
}
