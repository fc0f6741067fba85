using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Preparation;
using Lvsctl.Director.Preparation;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Preparation;

[Collection(TunnelDevices.Name)]
public sealed class CrashTests : IDisposable
{
    static readonly RealServerRole[] Roles =
        [new(IPAddress.Parse("10.0.0.1"), ForwardingMethod.Tunnel), new(IPAddress.Parse("2001:db8::1"), ForwardingMethod.Tunnel)];

    readonly string _stateDirectory = Directory.CreateTempSubdirectory("lvsctl-crash-").FullName;

    public void Dispose() => Directory.Delete(_stateDirectory, recursive: true);

    sealed class Crash : Exception;

    // A new process each time: nothing but the record and the host is left of the old one.
    T Run<T>(Func<RealServerPreparation, T> work)
    {
        using var host = new RealServerHost();
        return work(new(host, RealServerPreparation.StoreIn(_stateDirectory)));
    }

    static string State() => Command.MustRun("sh", "-euc", "ip -o addr; ip -o link show up | cut -d: -f2,3; sysctl net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.rp_filter 2>&1; cat /proc/sys/net/ipv4/conf/tunl0/rp_filter");

    [Fact]
    public void A_preparation_that_dies_before_any_of_its_steps_can_be_undone() => AtEachStep(() => { });

    [Fact]
    public void A_preparation_that_dies_before_any_of_its_steps_can_be_continued_and_undone() => AtEachStep(() =>
        Run(p => p.Prepare(Roles, _ => { })));

    void AtEachStep(Action afterwards) => NetworkNamespace.Run(() =>
    {
        Command.MustRun("modprobe", "-a", "ipip", "ip6_tunnel");
        Command.MustRun("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1");
        var before = State();
        for (var steps = 0; ; steps++)
        {
            var left = steps;
            var died = false;
            try
            {
                Run(p => p.Prepare(Roles, _ =>
                {
                    if (left-- == 0) throw new Crash();
                }));
            }
            catch (Crash)
            {
                died = true;
            }
            afterwards();
            Run(p => p.Undo(Roles, _ => { }));
            Assert.Equal(before, State());
            Assert.True(Run(p => p.Record.IsEmpty));
            if (!died)
            {
                Assert.True(steps > 8, $"only {steps} steps");
                return;
            }
        }
    });

    [Fact]
    public void An_undo_that_dies_before_any_of_its_steps_can_be_run_again() => NetworkNamespace.Run(() =>
    {
        Command.MustRun("modprobe", "-a", "ipip", "ip6_tunnel");
        var before = State();
        for (var steps = 0; ; steps++)
        {
            Run(p => p.Prepare(Roles, _ => { }));
            var left = steps;
            try
            {
                Run(p => p.Undo(Roles, _ =>
                {
                    if (left-- == 0) throw new Crash();
                }));
                return;
            }
            catch (Crash)
            {
                Run(p => p.Undo(Roles, _ => { }));
                Assert.Equal(before, State());
            }
        }
    });
}
