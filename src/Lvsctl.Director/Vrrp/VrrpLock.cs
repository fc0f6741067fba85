using System.Globalization;
using System.Text;
using Lvsctl.Director.State;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// There is one <c>lvsctl vrrp</c> for a state directory: it holds <c>vrrp.lock</c> for as long as it lives, and <c>vrrp.process</c> says who it is
/// (<c>1234 kept</c> or <c>1234 own</c>) or that it ended in order (<c>stopped</c>). So others know without disturbing its loop. The lock goes
/// with the process, whatever becomes of it.
/// </summary>
public sealed class VrrpLock : IDisposable
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const string Kept = "kept";
    const string Own = "own";
    const string Ended = "stopped";

    // Who looks holds the lock for the moment of looking.
    const int Tries = 5;
    static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);

    readonly string _directory;
    readonly FileStream _file;

    VrrpLock(string directory, FileStream file) => (_directory, _file) = (directory, file);

    static string In(string stateDirectory) => Path.Combine(stateDirectory, "vrrp.lock");

    // Not in the lock's own file: whoever is locked out of that cannot read it.
    static string WordsIn(string stateDirectory) => Path.Combine(stateDirectory, "vrrp.process");

    /// <param name="isKept">A director started this process.</param>
    /// <exception cref="StateException">Another process holds it, or it cannot be had.</exception>
    public static VrrpLock Take(string stateDirectory, bool isKept, TimeProvider clock)
    {
        try
        {
            AtomicFile.CreateDirectory(stateDirectory);
            for (var tries = 1; ; tries++)
            {
                if (TryOpen(In(stateDirectory), FileMode.OpenOrCreate) is { } file)
                {
                    var held = new VrrpLock(stateDirectory, file);
                    held.Write(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {(isKept ? Kept : Own)}"));
                    return held;
                }
                if (tries == Tries) throw new StateException(StateProblem.Locked, $"another lvsctl vrrp is at work with {stateDirectory} (it holds {In(stateDirectory)}); 'lvsctl vrrp stop' ends it");
                clock.Pause(s_retry);
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StateException(StateProblem.NotPermitted, $"no permission for {In(stateDirectory)}: run as root, or choose another directory with --state-dir", e);
        }
    }

    /// <exception cref="IOException">It cannot be known.</exception>
    public static VrrpPresence Look(string stateDirectory)
    {
        var path = In(stateDirectory);
        if (!File.Exists(path)) return new(VrrpStanding.Absent);
        using var mine = TryOpen(path, FileMode.Open);
        var isHeld = mine is null;
        string[] words = File.Exists(WordsIn(stateDirectory)) ? File.ReadAllText(WordsIn(stateDirectory)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : [];
        return words switch
        {
            [Ended] => new(isHeld ? VrrpStanding.Ending : VrrpStanding.Stopped),
            [var number, var how] when isHeld && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var process) => new(how == Kept ? VrrpStanding.Kept : VrrpStanding.Own, process),
            // Taken and not signed yet: the next look knows more.
            _ => new(isHeld ? VrrpStanding.Kept : VrrpStanding.Absent),
        };
    }

    /// <summary>How the last one ended is of no interest any more.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Forget(string stateDirectory)
    {
        if (!File.Exists(In(stateDirectory))) return;
        using var mine = TryOpen(In(stateDirectory), FileMode.Open);
        if (mine is not null) File.Delete(WordsIn(stateDirectory));
    }

    static FileStream? TryOpen(string path, FileMode how)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = how, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = how == FileMode.Open ? null : Mode });
        }
        catch (IOException e) when (e.HResult == (int)Errno.EAGAIN)
        {
            return null;
        }
    }

    /// <summary>It ends because it was told to, so nobody is to start it again by himself.</summary>
    public void TellEnd() => Write(Ended);

    void Write(string text)
    {
        try
        {
            AtomicFile.Write(WordsIn(_directory), Mode, file => file.Write(Encoding.ASCII.GetBytes(text + "\n")));
        }
        catch (IOException)
        {
            // A full disk; others still know that somebody is there, by the lock.
        }
    }

    public void Dispose() => _file.Dispose();
}
