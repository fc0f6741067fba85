using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.Running;
using Lvsctl.Director.State;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Running;

/// <summary>The daemon's loop on a kernel and a clock of the test's own. Its thread is real; what it does is asked of it, turn by turn.</summary>
public sealed class RunningDirectorTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-running-").FullName;
    readonly FakeKernel _kernel = new();
    readonly ManualClock _clock = new();
    readonly EventJournal _journal;
    readonly StringWriter _log = new();
    readonly CancellationTokenSource _stop = new();
    readonly StateStore _store;
    ManifestReading _manifest = new(Cluster(1, 2), "");
    RunningDirector? _director;
    Thread? _thread;

    public RunningDirectorTests()
    {
        _journal = new EventJournal(Path.Combine(_folder, "events"), 1024 * 1024, _clock);
        _store = new StateStore(_folder, _clock);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread?.Join();
        _director?.Dispose();
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_makes_the_table_as_the_manifest_wants_it_and_then_leaves_it_alone()
    {
        await Start();
        Assert.Equal(["10.1.0.1:80", "10.1.0.2:80"], Servers());

        _kernel.Commands.Clear();
        await After(TimeSpan.FromSeconds(20));

        Assert.DoesNotContain(_kernel.Commands, c => c is 1 or 2 or 3 or 5 or 6 or 7);
    }

    [Fact]
    public async Task What_others_change_is_mended_within_seconds_and_told()
    {
        await Start();
        _kernel.Services.Clear();
        await After(DaemonSpec.DefaultReconcileEvery);

        Assert.Equal(2, Servers().Count);
        Assert.Contains("drift.repaired", Told());
        Assert.True(DaemonSpec.DefaultReconcileEvery <= TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_kernel_that_refuses_is_told_once_and_tried_again_until_it_does_not()
    {
        await Start();
        _kernel.IsPermitted = false;
        _kernel.Services.Clear();
        for (var i = 0; i < 10; i++) await After(TimeSpan.FromSeconds(5));
        Assert.Single(Told(), "director.degraded");
        Assert.NotNull((await _director!.ViewAsync()).Trouble);

        _kernel.IsPermitted = true;
        await After(TimeSpan.FromSeconds(5));

        Assert.Single(Told(), "director.recovered");
        Assert.Equal(2, Servers().Count);
        Assert.Null((await _director.ViewAsync()).Trouble);
    }

    [Fact]
    public async Task A_module_that_goes_and_comes_again_is_found_again_under_its_new_number()
    {
        await Start();
        _kernel.HasIpvs = false;
        _kernel.ReloadModule();
        await After(TimeSpan.FromSeconds(10));
        Assert.Single(Told(), "director.degraded");

        _kernel.HasIpvs = true;
        await After(TimeSpan.FromSeconds(5));

        Assert.Equal(2, Servers().Count);
        Assert.Single(Told(), "director.recovered");
    }

    [Fact]
    public async Task Answers_for_which_the_kernel_has_no_room_lose_nothing()
    {
        // ENOBUFS: more answers than the socket holds.
        _kernel.AnswersHeld = 3;
        _manifest = new(Cluster([.. Enumerable.Range(1, 200)]), "");
        await Start();
        _kernel.Services.Clear();
        await After(TimeSpan.FromSeconds(10));

        Assert.Equal(200, Servers().Count);
    }

    [Fact]
    public async Task A_bad_manifest_never_replaces_a_good_one()
    {
        await Start();
        _manifest = new(null, "cluster.yaml:3:1: error LVS001: no");

        var reload = await _director!.ReloadAsync();
        await After(TimeSpan.FromSeconds(5));

        Assert.Contains("LVS001", reload.Refused);
        Assert.Contains("config.refused", Told());
        Assert.Equal(2, Servers().Count);
        Assert.Contains("LVS001", (await _director.ViewAsync()).Manifest.Refused);
    }

    [Fact]
    public async Task A_reload_sends_the_kernel_just_what_is_different()
    {
        await Start();
        await After(DaemonSpec.DefaultReconcileEvery);
        _kernel.Commands.Clear();
        _manifest = new(Cluster([1, 2], weight: 5), "");

        Assert.Null((await _director!.ReloadAsync()).Refused);
        await After(TimeSpan.FromMilliseconds(100));

        // The one service is looked at (GET_SERVICE, GET_DEST) and not the whole table twice; SET_DEST is for the one server whose weight changed.
        Assert.Equal([4, 8, 6], _kernel.Commands.Select(c => (int)c));
        Assert.Equal(5, _kernel.Services[0].Servers.Single(s => s.Server.Key.ToString() == "10.1.0.1:80").Server.Weight);
        // The table is looked at soon after, and is as it should be.
        await After(TimeSpan.FromSeconds(2));
        Assert.Single(_kernel.Commands, IsChange);
        Assert.Contains((byte)4, _kernel.Commands[3..]);
    }

    static bool IsChange(byte command) => command is 1 or 2 or 3 or 5 or 6 or 7;

    [Fact]
    public async Task A_reload_that_wants_what_somebody_has_just_taken_away_adds_it()
    {
        await Start();
        _kernel.Services[0].Servers.RemoveAll(s => s.Server.Key.ToString() == "10.1.0.1:80");
        _manifest = new(Cluster([1, 2], weight: 5), "");

        Assert.Null((await _director!.ReloadAsync()).Refused);
        await After(TimeSpan.FromSeconds(2));

        Assert.Equal(["10.1.0.1:80", "10.1.0.2:80"], Servers().Order());
        Assert.Equal(5, _kernel.Services[0].Servers.Single(s => s.Server.Key.ToString() == "10.1.0.1:80").Server.Weight);
    }

    [Fact]
    public async Task A_wish_that_is_taken_back_in_the_same_breath_leaves_the_table_as_it_was()
    {
        await Start();
        // A pass that found nothing to do.
        await After(DaemonSpec.DefaultReconcileEvery);
        var options = TableKeeper.Options(_manifest.Cluster!) with { Limits = new(Share.Percent(100), 20) };
        var maintain = new Intent(IntentKind.Maintain, "rs2", null, _clock.GetUtcNow());

        // Both before the next pass, which after a long one may be seconds away.
        using var gate = new ManualResetEventSlim();
        var held = _director!.Ask(() =>
        {
            gate.Wait();
            return true;
        });
        var asked = _director.SetIntentsAsync(intents => [.. intents, maintain], step => step.Server == "rs2", options, "anna");
        var takenBack = _director.SetIntentsAsync(_ => [], step => step.Server == "rs2", options, "anna");
        gate.Set();

        Assert.True(await held);
        Assert.NotEmpty((await asked).Applied!.Report!.Done);
        Assert.NotEmpty((await takenBack).Applied!.Report!.Done);
        Assert.Equal(1, _kernel.Services[0].Servers.Single(s => s.Server.Key.ToString() == "10.1.0.2:80").Server.Weight);
    }

    [Fact]
    public async Task Operators_wishes_are_carried_out_at_once_kept_and_told_with_who_asked()
    {
        await Start();
        var drain = new Intent(IntentKind.Maintain, "rs2", null, _clock.GetUtcNow());
        var options = TableKeeper.Options(_manifest.Cluster!);

        var result = await _director!.SetIntentsAsync(intents => [.. intents, drain], step => step.Server == "rs2", options with { Limits = new(Share.Percent(100), 20) }, "anna");

        Assert.Single(result.Applied!.Report!.Done, s => s.Action == PlanAction.Remove);
        Assert.Equal(["10.1.0.1:80"], Servers());
        Assert.Equal([drain], _store.Read().Intents);
        Assert.Contains(Entries(), e => e.Event.Kind == EventKinds.IntentTaken && e.Event.Text.Contains("anna asked: maintain rs2", StringComparison.Ordinal));

        await _director.SetIntentsAsync(_ => [], step => step.Server == "rs2", options, "anna");
        Assert.Equal(2, Servers().Count);
        Assert.Contains("intent.returned", Told());
    }

    [Fact]
    public async Task What_the_gate_refuses_is_told_once_and_not_done()
    {
        _manifest = new(Cluster([.. Enumerable.Range(1, 30)]), "");
        await Start();
        _manifest = new(Cluster(1), "");
        await _director!.ReloadAsync();
        for (var i = 0; i < 5; i++) await After(TimeSpan.FromSeconds(5));

        Assert.Equal(30, Servers().Count);
        Assert.InRange(Told().Count(t => t == "plan.refused"), 1, 2);
        Assert.NotEmpty((await _director.ViewAsync()).Last!.Refusals);
    }

    [Fact]
    public async Task A_wish_that_was_refused_tells_nothing_of_the_service()
    {
        await Start();
        var before = Told().Count;
        Intent[] all = [new(IntentKind.Maintain, "rs1", null, _clock.GetUtcNow()), new(IntentKind.Maintain, "rs2", null, _clock.GetUtcNow())];

        var result = await _director!.SetIntentsAsync(_ => all, _ => true, TableKeeper.Options(_manifest.Cluster!), "anna");
        for (var i = 0; i < 3; i++) await After(TimeSpan.FromSeconds(5));

        Assert.Null(result.Applied!.Report);
        Assert.Equal(2, Servers().Count);
        Assert.Empty(Told().Skip(before));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_wall_clock_that_is_set_an_hour_moves_nothing_and_is_told(int hours)
    {
        await Start();
        _kernel.Commands.Clear();
        _clock.WallStep = TimeSpan.FromHours(hours);
        await After(TimeSpan.FromSeconds(5));

        Assert.Single(Told(), "clock.stepped");
        Assert.Equal(2, Servers().Count);
        Assert.DoesNotContain(_kernel.Commands, c => c is 1 or 2 or 3 or 5 or 6 or 7);
    }

    [Fact]
    public async Task Another_lvsctl_at_work_is_waited_for()
    {
        await Start();
        _kernel.Services.Clear();
        using (_store.TryLock())
        {
            await After(TimeSpan.FromSeconds(12));
            Assert.Empty(Servers());
            Assert.Contains(Entries(), e => e.Event.Text.Contains("has held the lock", StringComparison.Ordinal));
            Assert.Null((await _director!.SetIntentsAsync(i => i, _ => true, TableKeeper.Options(_manifest.Cluster!), "anna")).Applied);
        }
        await After(TimeSpan.FromSeconds(1));

        Assert.Equal(2, Servers().Count);
    }

    [Fact]
    public async Task A_service_of_two_addresses_that_loses_its_last_server_is_told_once()
    {
        var cluster = Cluster(1);
        var web = cluster.Services[0];
        _manifest = new(cluster with { Services = [web with { Listen = [web.Listen[0], ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 443)] }] }, "");
        await Start();
        var options = TableKeeper.Options(_manifest.Cluster!) with { Force = true };

        await _director!.SetIntentsAsync(i => [.. i, new Intent(IntentKind.Maintain, "rs1", null, _clock.GetUtcNow())], _ => true, options, "anna");

        Assert.Empty(Servers());
        Assert.Single(Told(), "service.unserved");
    }

    [Fact]
    public async Task A_damaged_state_is_told_and_who_looks_sees_what_was_known()
    {
        await Start();
        var state = File.ReadAllText(_store.Path);
        File.WriteAllText(_store.Path, "{");
        await After(TimeSpan.FromSeconds(6));
        Assert.Single(Told(), "director.degraded");
        Assert.Contains("damaged", (await _director!.ViewAsync()).Trouble);

        File.WriteAllText(_store.Path, state);
        await After(TimeSpan.FromSeconds(6));
        Assert.Single(Told(), "director.recovered");
    }

    [Fact]
    public async Task While_the_state_cannot_be_read_nothing_is_tried_at_every_turn()
    {
        // A slow start that goes on, and a service that somebody took away: health has something to see to and cannot.
        var cluster = Cluster(1, 2);
        _manifest = new(cluster with { Services = [cluster.Services[0] with { SlowStart = TimeSpan.FromMinutes(10) }] }, "");
        await Start();
        _kernel.Services.Clear();
        File.WriteAllText(_store.Path, "{");
        await After(TimeSpan.FromMinutes(2));
        var before = (await _director!.ViewAsync()).Counters.KernelErrors;

        for (var i = 0; i < 100; i++) await Turn();

        Assert.True(before >= 5);
        Assert.InRange((await _director.ViewAsync()).Counters.KernelErrors, before, before + 1);
    }

    [Fact]
    public async Task An_apply_that_nobody_confirms_or_rolls_back_is_rolled_back()
    {
        await Start();
        var client = new IpvsClient(_kernel.Connect(), _clock);
        var confirmation = new Confirmation(client, new KernelSettings(_folder), _store, _clock);
        var before = _store.Read();
        using (_store.TryLock())
        {
            // As 'lvsctl apply --confirm-within 10s' does, and dies.
            var wider = DesiredTableBuilder.Build(Cluster(1, 2, 3));
            new Reconciler(client, _store, _clock).Apply(wider, TableKeeper.Options(_manifest.Cluster!), CancellationToken.None, planned => confirmation.Keep(planned, [], before, TimeSpan.FromSeconds(10)));
        }
        _manifest = new(Cluster(1, 2, 3), "");
        await _director!.ReloadAsync();
        await After(TimeSpan.FromSeconds(8));
        Assert.Equal(3, Servers().Count);

        await After(TimeSpan.FromSeconds(20));

        Assert.DoesNotContain("10.1.0.3:80", Servers());
        Assert.NotNull((await _director.ViewAsync()).Waits);
        // What others take away meanwhile still comes back.
        _kernel.Services.Clear();
        await After(TimeSpan.FromSeconds(10));
        Assert.Equal(["10.1.0.1:80", "10.1.0.2:80"], Servers());
    }

    [Fact]
    public async Task Who_asks_while_it_stops_is_told_so()
    {
        await Start();
        await _stop.CancelAsync();
        _thread!.Join();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _director!.ViewAsync());
        // The table stays.
        Assert.Equal(2, Servers().Count);
        Assert.Equal("director.stopping", Told()[^1]);
    }

    [Fact]
    public async Task With_flush_on_exit_it_takes_away_what_is_its_own_and_nothing_else()
    {
        _kernel.Preload(new VirtualService(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.9.9.9"), 80)));
        _manifest = _manifest with { Cluster = Cluster(1, 2) with { Daemon = new() { FlushOnExit = true } } };
        await Start();
        await _stop.CancelAsync();
        _thread!.Join();

        Assert.Equal("10.9.9.9", Assert.Single(_kernel.Services).Service.Key.Address.ToString());
    }

    async Task Start()
    {
        var host = new DirectorHost([Path.Combine(_folder, "cluster.yaml")], () => _manifest, () => new IpvsClient(_kernel.Connect(), _clock), new KernelSettings(_folder), _clock);
        var announcer = new Announcer(_journal, DirectorLog.Open(new LogSpec(), _log), _clock);
        _director = new RunningDirector(_manifest.Cluster!, host, _store, new HealthStore(_folder), announcer, new ServiceManager(null, null));
        _thread = new Thread(() => _director.Run(_stop.Token));
        _thread.Start();
        await Turn();
    }

    async Task After(TimeSpan time)
    {
        // In steps, as time does it: what it puts off for a moment comes in the next.
        for (var i = 0; i < 10; i++)
        {
            _clock.Advance(time / 10);
            await Turn();
        }
    }

    // A question is answered between two turns, so after two of them a whole one has passed.
    async Task Turn()
    {
        for (var i = 0; i < 3; i++) await _director!.ViewAsync();
    }

    List<string> Servers() => [.. _kernel.Services.SelectMany(s => s.Servers).Select(s => s.Server.Key.ToString()).Order(StringComparer.Ordinal)];

    List<string> Told() => [.. Entries().Select(e => e.Event.Kind.Id)];

    List<JournalEntry> Entries()
    {
        using var reader = _journal.Read(0);
        var entries = new List<JournalEntry>();
        while (reader.TryRead(out var entry)) entries.Add(entry);
        return entries;
    }

    static ClusterSpec Cluster(params int[] servers) => Cluster(servers, weight: 1);

    static ClusterSpec Cluster(int[] servers, int weight) => new()
    {
        Services =
        [
            new ServiceSpec("web")
            {
                Listen = [ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80)],
                Servers = [.. servers.Select(n => new ServerSpec($"rs{n}", new IPAddress([10, 1, 0, (byte)n])) { Weight = n == 1 ? weight : 1 })],
            },
        ],
    };
}
