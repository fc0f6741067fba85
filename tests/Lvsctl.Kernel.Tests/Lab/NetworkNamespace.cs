using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Lvsctl.Kernel.Tests.Lab;

/// <summary>
/// An empty network namespace, with an IPVS table of its own, for the length of a test. It belongs to one thread: sockets opened there
/// and processes started there are in it.
/// </summary>
static class NetworkNamespace
{
    const int CLONE_NEWNET = 0x40000000;

    public static void Run(Action test)
    {
        Assert.True(Environment.GetEnvironmentVariable("LVSCTL_LAB") == "1", "this test needs a kernel with IPVS: run scripts/test, or this program under scripts/in-kernel");
        ExceptionDispatchInfo? failure = null;
        // A thread of its own: the namespace ends with it and never leaks into the pool.
        var thread = new Thread(() =>
        {
            try
            {
                if (unshare(CLONE_NEWNET) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError(), "unshare(CLONE_NEWNET)");
                // With lo down the namespace has no local routing table, and the kernel refuses every IPv4 server as "not unicast".
                Command.MustRun("ip", "link", "set", "lo", "up");
                test();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                // Sockets that linger keep the namespace for a while, and a service in it keeps the kernel's modules.
                Command.Run("/usr/sbin/ipvsadm", "-C");
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    [DllImport("libc", SetLastError = true)]
    static extern int unshare(int flags);
}
