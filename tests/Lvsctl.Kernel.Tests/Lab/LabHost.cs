using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Lvsctl.Linux.Addresses;
using Microsoft.Win32.SafeHandles;

namespace Lvsctl.Kernel.Tests.Lab;

/// <summary>A host of a small network: a network namespace with a name, which other programs and several threads can be in.</summary>
sealed class LabHost : IDisposable
{
    const int CLONE_NEWNET = 0x40000000;

    static int s_count;

    // Tests run at the same time, and examples have a director too.
    readonly string _namespace = $"{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
    readonly Lazy<AddressClient> _addresses;

    /// <param name="needsIpvs">False: with LVSCTL_NETNS=1 it may be in the kernel at hand too.</param>
    public LabHost(bool needsIpvs = true)
    {
        Assert.True(IsLab || (!needsIpvs && Environment.GetEnvironmentVariable("LVSCTL_NETNS") == "1"), "this test needs a kernel with IPVS: run scripts/test, or this program under scripts/in-kernel");
        Command.MustRun("ip", "netns", "add", _namespace);
        _addresses = new(() => In(AddressClient.Open));
        Run("ip", "link", "set", "lo", "up");
    }

    static bool IsLab => Environment.GetEnvironmentVariable("LVSCTL_LAB") == "1";

    public void Dispose()
    {
        // Sockets that linger keep the namespace for a while, and a service in it keeps the kernel's modules.
        if (IsLab) Try("/usr/sbin/ipvsadm", "-C");
        if (_addresses.IsValueCreated) _addresses.Value.Dispose();
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

    public string Run(string program, params IEnumerable<string> arguments) => In(() => Command.MustRun(program, arguments));

    public Command.Result Try(string program, params IEnumerable<string> arguments) => In(() => Command.Run(program, arguments));

    /// <summary>Without a program, as the lab is slow with those.</summary>
    public bool Has(string address, string card = "eth0")
    {
        lock (_addresses)
        {
            var (wanted, link) = (IPAddress.Parse(address), _addresses.Value.GetLink(card).Index);
            return _addresses.Value.ListAddresses().Any(a => a.LinkIndex == link && a.Address.Equals(wanted));
        }
    }

    /// <summary>Patient for 20 seconds with whatever it waits for.</summary>
    public Socket Connect(IPEndPoint to) => In(() =>
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000, SendTimeout = 20_000 };
        socket.Connect(to);
        return socket;
    });

    public Socket Listen(IPEndPoint at) => In(() =>
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(at);
        socket.Listen();
        return socket;
    });

    T In<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Start(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }).Join();
        failure?.Throw();
        return result;
    }

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
