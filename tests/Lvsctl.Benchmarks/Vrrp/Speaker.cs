using System.Diagnostics;
using System.Globalization;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Benchmarks.Vrrp;

/// <summary>
/// lvsctl or keepalived on one host of a segment, the same for both: version 3, priority 100, no preemption (so that whoever has the address
/// keeps it until the next trial), real-time scheduling, locked memory.
/// </summary>
abstract class Speaker(Space host, string folder, string name) : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    protected const string Address = "10.1.8.100";
    protected const int Priority = 100;

    Process? _process;

    protected string At(string file) => Path.Combine(folder, $"{name}{file}");

    protected abstract (string Program, string[] Arguments) Command { get; }

    public string Log => File.Exists(At(".log")) ? File.ReadAllText(At(".log")) : "";

    /// <summary>Changes of state since it was started.</summary>
    public abstract long Changes { get; }

    /// <summary>What it says of itself; nothing, where it says nothing.</summary>
    public virtual string Remarks => "";

    public void Start()
    {
        _process?.Dispose();
        _process = host.Spawn(At(".log"), Command.Program, Command.Arguments);
    }

    public void Terminate() => Space.Must("kill", "-TERM", $"{_process!.Id}");

    public void WaitForEnd()
    {
        if (!_process!.WaitForExit(s_patience)) throw new InvalidOperationException($"{name} does not stop: {Log}");
    }

    /// <summary>MiB resident, of all its processes; and how many threads they have.</summary>
    public (double MiB, int Threads) Size()
    {
        int[] all = [_process!.Id, .. File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        return (all.Sum(p => Field(p, "VmRSS:")) / 1024.0, all.Sum(p => Field(p, "Threads:")));
    }

    static int Field(int pid, string name) =>
        int.Parse(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(name, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            Terminate();
            // keepalived's parent ends its child; to kill it would leave that one behind.
            if (!_process.WaitForExit(s_patience)) _process.Kill(entireProcessTree: true);
        }
        _process?.Dispose();
    }
}

sealed class LvsctlSpeaker : Speaker
{
    readonly string _program;

    public LvsctlSpeaker(string program, Space host, string folder, string name, TimeSpan interval)
        : base(host, folder, name)
    {
        _program = program;
        File.WriteAllText(At(".yaml"), $"vrrp:\n  edge:\n    interface: eth0\n    id: 51\n    priority: {Priority}\n    preempt: false\n    interval: {interval.TotalMilliseconds}ms\n    addresses: {Address}/24\n");
    }

    string Socket => At(".sock");

    protected override (string, string[]) Command => (_program, ["vrrp", "-m", At(".yaml"), "--state-dir", At(".state"), "--socket", Socket]);

    VrrpStatusDocument Status => VrrpClient.Status(Socket);

    public override long Changes => Status.Routers[0].Counters.Transitions;

    public override string Remarks
    {
        get
        {
            var status = Status;
            return string.Create(CultureInfo.InvariantCulture, $"{(status.RealTime ? "real-time" : "ordinary")}, memory {(status.MemoryLocked ? "locked" : "not locked")}, worst lateness {status.Lateness.WorstMs:F1} ms, {status.Lateness.Notable} of {status.Lateness.Served} timers more than 5 ms late");
        }
    }

    /// <summary>As an operator does it; whoever waits knows that it is over.</summary>
    public void HandOver() => Space.Must("sh", "-c", "exec \"$0\" vrrp failover --socket \"$1\" >/dev/null", _program, Socket);
}

sealed class KeepalivedSpeaker : Speaker
{
    readonly string _program;

    public KeepalivedSpeaker(string program, Space host, string folder, string name, TimeSpan interval)
        : base(host, folder, name)
    {
        _program = program;
        File.WriteAllText(At(".conf"), string.Create(CultureInfo.InvariantCulture, $$"""
            global_defs {
              vrrp_rt_priority 10
              vrrp_no_swap
            }
            vrrp_instance edge {
              interface eth0
              virtual_router_id 51
              state BACKUP
              version 3
              priority {{Priority}}
              nopreempt
              advert_int {{interval.TotalSeconds}}
              virtual_ipaddress {
                {{Address}}/24
              }
            }

            """));
    }

    protected override (string, string[]) Command => (_program, ["-P", "-n", "-l", "-f", At(".conf"), "-p", At(".pid"), "-r", At(".vrrp.pid")]);

    // As with the other, what it begins with counts: from the start to backup.
    public override long Changes => Log.Split('\n').LongCount(l => l.Contains("Entering ", StringComparison.Ordinal) && l.EndsWith(" STATE", StringComparison.Ordinal));
}
