using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Reconcile;

public sealed class ReconcilerTests : IDisposable
{
    static readonly ServiceKey s_web = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);
    static readonly ApplyOptions s_options = new(PlanOptions.Default, SafetyLimits.Default, Force: false);

    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-test-").FullName;
    readonly FakeKernel _kernel = new();
    readonly ManualClock _clock = new();
    readonly IpvsClient _client;
    readonly StateStore _store;
    readonly Reconciler _reconciler;

    public ReconcilerTests()
    {
        _client = new IpvsClient(_kernel.Connect(), _clock);
        _store = new StateStore(_directory, _clock);
        _reconciler = new Reconciler(_client, _store, _clock);
    }

    [Fact]
    public void The_second_apply_sends_the_kernel_no_change_and_writes_nothing()
    {
        Apply(Web(1, 2));
        _kernel.Commands.Clear();
        var written = File.GetLastWriteTimeUtc(_store.Path);

        var result = Apply(Web(1, 2));

        Assert.True(result.Planned.Plan.IsEmpty);
        Assert.DoesNotContain(_kernel.Commands, c => c is 1 or 2 or 3 or 5 or 6 or 7);
        Assert.Equal(written, File.GetLastWriteTimeUtc(_store.Path));
    }

    [Fact]
    public void A_plan_changes_nothing_neither_in_the_kernel_nor_on_disk()
    {
        Assert.Equal(3, _reconciler.Plan(Web(1, 2), PlanOptions.Default).Plan.Steps.Count);

        Assert.Empty(_kernel.Services);
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public void What_leaves_the_manifest_is_removed_because_lvsctl_made_it()
    {
        Apply(Web(1, 2));
        Apply(Web(1));

        Assert.Equal([Real(1).Key], Servers());
    }

    [Fact]
    public void What_somebody_else_made_stays_unless_it_is_pruned()
    {
        _kernel.Preload(new VirtualService(ServiceKey.Marked(9)));
        Apply(Web(1));
        _client.Apply([new TableChange.AddServer(s_web, Real(7))]);

        var planned = Apply(Web(1)).Planned;
        Assert.Equal(2, planned.Plan.Foreign.Count);
        Assert.Equal(2, _kernel.Services.Count);

        Apply(Web(1), s_options with { Plan = PlanOptions.Default with { Prune = true }, Force = true });
        Assert.Equal([Real(1).Key], Servers());
        Assert.Single(_kernel.Services);
    }

    [Fact]
    public void A_manifest_that_names_what_is_there_adopts_it()
    {
        _client.Apply([new TableChange.AddService(new VirtualService(s_web)), new TableChange.AddServer(s_web, Real(1)), new TableChange.AddServer(s_web, Real(2))]);

        Assert.True(Apply(Web(1, 2)).Planned.Plan.IsEmpty);
        Apply(Web(1));

        Assert.Equal([Real(1).Key], Servers());
    }

    [Fact]
    public void A_server_that_leaves_keeps_its_connections_until_they_end_or_time_is_up()
    {
        Apply(Web(1, 2));
        Busy(2);

        Apply(Web(1));
        Assert.Equal(0, Server(2)!.Server.Weight);
        _clock.Advance(TimeSpan.FromMinutes(14));
        Assert.True(Apply(Web(1)).Planned.Plan.IsEmpty);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Apply(Web(1));

        Assert.Null(Server(2));
        Assert.Empty(_store.Read().Leaving);
    }

    [Fact]
    public void A_server_without_connections_gets_no_more_before_it_goes_and_still_goes_in_one_apply()
    {
        Apply(Web(1, 2));
        _kernel.Commands.Clear();

        var result = Apply(Web(1));

        Assert.Equal([PlanAction.Drain, PlanAction.Remove], result.Planned.Plan.Steps.Select(s => s.Action));
        Assert.Equal(2, result.Report!.Done.Count);
        Assert.Empty(result.Planned.Plan.Draining);
        Assert.Equal([Real(1).Key], Servers());
        // SET_DEST, then the table is read again, then DEL_DEST.
        var changes = _kernel.Commands.Where(c => c is 4 or 6 or 7).ToList();
        Assert.Equal([6, 4, 7], changes.SkipWhile(c => c == 4).Distinct());
    }

    [Fact]
    public void A_connection_that_comes_in_the_last_moment_is_waited_for()
    {
        Apply(Web(1, 2));
        _kernel.BeforeCommand = command =>
        {
            if (command == 6) Busy(2);
        };

        var result = Apply(Web(1));

        Assert.Equal((0, 3u), (Server(2)!.Server.Weight, Server(2)!.ActiveConnections));
        Assert.Single(result.Planned.Plan.Draining);
    }

    [Fact]
    public void A_whole_service_whose_servers_are_idle_goes_in_one_apply()
    {
        Apply(Web(1, 2));

        Assert.Empty(Apply(DesiredTable.Empty, s_options with { Force = true }).Report!.Failed);

        Assert.Empty(_kernel.Services);
        Assert.Empty(_store.Read().Leaving);
        Assert.Empty(_store.Read().Ownership.Services);
    }

    [Fact]
    public void The_clock_of_a_server_that_leaves_does_not_run_before_it_is_drained()
    {
        Apply(Web(1, 2));
        Busy(2);
        // An operator's verb for another server, while the manifest has lost rs2 already.
        _reconciler.Apply(Web(1), s_options, [new Intent(IntentKind.Weight, "rs1", null, _clock.GetUtcNow()) { Weight = 5 }], step => step.Server == "rs1", CancellationToken.None);
        _clock.Advance(TimeSpan.FromHours(1));

        Apply(Web(1));

        Assert.Equal(0, Server(2)!.Server.Weight);
        _clock.Advance(TimeSpan.FromMinutes(15));
        Apply(Web(1));
        Assert.Null(Server(2));
    }

    [Fact]
    public void A_server_that_comes_back_while_it_leaves_is_as_before()
    {
        Apply(Web(1, 2));
        Busy(2);
        Apply(Web(1));

        Apply(Web(1, 2));

        Assert.Equal(1, Server(2)!.Server.Weight);
        Assert.Empty(_store.Read().Leaving);
    }

    [Fact]
    public void A_plan_that_takes_the_last_server_is_refused_and_nothing_is_done()
    {
        Apply(Web(1));

        var result = Apply(new DesiredTable([]));

        Assert.Null(result.Report);
        Assert.Equal("last-server", Assert.Single(result.Refusals).Rule);
        Assert.Single(_kernel.Services);
        Assert.NotNull(Apply(new DesiredTable([]), s_options with { Force = true }).Report);
        Assert.Empty(_kernel.Services);
    }

    [Fact]
    public void A_service_whose_new_servers_do_not_come_keeps_its_old_ones()
    {
        Apply(Web(1));
        // The kernel refuses a multicast address, which no manifest would let through.
        var table = new DesiredTable([new DesiredService("web", new VirtualService(s_web),
            [new DesiredServer("rs2", new RealServer(new RealServerKey(IPAddress.Parse("224.0.0.1"), 80)))])]);

        var report = Apply(table, s_options with { Force = true }).Report!;

        Assert.Equal(2, report.Failed.Count);
        Assert.Equal(IpvsErrorReason.Invalid, report.Failed[0].Error!.Reason);
        Assert.Null(report.Failed[1].Error);
        Assert.Equal([Real(1).Key], Servers());
    }

    [Fact]
    public void When_somebody_is_quicker_the_plan_is_made_again()
    {
        Apply(Web(1));
        var meddled = false;
        // Between the passes that were read and the changes: another process adds the very server.
        _kernel.BeforeCommand = command =>
        {
            if (command != 5 || meddled) return;
            meddled = true;
            _kernel.Services[0].Servers.Add(new ObservedServer(Real(2) with { Weight = 77 }, 0, 0, 0, default));
        };

        var report = Apply(Web(1, 2)).Report!;

        Assert.Empty(report.Failed);
        Assert.Equal(1, Server(2)!.Server.Weight);
    }

    [Fact]
    public void An_intent_outlives_the_process_that_took_it()
    {
        Apply(Web(1, 2));
        _store.Write(_store.Read() with { Intents = [new Intent(IntentKind.Maintain, "rs2", null, _clock.GetUtcNow())] });

        var reconciler = new Reconciler(_client, new StateStore(_directory, _clock), _clock);
        reconciler.Apply(Web(1, 2), s_options, CancellationToken.None);
        Assert.Equal([Real(1).Key], Servers());

        _store.Write(_store.Read() with { Intents = [] });
        Apply(Web(1, 2));
        Assert.Equal(2, Servers().Count());
    }

    [Fact]
    public void What_is_pruned_and_has_to_drain_is_lvsctls_until_it_has_gone()
    {
        Apply(Web(1));
        var dns = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.9"), 53);
        _kernel.Preload(new VirtualService(dns), servers: new ObservedServer(Real(8), 2, 0, 0, default));
        _client.Apply([new TableChange.AddServer(s_web, Real(7))]);
        Busy(7);
        Apply(Web(1), s_options with { Plan = PlanOptions.Default with { Prune = true }, Force = true });
        Assert.Equal(0, Server(7)!.Server.Weight);

        var waiting = Apply(Web(1)).Planned.Plan;
        Assert.Empty(waiting.Foreign);
        Assert.Equal(2, waiting.Draining.Count);
        _clock.Advance(TimeSpan.FromMinutes(15));
        Apply(Web(1));

        Assert.Equal([Real(1).Key], Servers());
        Assert.Single(_kernel.Services);
    }

    [Fact]
    public void What_went_by_other_hands_is_lvsctls_no_more()
    {
        Apply(Web(1, 2));
        _kernel.Services.Clear();
        Apply(Web(1));
        // Somebody else makes what we had once.
        _client.Apply([new TableChange.AddServer(s_web, Real(2))]);

        Assert.Equal([new ForeignEntry(s_web, Real(2).Key)], Apply(Web(1)).Planned.Plan.Foreign);
        Assert.NotNull(Server(2));
    }

    [Fact]
    public void What_a_single_reading_of_the_table_missed_stays_lvsctls()
    {
        Apply(Web(1));
        _client.Apply([new TableChange.AddServer(s_web, Real(2))]);
        _store.Write(_store.Read() with { Ownership = new Ownership([s_web], [(s_web, Real(1).Key), (s_web, Real(2).Key)]) });
        // The first pass comes while the server is away, and looks as if nothing were to be done.
        var missed = _kernel.Services[0].Servers.Single(s => s.Server.Key == Real(2).Key);
        _kernel.Services[0].Servers.Remove(missed);
        var passes = 0;
        _kernel.BeforeServiceDump = () =>
        {
            if (++passes == 2) _kernel.Services[0].Servers.Add(missed);
        };

        Apply(Web(1), s_options with { Plan = PlanOptions.Default with { DrainTimeout = TimeSpan.Zero } });

        Assert.Equal([Real(1).Key], Servers());
    }

    [Fact]
    public void Whoever_stops_an_apply_midway_is_told_what_was_done_and_the_next_goes_on()
    {
        var many = Web([.. Enumerable.Range(1, 5000)]);
        using var stop = new CancellationTokenSource();
        _kernel.BeforeCommand = command =>
        {
            if (command == 5) stop.Cancel();
        };

        var report = _reconciler.Apply(many, s_options, stop.Token).Report!;

        Assert.InRange(report.Done.Count, 1, 5000);
        Assert.Empty(report.Failed);
        Assert.Equal(5001, report.Done.Count + report.NotTried.Count);
        Assert.Equal(report.Done.Count - 1, _kernel.Services[0].Servers.Count);
        Assert.True(_store.Read().Ownership.Owns(s_web, Real(5000).Key));
        _kernel.BeforeCommand = null;
        Assert.Equal(report.NotTried.Count, Apply(many).Report!.Done.Count);
        Assert.True(_reconciler.Plan(many, PlanOptions.Default).Plan.IsEmpty);
    }

    [Fact]
    public void An_apply_that_is_stopped_before_its_first_change_makes_none()
    {
        Assert.Throws<OperationCanceledException>(() => _reconciler.Apply(Web(1), s_options, new CancellationToken(canceled: true)));

        Assert.Empty(_kernel.Services);
    }

    ApplyResult Apply(DesiredTable table, ApplyOptions? options = null) => _reconciler.Apply(table, options ?? s_options, CancellationToken.None);

    static DesiredTable Web(params int[] servers) => new([new DesiredService("web", new VirtualService(s_web), [.. servers.Select(n => new DesiredServer($"rs{n}", Real(n)))])]);

    static RealServer Real(int n) => new(new RealServerKey(IPAddress.Parse($"10.1.{n / 256}.{n % 256}"), 80));

    IEnumerable<RealServerKey> Servers() => _client.ListServers(s_web).Select(s => s.Server.Key);

    ObservedServer? Server(int n) => _client.ListServers(s_web).FirstOrDefault(s => s.Server.Key == Real(n).Key);

    void Busy(int n)
    {
        var servers = _kernel.Services[0].Servers;
        var place = servers.FindIndex(s => s.Server.Key == Real(n).Key);
        servers[place] = servers[place] with { ActiveConnections = 3 };
    }

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
