using System.Text.Json;
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

    FileStream? TryLock()
    {
        try
        {
            return new FileStream(LockPath, new FileStreamOptions { Mode = System.IO.FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = FileMode });
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotPermitted(LockPath, e);
        }
        // .NET leaves the errno in HResult. Any other says that the lock cannot be had at all, and waiting would not help.
        catch (IOException e) when (e.HResult == (int)Errno.EAGAIN)
        {
            return null;
        }
        catch (IOException e)
        {
            throw new StateException(StateProblem.File, $"cannot lock {LockPath}: {e.Message}", e);
        }
    }

    /// <exception cref="StateException">The file cannot be read or understood.</exception>
    public DirectorState Read()
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(Path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return DirectorState.Empty;
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotPermitted(Path, e);
        }
        catch (IOException e)
        {
            throw new StateException(StateProblem.File, $"cannot read {Path}: {e.Message}", e);
        }

        try
        {
            return (JsonSerializer.Deserialize(text, StateJson.Default.StateDocument) ?? throw new FormatException("it is empty")).ToState();
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw new StateException(StateProblem.File,
                $"{Path} is damaged ({e.Message}): which entries are lvsctl's and what operators asked for is unknown, so nothing was changed; "
                    + "restore the file, or delete it to begin anew (drained servers come back, entries that left the manifest stay)", e);
        }
    }

    /// <exception cref="StateException">The file cannot be written; the old one is still there.</exception>
    public void Write(DirectorState state)
    {
        CreateDirectory();
        try
        {
            AtomicFile.Write(Path, FileMode, file => JsonSerializer.Serialize(file, StateDocument.From(state), StateJson.Default.StateDocument));
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotPermitted(Path, e);
        }
        catch (IOException e)
        {
            throw new StateException(StateProblem.File, $"cannot write {Path}: {e.Message}; nothing was changed", e);
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

    static StateException NotPermitted(string path, Exception cause) =>
        new(StateProblem.NotPermitted, $"no permission for {path}: run as root, or choose another directory with --state-dir", cause);
}
