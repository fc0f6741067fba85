using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Vrrp;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Vrrp;

/// <summary>When lvsctl vrrp is started, left alone, and started again.</summary>
public sealed class VrrpKeeperTests : IDisposable
{
    static readonly ClusterSpec s_with = new() { VrrpRouters = [new("edge", "eth0", 51) { Addresses = [new(IPAddress.Parse("10.0.0.100"), 24)] }] };
    static readonly ClusterSpec s_without = new();

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-keeper-").FullName;
    readonly ManualClock _clock = new();
    readonly FakeVrrpProcess _process = new();
    readonly DirectorLog _log = DirectorLog.Open(new LogSpec(), TextWriter.Null);
    readonly EventJournal _journal;
    VrrpKeeper? _keeper;

    public VrrpKeeperTests() => _journal = new EventJournal(_folder, 1024 * 1024, _clock);

    public void Dispose()
    {
        _keeper?.Dispose();
        _journal.Dispose();
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    void Keep(ClusterSpec cluster, bool mayStart = true)
    {
        _keeper = new VrrpKeeper(cluster, _process, c => OwnPart.Is(c, null, "host"), mayStart, new Announcer(_journal, _log, _clock), _clock);
        Pass(0);
    }

    void Pass(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

    List<string> Told
    {
        get
        {
            using var reader = _journal.Read(0);
            var told = new List<string>();
            while (reader.TryRead(out var entry)) told.Add($"{entry.Event.Kind} {entry.Event.Text}");
            return told;
        }
    }

    [Fact]
    public void Where_this_host_has_a_part_it_is_started_once()
    {
        Keep(s_with);
        Pass(600);

        Assert.Equal(1, _process.Starts);
        Assert.Empty(Told);
    }

    [Fact]
    public void Where_it_has_none_nothing_happens()
    {
        Keep(s_without);
        Pass(600);

        Assert.Equal(0, _process.Starts);
    }

    [Fact]
    public void One_that_dies_after_a_long_life_is_started_again_at_once_and_it_is_told()
    {
        Keep(s_with);
        Pass(61);
        _process.Die();
        Pass(0.25);

        Assert.Equal(2, _process.Starts);
        Assert.Equal(["vrrp.died lvsctl vrrp (process 101) has ended, and nobody told it to; it is started again"], Told);
    }

    [Fact]
    public void One_that_always_dies_is_started_again_ever_more_seldom_and_not_told_for_ever()
    {
        _process.DiesAtOnce = true;
        Keep(s_with);

        var pauses = new List<double>();
        for (double began = 0, now = 0.25; now <= 600; now += 0.25)
        {
            var before = _process.Starts;
            Pass(0.25);
            if (_process.Starts == before) continue;
            pauses.Add(now - began - 0.25);
            began = now;
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], pauses.Take(8));
        Assert.InRange(Told.Count, 6, 8);
        Assert.Contains("it is started again in 1m", Told[^1]);

        _process.DiesAtOnce = false;
        Pass(62);
        Pass(61);
        _process.Die();
        Pass(1);
        Assert.EndsWith("it is started again", Told[^1]);
    }

    [Fact]
    public void One_that_an_earlier_director_started_is_found_and_kept()
    {
        _process.Presence = new(VrrpStanding.Kept, 7);
        Keep(s_with);
        Pass(100);
        Assert.Equal(0, _process.Starts);
        Assert.Equal(["vrrp.found lvsctl vrrp (process 7) is at work already, as an earlier director started it; it goes on, and is started again if it dies"], Told);

        _process.Die();
        Pass(1);
        Assert.Equal(1, _process.Starts);
    }

    [Fact]
    public void One_that_an_earlier_director_started_reads_its_manifest_again_once()
    {
        _process.Presence = new(VrrpStanding.Kept, 7);
        Keep(s_with);
        Pass(100);

        Assert.Equal(1, _process.Reloads);
    }

    [Fact]
    public void One_that_does_not_answer_the_new_director_is_asked_again_and_that_is_told_once()
    {
        _process.Presence = new(VrrpStanding.Kept, 7);
        _process.Refusal = "it hung up";
        Keep(s_with);
        Pass(100);
        Assert.Equal("director.warning lvsctl vrrp does not read its manifest again: it hung up; trying again", Told[^1]);
        Assert.Equal(2, Told.Count);

        _process.Refusal = null;
        Pass(1);
        var asked = _process.Reloads;
        Pass(100);
        Assert.Equal((asked, 2), (_process.Reloads, Told.Count));
    }

    [Fact]
    public void One_that_was_left_by_a_manifest_that_has_no_routers_any_more_is_stopped()
    {
        _process.Presence = new(VrrpStanding.Kept, 7);
        Keep(s_without);
        Pass(100);

        Assert.Equal((0, 1), (_process.Reloads, _process.Stops));
    }

    [Fact]
    public void One_that_somebody_else_started_is_his_also_when_it_is_gone()
    {
        _process.Presence = new(VrrpStanding.Own, 7);
        Keep(s_with);
        Pass(100);
        Assert.Equal(0, _process.Reloads);
        _process.Die();
        Pass(100);
        _keeper!.Configure(s_with);
        Pass(100);

        Assert.Equal(0, _process.Starts);
        Assert.Equal(
            [
                "vrrp.found lvsctl vrrp (process 7) is at work already, on its own; its start and end are left to whoever started it",
                "vrrp.died lvsctl vrrp (process 7) has ended, and nobody told it to; whoever started it has to start it again",
            ],
            Told);
    }

    [Fact]
    public void One_that_was_told_to_stop_stays_stopped_until_the_next_reload()
    {
        Keep(s_with);
        Pass(10);
        _process.Presence = new(VrrpStanding.Stopped);
        Pass(600);
        Assert.Equal((1, 0), (_process.Starts, Told.Count));

        _keeper!.Configure(s_with);
        Pass(1);
        Assert.Equal(2, _process.Starts);
    }

    [Fact]
    public void A_reload_right_after_a_stop_starts_it_as_soon_as_the_old_one_has_gone()
    {
        Keep(s_with);
        Pass(10);
        _process.Presence = new(VrrpStanding.Ending);
        _keeper!.Configure(s_with);
        Pass(3);
        Assert.Equal(1, _process.Starts);

        _process.Presence = new(VrrpStanding.Stopped);
        Pass(1);
        Assert.Equal(2, _process.Starts);
        Assert.Empty(Told);
    }

    [Fact]
    public void After_a_stop_the_next_director_starts_it()
    {
        _process.Presence = new(VrrpStanding.Stopped);
        Keep(s_with);

        Assert.Equal(1, _process.Starts);
    }

    [Fact]
    public void A_reload_is_passed_on_and_routers_that_come_and_go_start_and_stop_it()
    {
        Keep(s_without);
        _keeper!.Configure(s_with);
        Pass(1);
        Assert.Equal((1, 0), (_process.Starts, _process.Reloads));

        _keeper.Configure(s_with);
        Pass(1);
        Assert.Equal((1, 1), (_process.Starts, _process.Reloads));

        _keeper.Configure(s_without);
        Pass(100);
        Assert.Equal((1, 1, 1), (_process.Starts, _process.Reloads, _process.Stops));

        _keeper.Configure(s_with);
        Pass(1);
        Assert.Equal(2, _process.Starts);
        Assert.Empty(Told);
    }

    [Fact]
    public void A_reload_that_it_does_not_take_is_told()
    {
        Keep(s_with);
        Pass(1);
        _process.Refusal = "it hung up";
        _keeper!.Configure(s_with);
        Pass(10);

        Assert.Equal(["director.warning lvsctl vrrp does not read its manifest again: it hung up; trying again"], Told);
    }

    [Fact]
    public void A_director_that_may_not_start_it_says_that_it_is_missing()
    {
        Keep(s_with, mayStart: false);
        Pass(9);
        Assert.Empty(Told);
        Pass(600);

        Assert.Equal(0, _process.Starts);
        Assert.Equal("director.warning this host has a part in virtual routers, and no lvsctl vrrp is at work: as it is not the director that starts it, start its unit", Assert.Single(Told));
    }

    [Fact]
    public void A_manifest_that_does_not_know_this_host_leaves_it_running()
    {
        Keep(s_with);
        Pass(1);
        _keeper!.Configure(s_with with { Directors = [new("lb-a", IPAddress.Parse("10.0.0.1"))] });
        Pass(10);

        Assert.Equal(0, _process.Stops);
        Assert.Contains("this host is called host, and the manifest's directors are on lb-a", Told[0]);
    }

    [Fact]
    public void A_director_whose_manifest_does_not_know_this_host_leaves_alone_what_an_earlier_one_started()
    {
        _process.Presence = new(VrrpStanding.Kept, 7);
        Keep(s_with with { Directors = [new("lb-a", IPAddress.Parse("10.0.0.1"))] });
        Pass(100);

        Assert.Equal((0, 0), (_process.Starts, _process.Stops));
    }

    [Fact]
    public void Nothing_is_started_by_a_director_that_stops()
    {
        Keep(s_with);
        _keeper!.Dispose();
        _process.Die();
        Pass(100);

        Assert.Equal(1, _process.Starts);
    }
}
