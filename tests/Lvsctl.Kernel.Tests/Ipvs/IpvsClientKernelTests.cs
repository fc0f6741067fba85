using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Kernel.Tests.Ipvs;

/// <summary>What the fake kernel of the unit tests stands for, asked of a real one.</summary>
public class IpvsClientKernelTests
{
    static readonly ServiceKey s_web = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);
    static readonly ServiceKey s_web6 = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("2001:db8::1"), 80);

    [Fact]
    public void The_kernel_says_its_version_and_time_outs() => InKernel(client =>
    {
        Assert.Equal(new Version(1, 2, 1), client.GetInfo().Version);
        Assert.Equal(new ConnectionTimeouts(900, 120, 300), client.GetTimeouts());
        Assert.Empty(client.Apply([new TableChange.SetTimeouts(new ConnectionTimeouts(100, 0, 7))]));
        Assert.Equal(new ConnectionTimeouts(100, 120, 7), client.GetTimeouts());
    });

    public static TheoryData<VirtualService> Services() => new(
        new VirtualService(s_web) { Scheduler = "wrr", Flags = ServiceFlags.Persistent, PersistenceTimeout = 300, Netmask = 0xFFFFFF00 },
        new VirtualService(s_web) { Scheduler = "none", Netmask = 0x00000018 },
        new VirtualService(s_web6) { Scheduler = "lblcr", Flags = ServiceFlags.Persistent, PersistenceTimeout = 2_678_400, Netmask = 64 },
        new VirtualService(ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("10.0.0.2"), 53)) { Scheduler = "rr", Flags = ServiceFlags.OnePacket },
        new VirtualService(ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("10.0.0.2"), 5060))
        {
            Scheduler = "rr", Flags = ServiceFlags.Persistent, PersistenceTimeout = 60, PersistenceEngine = "sip",
        },
        new VirtualService(ServiceKey.At(TransportProtocol.Sctp, IPAddress.Parse("2001:db8::2"), 65535)) { Scheduler = "sh", Flags = ServiceFlags.SchedulerFlags },
        new VirtualService(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Any, 0)) { Flags = ServiceFlags.Persistent, PersistenceTimeout = 1 },
        new VirtualService(ServiceKey.Marked(1)) { Scheduler = "fo" },
        new VirtualService(ServiceKey.Marked(uint.MaxValue, IpFamily.IPv6)) { Scheduler = "mh", Flags = ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2 });

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_read_back_as_it_was_written(VirtualService service) => InKernel(client =>
    {
        Assert.Empty(client.Apply([new TableChange.AddService(service)]));

        Assert.Equal(service, Assert.Single(client.ListServices()).Service);
        Assert.Equal(service, client.FindService(service.Key)!.Service);
        Assert.Empty(client.Apply([new TableChange.RemoveService(service.Key)]));
        Assert.Empty(client.ListServices());
    });

    public static TheoryData<ServiceKey, RealServer> Servers() => new()
    {
        { s_web, Server("10.1.0.1", 8080) with { Forward = ForwardingMethod.Nat, Weight = int.MaxValue, UpperThreshold = int.MaxValue, LowerThreshold = 1 } },
        { s_web, Server("10.1.0.1", 80) with { Forward = ForwardingMethod.DirectRouting, Weight = 0 } },
        { s_web, Server("10.1.0.1", 80) with { Forward = ForwardingMethod.Tunnel } },
        { s_web, Server("10.1.0.1", 80) with { Forward = ForwardingMethod.Tunnel, Tunnel = new Tunnel(TunnelType.Gue, 6080) } },
        { s_web, Server("10.1.0.1", 80) with { Forward = ForwardingMethod.Tunnel, Tunnel = new Tunnel(TunnelType.Gue, 65535, TunnelChecksum.RemoteChecksum) } },
        { s_web, Server("10.1.0.1", 80) with { Forward = ForwardingMethod.Tunnel, Tunnel = new Tunnel(TunnelType.Gre, 0, TunnelChecksum.Checksum) } },
        { s_web, Server("2001:db8::9", 80) with { Forward = ForwardingMethod.Tunnel } },
        { s_web6, Server("10.1.0.1", 80) with { Forward = ForwardingMethod.Tunnel, Tunnel = new Tunnel(TunnelType.Gre) } },
        { s_web6, Server("2001:db8::9", 8080) with { Forward = ForwardingMethod.Nat } },
        { ServiceKey.Marked(7, IpFamily.IPv6), Server("2001:db8::9", 0) },
    };

    [Theory]
    [MemberData(nameof(Servers))]
    public void A_server_is_read_back_as_it_was_written(ServiceKey service, RealServer server) => InKernel(client =>
    {
        Assert.Empty(client.Apply([new TableChange.AddService(new VirtualService(service)), new TableChange.AddServer(service, server)]));

        Assert.Equal(server, Assert.Single(client.ListServers(service)).Server);
        Assert.Empty(client.Apply([new TableChange.SetServer(service, server with { Weight = 5 })]));
        Assert.Equal(5, Assert.Single(client.ListServers(service)).Server.Weight);
        Assert.Empty(client.Apply([new TableChange.RemoveServer(service, server.Key)]));
        Assert.Empty(client.ListServers(service));
    });

    [Fact]
    public void Flags_under_a_mask_change_alone() => InKernel(client =>
    {
        var service = new VirtualService(s_web) { Flags = ServiceFlags.Persistent, PersistenceTimeout = 60, Scheduler = "sh" };

        Assert.Empty(client.Apply([
            new TableChange.AddService(service),
            new TableChange.SetService(service with { Flags = ServiceFlags.Scheduler2 }, ServiceFlags.SchedulerFlags)]));

        Assert.Equal(ServiceFlags.Persistent | ServiceFlags.Scheduler2, client.FindService(s_web)!.Service.Flags);
    });

    public static TheoryData<TableChange, Errno, IpvsErrorReason> Refusals() => new()
    {
        { new TableChange.AddService(new VirtualService(s_web)), Errno.EEXIST, IpvsErrorReason.Exists },
        { new TableChange.AddService(new VirtualService(s_web6) { Scheduler = "nosuch" }), Errno.ENOENT, IpvsErrorReason.SchedulerMissing },
        { new TableChange.AddService(new VirtualService(s_web6) { PersistenceEngine = "nosuch" }), Errno.ENOENT, IpvsErrorReason.SchedulerMissing },
        { new TableChange.AddService(new VirtualService(s_web6) { Scheduler = "a-name-of-more-than-15" }), Errno.EINVAL, IpvsErrorReason.Invalid },
        { new TableChange.AddService(new VirtualService(s_web6) { Netmask = 129 }), Errno.EINVAL, IpvsErrorReason.Invalid },
        { new TableChange.SetService(new VirtualService(s_web6)), Errno.ESRCH, IpvsErrorReason.ServiceMissing },
        { new TableChange.RemoveService(s_web6), Errno.ESRCH, IpvsErrorReason.ServiceMissing },
        { new TableChange.Zero(s_web6), Errno.ESRCH, IpvsErrorReason.ServiceMissing },
        { new TableChange.AddServer(s_web6, Server("2001:db8::2", 80)), Errno.ESRCH, IpvsErrorReason.ServiceMissing },
        { new TableChange.AddServer(s_web, Server("10.1.0.1", 80)), Errno.EEXIST, IpvsErrorReason.Exists },
        { new TableChange.SetServer(s_web, Server("10.1.0.2", 80)), Errno.ENOENT, IpvsErrorReason.ServerMissing },
        { new TableChange.RemoveServer(s_web, Server("10.1.0.2", 80).Key), Errno.ENOENT, IpvsErrorReason.ServerMissing },
        { new TableChange.AddServer(s_web, Server("10.1.0.2", 80) with { Weight = -1 }), Errno.ERANGE, IpvsErrorReason.Invalid },
        { new TableChange.AddServer(s_web, Server("10.1.0.2", 80) with { LowerThreshold = 2, UpperThreshold = 1 }), Errno.ERANGE, IpvsErrorReason.Invalid },
        { new TableChange.AddServer(s_web, Server("224.0.0.1", 80)), Errno.EINVAL, IpvsErrorReason.Invalid },
        { new TableChange.AddServer(s_web, Server("0.0.0.0", 80)), Errno.EINVAL, IpvsErrorReason.Invalid },
        { new TableChange.AddServer(s_web, Server("2001:db8::2", 80)), Errno.EINVAL, IpvsErrorReason.Invalid },
        { new TableChange.AddServer(s_web, Server("10.1.0.2", 80) with { Forward = ForwardingMethod.Tunnel, Tunnel = new(TunnelType.Gue) }), Errno.EINVAL, IpvsErrorReason.Invalid },
        { new TableChange.StopSyncDaemon(SyncState.Backup), Errno.ESRCH, IpvsErrorReason.ServiceMissing },
        { new TableChange.StartSyncDaemon(new SyncDaemon(SyncState.Master, "none0")), Errno.ENODEV, IpvsErrorReason.Other },
        { new TableChange.StartSyncDaemon(new SyncDaemon(SyncState.Master, "lo") { Group = IPAddress.Parse("10.0.0.1") }), Errno.EINVAL, IpvsErrorReason.Invalid },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_has_the_errno_and_reason_that_the_fake_kernel_gives_it(TableChange change, Errno errno, IpvsErrorReason reason) => InKernel(client =>
    {
        Assert.Empty(client.Apply([new TableChange.AddService(new VirtualService(s_web)), new TableChange.AddServer(s_web, Server("10.1.0.1", 80))]));

        var failure = Assert.Single(client.Apply([change]));

        Assert.Equal((errno, reason), (failure.Error.Errno, failure.Error.Reason));
    });

    [Fact]
    public void Ten_thousand_refusals_in_pipelined_sends_are_all_heard() => InKernel(client =>
    {
        TableChange[] changes = [.. Enumerable.Range(0, 10_000).Select(i => new TableChange.RemoveService(ServiceKey.Marked((uint)i + 1)))];

        Assert.Equal(Enumerable.Range(0, 10_000), client.Apply(changes).Select(f => f.Index));
    });

    [Fact]
    public void When_the_kernel_drops_answers_the_table_decides() => NetworkNamespace.Run(() =>
    {
        // Four KiB hold a few answers; the two hundred of a send do not fit.
        using var client = new IpvsClient(new CrampedTransport(NetlinkSocket.OpenGeneric()));
        TableChange[] changes =
        [
            .. Enumerable.Range(0, 150).Select(i => new TableChange.RemoveService(ServiceKey.Marked((uint)i + 1000))),
            .. Enumerable.Range(0, 49).Select(i => new TableChange.AddService(new VirtualService(ServiceKey.Marked((uint)i + 1)))),
            new TableChange.AddService(new VirtualService(ServiceKey.Marked(1))),
        ];

        var failures = client.Apply(changes);

        // What was refused unheard but is as it was wanted (no such service) is no failure; nothing that was done is called one.
        Assert.Equal(49, client.ListServices().Count);
        Assert.DoesNotContain(failures, f => f.Change is TableChange.AddService);
        Assert.InRange(failures.Count, 1, 149);
    });

    [Fact]
    public void A_sync_daemon_stopped_before_it_ran_leaves_no_one_waiting() => InKernel(client =>
    {
        for (var i = 0; i < 2; i++)
        {
            var failures = client.Apply([new TableChange.StartSyncDaemon(new SyncDaemon(SyncState.Master, "lo")), new TableChange.StopSyncDaemon(SyncState.Master)]);
            Assert.All(failures, f => Assert.Equal(IpvsErrorReason.AnswerLost, f.Error.Reason));
            // Whatever was reported, it is what the kernel shows.
            Assert.Equal(failures.Count, client.ListSyncDaemons().Count);
            client.Apply([new TableChange.StopSyncDaemon(SyncState.Master)]);
        }
    });

    [Fact]
    public void Sync_daemons_are_read_back_with_the_kernels_defaults() => InKernel(client =>
    {
        var backup = new SyncDaemon(SyncState.Backup, "lo") { SyncId = 7, MaxMessageLength = 1400, Group = IPAddress.Parse("224.0.0.99"), Port = 9000, Ttl = 5 };
        Assert.Empty(client.Apply([new TableChange.StartSyncDaemon(new SyncDaemon(SyncState.Master, "lo")), new TableChange.StartSyncDaemon(backup)]));

        var daemons = client.ListSyncDaemons();

        Assert.Equal(IPAddress.Parse("224.0.0.81"), daemons[0].Group);
        Assert.Equal((8848, 1), (daemons[0].Port, daemons[0].Ttl));
        Assert.Equal(backup, daemons[1]);
        var failure = Assert.Single(client.Apply([new TableChange.StartSyncDaemon(backup)]));
        Assert.Equal(IpvsErrorReason.Exists, failure.Error.Reason);
    });

    [Fact]
    public void A_module_that_is_loaded_again_is_found_under_its_new_number() => InKernel(client =>
    {
        Assert.Empty(client.Apply([new TableChange.AddService(new VirtualService(s_web) { Scheduler = "rr" })]));
        Assert.Empty(client.Apply([new TableChange.Flush()]));
        KernelModules.Unload();
        Command.MustRun("modprobe", "ip_vs");

        Assert.Empty(client.Apply([new TableChange.AddService(new VirtualService(s_web) { Scheduler = "rr" })]));
        Assert.Single(client.ListServices());
    });

    [Fact]
    public void A_table_that_someone_keeps_changing_is_either_read_whole_or_not_at_all() => InKernel(client =>
    {
        TableChange[] stable = [.. Enumerable.Range(1, 300).Select(i => new TableChange.AddService(new VirtualService(ServiceKey.Marked((uint)i))))];
        Assert.Empty(client.Apply(stable));
        using var done = new CancellationTokenSource();
        using var other = IpvsClient.Open();
        var meddler = new Thread(() =>
        {
            for (var n = 1000u; !done.IsCancellationRequested; n++)
                other.Apply([new TableChange.AddService(new VirtualService(ServiceKey.Marked(n))), new TableChange.RemoveService(ServiceKey.Marked(n - 20))]);
        });
        meddler.Start();
        try
        {
            for (var reads = 0; reads < 8; reads++)
            {
                try
                {
                    var marks = client.ReadTable().Select(p => p.Service.Service.Key.FirewallMark).ToHashSet();
                    Assert.All(Enumerable.Range(1, 300), mark => Assert.Contains((uint)mark, marks));
                }
                catch (IpvsException e) when (e.Reason == IpvsErrorReason.Unsettled)
                {
                }
            }
        }
        finally
        {
            done.Cancel();
            meddler.Join();
        }
    });

    static void InKernel(Action<IpvsClient> test) => NetworkNamespace.Run(() =>
    {
        using var client = IpvsClient.Open();
        test(client);
    });

    static RealServer Server(string address, ushort port) => new(new RealServerKey(IPAddress.Parse(address), port));

    /// <summary>A socket whose receive buffer is as small as the kernel allows.</summary>
    sealed class CrampedTransport : INetlinkTransport
    {
        readonly NetlinkSocket _socket;

        public CrampedTransport(NetlinkSocket socket)
        {
            _socket = socket;
            Assert.True(socket.TryGrowReceiveBuffer(4096));
        }

        public void Send(ReadOnlySpan<byte> datagram) => _socket.Send(datagram);

        public bool TryReceive(Span<byte> buffer, TimeSpan timeout, out int length, CancellationToken cancellation) =>
            _socket.TryReceive(buffer, timeout, out length, cancellation);

        public bool TryGrowReceiveBuffer(int bytes) => false;

        public void Dispose() => _socket.Dispose();
    }
}
