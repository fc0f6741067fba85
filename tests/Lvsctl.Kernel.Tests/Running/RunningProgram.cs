using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Running;

/// <summary><c>lvsctl run</c> in the calling thread's network namespace, with what it has said so far.</summary>
sealed class RunningProgram : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    readonly Process _process;
    readonly List<string> _lines = [];
    int _read;

    /// <param name="before">A program that starts it: <c>setpriv</c> and its like.</param>
    public RunningProgram(string manifest, string state, string[]? before = null)
    {
        string[] command = [.. before ?? [], Lab.Program.Path, "run", "--manifest", manifest, "--state-dir", state];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            lock (_lines)
            {
                _lines.Add(line.Data);
                Monitor.PulseAll(_lines);
            }
        };
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Log
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    /// <summary>Until it says these words, after those that were waited for before.</summary>
    public void Wait(string words)
    {
        var began = Stopwatch.GetTimestamp();
        lock (_lines)
        {
            while (true)
            {
                for (; _read < _lines.Count; _read++)
                {
                    if (!_lines[_read].Contains(words, StringComparison.Ordinal)) continue;
                    _read++;
                    return;
                }
                if (_process.HasExited || Stopwatch.GetElapsedTime(began) > s_patience) throw new InvalidOperationException($"waited for '{words}' after\n{string.Join('\n', _lines)}");
                Monitor.Wait(_lines, TimeSpan.FromSeconds(1));
            }
        }
    }

    public void Signal(string name) => Command.MustRun("kill", $"-{name}", $"{_process.Id}");

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Its exit code.</summary>
    public int Stop()
    {
        Signal("TERM");
        return WaitForExit();
    }

    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(s_patience), $"it does not end:\n{Log}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}
