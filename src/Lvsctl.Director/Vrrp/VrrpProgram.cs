using System.Collections;
using Lvsctl.Director.Control;
using Lvsctl.Linux.Processes;

namespace Lvsctl.Director.Vrrp;

/// <summary><c>lvsctl vrrp</c> as a program of this host.</summary>
/// <param name="command">Absolute path and arguments.</param>
/// <param name="socket">Where it listens.</param>
public sealed class VrrpProgram(IReadOnlyList<string> command, string stateDirectory, string socket) : IVrrpProcess
{
    // sd_notify(3) and sd_listen_fds(3): what a service manager says to the director is not for its child.
    static readonly string[] s_notForIt = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "MAINPID"];

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    DetachedProgram? _child;

    public VrrpPresence Look()
    {
        if (_child is not null && _child.TakeExit() is null) return new(VrrpStanding.Kept, _child.Pid);
        _child = null;
        var known = VrrpLock.Look(stateDirectory);
        // With another state directory, but the same socket.
        return known.Standing is VrrpStanding.Absent or VrrpStanding.Stopped && VrrpClient.IsAnswered(socket) ? new(VrrpStanding.Own) : known;
    }

    public string? Start()
    {
        // One that dies before it has signed is not to be taken for the one before it.
        VrrpLock.Forget(stateDirectory);
        return DetachedProgram.TryStart(command, Variables(), out _child);
    }

    static List<string> Variables()
    {
        var variables = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (!s_notForIt.Contains((string)variable.Key)) variables.Add($"{variable.Key}={variable.Value}");
        }
        return variables;
    }

    public string? Reload() => Ask(VrrpQuestions.Reload);

    public VrrpStatusDocument? Status()
    {
        try
        {
            return VrrpClient.Status(socket, s_patience);
        }
        catch (ControlException)
        {
            return null;
        }
    }

    public string? Stop() => Ask(VrrpQuestions.Stop);

    string? Ask(string question)
    {
        try
        {
            VrrpClient.Ask(socket, question);
            return null;
        }
        catch (ControlException e)
        {
            return e.ExitCode == (int)ExitCode.ManifestInvalid ? null : e.Message;
        }
    }
}
