using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lvsctl.Benchmarks.Vrrp;

/// <summary>A network namespace of this host, with a name; nothing in it reaches the host's own network.</summary>
sealed partial class Space : IDisposable
{
    const int CLONE_NEWNET = 0x40000000;

    static int s_count;

    readonly string _name = $"lvsctl-bench-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";

    public Space()
    {
        Must("ip", "netns", "add", _name);
        Ip("link", "set", "lo", "up");
    }

    public void Ip(params string[] words) => Must("ip", ["-n", _name, .. words]);

    /// <summary>Gives it a card, wired to a port of the bridge in another.</summary>
    /// <returns>The port's name.</returns>
    public string Wire(Space network, string bridge, string address)
    {
        var port = $"p{Interlocked.Increment(ref s_count)}";
        Must("ip", "link", "add", "eth0", "netns", _name, "type", "veth", "peer", "name", port, "netns", network._name);
        network.Ip("link", "set", port, "master", bridge, "up");
        Ip("addr", "add", address, "dev", "eth0");
        Ip("link", "set", "eth0", "up");
        return port;
    }

    public void Shell(string script) => Must("ip", "netns", "exec", _name, "sh", "-c", script);

    /// <summary>Starts a program that stays; what it says goes to the file.</summary>
    public Process Spawn(string log, string program, params string[] arguments) =>
        Process.Start("sh", ["-c", "exec ip netns exec \"$@\" >>\"$0\" 2>&1", log, _name, program, .. arguments]);

    /// <summary>Makes something of sockets: they belong to the space of the thread that opened them.</summary>
    public T Inside<T>(Func<T> make)
    {
        T? made = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using (var here = File.OpenHandle($"/run/netns/{_name}"))
                {
                    if (setns(here, CLONE_NEWNET) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), "setns");
                }
                made = make();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? made! : throw new InvalidOperationException($"in the network namespace {_name}: {failure.Message}", failure);
    }

    public static void Must(string program, params string[] arguments)
    {
        using var run = Process.Start(program, arguments);
        run.WaitForExit();
        if (run.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {run.ExitCode}");
    }

    public void Dispose() => Must("ip", "netns", "del", _name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle descriptor, int kind);
}
