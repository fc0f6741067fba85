using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lvsctl.Kernel.Tests.Lab;

/// <summary>A host of a small network: a network namespace with a name, which other programs and several threads can be in.</summary>
sealed class LabHost : IDisposable
{
    const int CLONE_NEWNET = 0x40000000;

    static int s_count;

    // Tests run at the same time, and examples have a director too.
    readonly string _namespace = $"{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";

    public LabHost()
    {
        Assert.True(Environment.GetEnvironmentVariable("LVSCTL_LAB") == "1", "this test needs a kernel with IPVS: run scripts/test, or this program under scripts/in-kernel");
        Command.MustRun("ip", "netns", "add", _namespace);
        Run("ip", "link", "set", "lo", "up");
    }

    public void Dispose()
    {
        // Sockets that linger keep the namespace for a while, and a service in it keeps the kernel's modules.
        Try("/usr/sbin/ipvsadm", "-C");
        Command.Run("ip", "netns", "del", _namespace);
    }

    /// <summary>Gives the host a card, wired to a port of the bridge on another host.</summary>
    /// <returns>The port's name.</returns>
    public string Wire(LabHost network, string bridge, string address, string card = "eth0")
    {
        var port = $"p{Interlocked.Increment(ref s_count)}";
        Command.MustRun("ip", "link", "add", card, "netns", _namespace, "type", "veth", "peer", "name", port, "netns", network._namespace);
        network.Run("ip", "link", "set", port, "master", bridge, "up");
        Run("ip", "addr", "add", address, "dev", card);
        Run("ip", "link", "set", card, "up");
        return port;
    }

    public string Run(string program, params IEnumerable<string> arguments) => Command.MustRun("ip", ["netns", "exec", _namespace, program, .. arguments]);

    public Command.Result Try(string program, params IEnumerable<string> arguments) => Command.Run("ip", ["netns", "exec", _namespace, program, .. arguments]);

    /// <summary>Starts a program that stays; what it says goes to the file.</summary>
    public Process Spawn(string log, string program, params IEnumerable<string> arguments)
    {
        Process? process = null;
        Start(() => process = Process.Start("sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", log, program, .. arguments])).Join();
        return process!;
    }

    /// <summary>A thread whose sockets are this host's. It has been started.</summary>
    public Thread Start(Action work)
    {
        var thread = new Thread(() =>
        {
            using (var here = File.OpenHandle($"/run/netns/{_namespace}"))
            {
                if (setns(here, CLONE_NEWNET) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), "setns");
            }
            work();
        }) { IsBackground = true };
        thread.Start();
        return thread;
    }

    [DllImport("libc", SetLastError = true)]
    static extern int setns(SafeFileHandle descriptor, int kind);
}
