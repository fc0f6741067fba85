using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.State;
using Lvsctl.Director.Vrrp;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Vrrp;

/// <summary>Who tells people of VRRP: the director, or where none is wanted VRRP's own process.</summary>
public sealed class VrrpStandInTests : IDisposable
{
    static readonly ClusterSpec s_alone = new() { Notify = [new(new NotifyTarget.Exec(["/bin/false"])) { Name = "hook", On = [NotifyEvent.Server] }] };

    readonly string _state = Directory.CreateTempSubdirectory("lvsctl-stand-in-").FullName;
    readonly ManualClock _clock = new();
    readonly DirectorLog _log = DirectorLog.Open(new LogSpec(), TextWriter.Null);
    readonly EventJournal _vrrp;
    readonly StateStore _store;

    public VrrpStandInTests()
    {
        _vrrp = new EventJournal(JournalIntake.SourceIn(_state), 1024 * 1024, _clock);
        _store = new StateStore(_state, _clock);
    }

    public void Dispose()
    {
        _vrrp.Dispose();
        _log.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    void Happen() => _vrrp.Append(new(EventKinds.VrrpTransition, "it happened", []));

    int Passed
    {
        get
        {
            using var reader = new JournalReader(EventJournal.In(_state), 0);
            var count = 0;
            while (reader.TryRead(out _)) count++;
            return count;
        }
    }

    void Pass(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void Where_there_are_no_services_it_does_what_a_director_would()
    {
        using var standIn = new VrrpStandIn(s_alone, _store, _log, _clock);
        Pass(1);
        Happen();
        Pass(1);

        Assert.Equal(1, Passed);
        Assert.Null(_store.TryBeHerald());
    }

    [Fact]
    public void A_director_that_comes_gets_its_turn_and_gives_it_back()
    {
        using var standIn = new VrrpStandIn(s_alone, _store, _log, _clock);
        Pass(1);
        using (_store.TryBeDaemon())
        {
            Pass(1);
            using (Assert.IsAssignableFrom<IDisposable>(_store.TryBeHerald()))
            {
                Happen();
                Pass(5);
                Assert.Equal(0, Passed);
            }
        }
        Pass(2);

        Assert.Equal(1, Passed);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Where_there_are_services_or_nobody_to_tell_it_keeps_out_of_it(bool hasServices, bool hasTargets)
    {
        var cluster = new ClusterSpec { Services = hasServices ? [new("web")] : [], Notify = hasTargets ? s_alone.Notify : [] };
        using var standIn = new VrrpStandIn(s_alone, _store, _log, _clock);
        Pass(1);
        standIn.Configure(cluster);
        Pass(1);
        Happen();
        Pass(5);

        Assert.Equal(0, Passed);
        using var turn = _store.TryBeHerald();
        Assert.NotNull(turn);
    }

    [Fact]
    public void The_last_words_are_told_also_where_the_director_has_only_just_gone()
    {
        VrrpStandIn standIn;
        using (_store.TryBeDaemon())
        {
            standIn = new VrrpStandIn(s_alone, _store, _log, _clock);
            Pass(1);
            Happen();
        }
        standIn.Dispose();

        Assert.Equal(1, Passed);
    }

    [Fact]
    public void The_last_words_of_VRRP_are_told_before_it_ends()
    {
        var standIn = new VrrpStandIn(s_alone, _store, _log, _clock);
        Pass(1);
        Happen();
        standIn.Dispose();

        Assert.Equal(1, Passed);
    }
}
