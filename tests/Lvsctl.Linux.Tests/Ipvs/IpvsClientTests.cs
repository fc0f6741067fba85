using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Testing;

namespace Lvsctl.Linux.Tests.Ipvs;

public class IpvsClientTests
{
    static readonly ServiceKey s_web = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);
    static readonly ServiceKey s_dns6 = ServiceKey.At(TransportProtocol.Udp, IPAddress.Parse("2001:db8::1"), 53);

    readonly FakeKernel _kernel = new();

    [Fact]
    public void What_is_applied_is_read_back_the_same()
    {
        using var client = Open();
        var services = new[]
        {
            new VirtualService(s_web) { Scheduler = "wrr", Flags = ServiceFlags.Persistent, PersistenceTimeout = 300, Netmask = 0xFFFFFF00 },
            new VirtualService(s_dns6) { Scheduler = "rr", Flags = ServiceFlags.OnePacket, Netmask = 64 },
            new VirtualService(ServiceKey.Marked(uint.MaxValue, IpFamily.IPv6)) { Scheduler = "mh", Flags = ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2 },
        };
        var servers = new[]
        {
            Server("10.1.0.1", 8080) with { Forward = ForwardingMethod.Nat, Weight = int.MaxValue, UpperThreshold = 10, LowerThreshold = 5 },
            Server("10.1.0.2", 80) with { Forward = ForwardingMethod.Tunnel, Tunnel = new Tunnel(TunnelType.Gre, 0, TunnelChecksum.Checksum) },
            Server("2001:db8::9", 80) with { Forward = ForwardingMethod.Tunnel, Tunnel = new Tunnel(TunnelType.Gue, 6080) },
        };

        Assert.Empty(client.Apply([.. services.Select(s => new TableChange.AddService(s)), .. servers.Select(s => new TableChange.AddServer(s_web, s))]));

        Assert.Equal(services, client.ListServices().Select(s => s.Service));
        Assert.Equal(servers.Reverse(), client.ListServers(s_web).Select(s => s.Server));
        Assert.Equal(services[2], client.FindService(services[2].Key)!.Service);
        Assert.Null(client.FindService(ServiceKey.Marked(9)));
    }

    [Fact]
    public void Setting_flags_under_a_mask_leaves_the_others_alone()
    {
        using var client = Open();
        var persistent = new VirtualService(s_web) { Flags = ServiceFlags.Persistent, PersistenceTimeout = 60 };

        Assert.Empty(client.Apply([
            new TableChange.AddService(persistent),
            new TableChange.SetService(persistent with { Flags = ServiceFlags.Scheduler1 }, ServiceFlags.SchedulerFlags)]));

        Assert.Equal(ServiceFlags.Persistent | ServiceFlags.Scheduler1, client.FindService(s_web)!.Service.Flags);
    }

    [Fact]
    public void Every_refusal_is_mapped_to_its_own_request_and_the_rest_is_done()
    {
        using var client = Open();
        TableChange[] changes =
        [
            new TableChange.AddService(new VirtualService(s_web)),
            new TableChange.AddService(new VirtualService(s_web)),
            new TableChange.AddService(new VirtualService(s_dns6) { Scheduler = "nosuch" }),
            new TableChange.AddServer(s_dns6, Server("2001:db8::2", 53)),
            new TableChange.RemoveServer(s_web, new RealServerKey(IPAddress.Parse("10.1.0.9"), 80)),
            new TableChange.AddServer(s_web, Server("10.1.0.1", 80)),
        ];

        var failures = client.Apply(changes);

        Assert.Equal([(1, Errno.EEXIST), (2, Errno.ENOENT), (3, Errno.ESRCH), (4, Errno.ENOENT)], failures.Select(f => (f.Index, f.Error.Errno)));
        Assert.Equal(
            [IpvsErrorReason.Exists, IpvsErrorReason.SchedulerMissing, IpvsErrorReason.ServiceMissing, IpvsErrorReason.ServerMissing],
            failures.Select(f => f.Error.Reason));
        Assert.All(failures, f => Assert.Same(changes[f.Index], f.Change));
        Assert.Single(client.ListServers(s_web));
    }

    [Theory]
    [InlineData(10_000, true, 1000)]
    [InlineData(10_000, false, 200)]
    public void However_many_are_refused_no_answer_is_lost(int count, bool mayGrow, int perSend)
    {
        _kernel.MayGrowBuffers = mayGrow;
        _kernel.AnswersHeld = 237; // the tightest kernel seen
        using var client = Open();
        TableChange[] changes = [.. Enumerable.Range(0, count).Select(i => new TableChange.RemoveService(ServiceKey.Marked((uint)i + 1)))];
        _kernel.Sends.Clear();

        var failures = client.Apply(changes);

        Assert.Equal(Enumerable.Range(0, count), failures.Select(f => f.Index));
        Assert.All(failures, f => Assert.Equal(Errno.ESRCH, f.Error.Errno));
        Assert.Equal(count / perSend, _kernel.Sends.Count);
    }

    [Fact]
    public void When_answers_are_dropped_the_table_is_read_again_and_decides()
    {
        _kernel.AnswersHeld = 20;
        _kernel.Preload(new VirtualService(ServiceKey.Marked(150)));
        using var client = Open();
        // 100 that are refused, whose answers overflow the buffer; then ones that succeed, and one in their midst that is refused unheard.
        TableChange[] changes =
        [
            .. Enumerable.Range(0, 100).Select(_ => new TableChange.AddService(new VirtualService(ServiceKey.Marked(150)) { Scheduler = "rr" })),
            .. Enumerable.Range(1, 50).Select(i => new TableChange.AddService(new VirtualService(ServiceKey.Marked((uint)i)))),
            new TableChange.AddService(new VirtualService(ServiceKey.Marked(200)) { Scheduler = "nosuch" }),
            new TableChange.RemoveService(ServiceKey.Marked(1)),
        ];

        var failures = client.Apply(changes);

        // The first twenty were heard. Of the other eighty only the last matters: the entry is not as it asked.
        Assert.Equal([.. Enumerable.Range(0, 20), 99, 150], failures.Select(f => f.Index));
        Assert.All(failures.Skip(20), f => Assert.Equal((IpvsErrorReason.AnswerLost, Errno.ENOBUFS), (f.Error.Reason, f.Error.Errno)));
        Assert.All(failures.Skip(20), f => Assert.True(f.Error.IsTransient));
    }

    [Fact]
    public void A_daemon_that_is_started_without_an_answer_counts_as_started_when_it_runs()
    {
        _kernel.Unanswered.Add(9);
        using var client = Open();

        Assert.Empty(client.Apply([new TableChange.StartSyncDaemon(new SyncDaemon(SyncState.Master, "lo"))]));
    }

    [Fact]
    public void A_daemon_that_is_stopped_without_an_answer_counts_as_stopped_only_when_it_is_gone()
    {
        _kernel.Swallowed.Add(10);
        using var client = Open();

        var failure = Assert.Single(client.Apply([
            new TableChange.StartSyncDaemon(new SyncDaemon(SyncState.Backup, "lo")),
            new TableChange.StopSyncDaemon(SyncState.Backup)]));

        Assert.Equal((1, IpvsErrorReason.AnswerLost, Errno.ETIMEDOUT), (failure.Index, failure.Error.Reason, failure.Error.Errno));
    }

    [Fact]
    public void A_daemon_change_among_others_is_sent_alone_so_that_silence_is_not_taken_for_success()
    {
        using var client = Open();
        _kernel.Sends.Clear();

        client.Apply([
            new TableChange.AddService(new VirtualService(s_web)),
            new TableChange.Zero(null),
            new TableChange.StartSyncDaemon(new SyncDaemon(SyncState.Master, "lo")),
            new TableChange.StopSyncDaemon(SyncState.Master),
            new TableChange.Flush(),
            new TableChange.Flush()]);

        Assert.Equal([2, 1, 1, 2], _kernel.Sends);
    }

    public static TheoryData<string, TableChange[], TableChange[]> LostChanges() => new()
    {
        { "an added server is there", [Web()], [new TableChange.AddServer(s_web, Server("10.1.0.1", 80))] },
        { "a removed server is gone", [Web(), new TableChange.AddServer(s_web, Server("10.1.0.1", 80))], [new TableChange.RemoveServer(s_web, Server("10.1.0.1", 80).Key)] },
        { "a changed server is as asked", [Web(), new TableChange.AddServer(s_web, Server("10.1.0.1", 80))], [new TableChange.SetServer(s_web, Server("10.1.0.1", 80) with { Weight = 9 })] },
        { "a changed service is as asked", [Web()], [new TableChange.SetService(new VirtualService(s_web) { Scheduler = "sh" })] },
        { "a removed service is gone", [Web()], [new TableChange.RemoveService(s_web)] },
        { "a flushed table is empty", [Web()], [new TableChange.Flush()] },
        { "time-outs are as asked", [], [new TableChange.SetTimeouts(new(100, 0, 7))] },
        { "what comes later decides", [Web()], [new TableChange.RemoveService(s_web), Web(), new TableChange.AddServer(s_web, Server("10.1.0.1", 80)), new TableChange.Flush(), Web()] },
    };

    [Theory]
    [MemberData(nameof(LostChanges))]
    public void A_change_without_an_answer_is_believed_when_the_kernel_shows_it(string shows, TableChange[] before, TableChange[] changes)
    {
        using var client = Open();
        Assert.Empty(client.Apply(before));
        foreach (byte command in (byte[])[1, 2, 3, 5, 6, 7, 12, 17]) _kernel.Unanswered.Add(command);
        Assert.True(client.Apply(changes).Count == 0, shows);

    }

    [Theory]
    [MemberData(nameof(LostChanges))]
    public void A_change_without_an_answer_is_reported_when_the_kernel_does_not_show_it(string shows, TableChange[] before, TableChange[] changes)
    {
        using var client = Open();
        Assert.Empty(client.Apply(before));
        foreach (byte command in (byte[])[1, 2, 3, 5, 6, 7, 12, 17]) _kernel.Swallowed.Add(command);

        var failures = client.Apply(changes);

        // In the last case the final state equals the one before, so there is nothing to see.
        if (shows == "what comes later decides") Assert.Empty(failures);
        else Assert.Equal(changes, failures.Select(f => f.Change));
    }

    [Fact]
    public void A_module_that_was_loaded_again_is_found_under_its_new_number()
    {
        using var client = Open();
        Assert.Empty(client.Apply([Web()]));

        _kernel.ReloadModule();
        Assert.Empty(client.ListServices());
        Assert.Empty(client.Apply([Web(), new TableChange.AddServer(s_web, Server("10.1.0.1", 80))]));

        _kernel.ReloadModule();
        var failures = client.Apply([Web(), new TableChange.RemoveServer(s_web, Server("10.1.0.1", 80).Key)]);
        Assert.Equal([(1, IpvsErrorReason.ServerMissing)], failures.Select(f => (f.Index, f.Error.Reason)));

        _kernel.ReloadModule();
        Assert.Equal(new ConnectionTimeouts(900, 120, 300), client.GetTimeouts());
    }

    [Fact]
    public void A_dump_lists_each_entry_once_however_often_the_kernel_repeats_it()
    {
        _kernel.RepeatsInDumps = true;
        _kernel.Preload(new VirtualService(s_web));
        _kernel.Preload(new VirtualService(s_dns6));
        using var client = Open();

        Assert.Equal([s_web, s_dns6], client.ListServices().Select(s => s.Service.Key));
    }

    [Fact]
    public void A_table_is_read_until_two_passes_agree()
    {
        using var client = Open();
        var passes = 0;
        _kernel.BeforeServiceDump = () =>
        {
            if (++passes <= 2) _kernel.Preload(new VirtualService(ServiceKey.Marked((uint)passes)));
        };

        Assert.Equal(2, client.ReadTable().Count);
        Assert.Equal(3, passes);
    }

    [Fact]
    public void A_table_that_never_settles_is_an_error_and_no_endless_loop()
    {
        using var client = Open();
        _kernel.BeforeServiceDump = () => _kernel.Preload(new VirtualService(ServiceKey.Marked((uint)_kernel.Services.Count + 1)));

        var error = Assert.Throws<IpvsException>(() => client.ReadTable());

        Assert.Equal(IpvsErrorReason.Unsettled, error.Reason);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public void Counters_that_move_do_not_unsettle_a_table()
    {
        var service = _kernel.Preload(new VirtualService(s_web));
        using var client = Open();
        _kernel.BeforeServiceDump = () => service.Statistics = service.Statistics with { Connections = service.Statistics.Connections + 1 };

        Assert.Equal(2UL, Assert.Single(client.ReadTable()).Service.Statistics.Connections);
    }

    [Fact]
    public void Old_kernels_without_64_bit_counters_and_server_families_are_understood()
    {
        _kernel.SendsStats64 = _kernel.SendsServerFamily = false;
        var statistics = new TrafficStatistics(1, 2, 3, 1UL << 40, 5, 6, 7, 8, 9, 10);
        _kernel.Preload(new VirtualService(s_dns6), statistics, new ObservedServer(Server("2001:db8::2", 53), 1, 2, 3, statistics));
        using var client = Open();

        Assert.Equal(statistics, Assert.Single(client.ListServices()).Statistics);
        Assert.Equal(new ObservedServer(Server("2001:db8::2", 53), 1, 2, 3, statistics), Assert.Single(client.ListServers(s_dns6)));
    }

    [Fact]
    public void A_kernel_without_ipvs_says_which_module_is_missing()
    {
        _kernel.HasIpvs = false;

        var error = Assert.Throws<IpvsException>(Open);

        Assert.Equal(IpvsErrorReason.NoKernelSupport, error.Reason);
        Assert.Contains("modprobe ip_vs", error.Message);
    }

    [Fact]
    public void A_kernel_that_gives_no_answer_is_not_called_one_without_ipvs()
    {
        _kernel.Unanswered.Add(15);

        Assert.Equal(IpvsErrorReason.AnswerLost, Assert.Throws<IpvsException>(Open).Reason);
    }

    [Fact]
    public void A_caller_without_the_right_is_told_which_capability_is_missing()
    {
        _kernel.IsPermitted = false;

        var error = Assert.Throws<IpvsException>(Open);

        Assert.Equal(IpvsErrorReason.NotPermitted, error.Reason);
        Assert.Contains("CAP_NET_ADMIN", error.Message);
    }

    public static TheoryData<TableChange, string> AdvisedRefusals() => new()
    {
        { new TableChange.AddService(new VirtualService(s_web) { Scheduler = "twos" }), "cannot add virtual service tcp 10.0.0.1:80: No such file or directory (ENOENT); the kernel has no scheduler twos: try modprobe ip_vs_twos" },
        { new TableChange.RemoveService(s_dns6), "cannot remove virtual service udp [2001:db8::1]:53: No such process (ESRCH); there is no such virtual service" },
        { new TableChange.AddServer(ServiceKey.Marked(1), Server("10.1.0.1", 80) with { UpperThreshold = 1, LowerThreshold = 2 }), "cannot add real server 10.1.0.1:80 to fwmark 1: Numerical result out of range (ERANGE); the lower threshold" },
        { new TableChange.AddServer(ServiceKey.Marked(1), Server("224.0.0.1", 80)), "the address must be a unicast address" },
        { new TableChange.AddServer(ServiceKey.Marked(1), Server("2001:db8::1", 80)), "needs tunnel mode" },
        { new TableChange.AddServer(ServiceKey.Marked(1), Server("10.0.0.9", 80) with { Forward = ForwardingMethod.Tunnel, Tunnel = new(TunnelType.Gue) }), "needs a port" },
        { new TableChange.StopSyncDaemon(SyncState.Master), "cannot stop the sync daemon master: No such process (ESRCH); no such daemon runs" },
    };

    [Theory]
    [MemberData(nameof(AdvisedRefusals))]
    public void A_refusal_says_what_was_tried_on_what_and_what_to_do(TableChange change, string expected)
    {
        _kernel.Preload(new VirtualService(ServiceKey.Marked(1)));
        using var client = Open();

        Assert.Contains(expected, Assert.Single(client.Apply([change])).Error.Message);
    }

    [Fact]
    public void Cancellation_ends_a_wait()
    {
        using var client = Open();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => client.Apply([new TableChange.Flush()], cancelled.Token));
    }

    IpvsClient Open() => new(_kernel.Connect());

    static TableChange.AddService Web() => new(new VirtualService(s_web));

    static RealServer Server(string address, ushort port) => new(new RealServerKey(IPAddress.Parse(address), port));
}
