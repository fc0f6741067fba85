using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>The director and its VRRP process: each goes on when the other dies.</summary>
public sealed class KeptVrrpTests
{
    const string Edge = "vrrp:\n  edge: { interface: eth0, id: 51, interval: 100ms, priority: 200, addresses: 10.1.8.100/24 }\n";

    static (LvsctlRun Director, LvsctlVrrp Backup) Start(Segment segment, string rest = Edge, params string[] options)
    {
        var director = segment.Keep(new LvsctlRun(segment, 1, options));
        director.Write(rest);
        director.Start();
        segment.WaitForOwner(1);
        var backup = segment.Lvsctl(2, "interval: 100ms\naddresses: 10.1.8.100/24\npriority: 100\n");
        backup.Start();
        segment.Wait(() => backup.Ask("status").ExitCode == 0 && backup.Router().GetProperty("peers").GetArrayLength() == 1, "the backup to hear the master");
        return (director, backup);
    }

    static long Sent(LvsctlRun director) => director.Vrrp().GetProperty("routers")[0].GetProperty("counters").GetProperty("sent").GetInt64();

    [Fact]
    public void A_director_that_dies_leaves_the_mastership_and_the_next_one_finds_it()
    {
        using var segment = new Segment();
        var (director, backup) = Start(segment);
        var process = director.VrrpId;

        director.Kill();
        var sent = Sent(director);
        segment.Wait(() => Sent(director) > sent + 10, "more advertisements");
        director.Start();
        director.Wait($"lvsctl vrrp (process {process}) is at work already, as an earlier director started it");
        // In order, too.
        Assert.Equal(0, director.Stop());
        director.Start();
        segment.Wait(() => director.Log.Split("is at work already").Length == 3, "the third director to find it");

        Assert.Equal(process, director.VrrpId);
        Assert.True(segment.Has(1));
        Assert.DoesNotContain("-> master", backup.Log);
        Assert.Equal(1, director.Vrrp().GetProperty("routers")[0].GetProperty("counters").GetProperty("times_master").GetInt32());

        // A manifest that was changed in between is in force for both.
        Assert.Equal(0, director.Stop());
        director.Write(Edge.Replace("10.1.8.100/24", "[ 10.1.8.100/24, 10.1.8.110/24 ]", StringComparison.Ordinal));
        director.Start();
        segment.WaitForOwner(1, "10.1.8.110");
        Assert.Equal(process, director.VrrpId);
    }

    [Fact]
    public void A_VRRP_process_that_dies_is_started_again_whoever_started_it_first()
    {
        using var segment = new Segment();
        var (director, _) = Start(segment);

        foreach (var isAdopted in (bool[])[false, true])
        {
            if (isAdopted)
            {
                director.Kill();
                director.Start();
            }
            var process = director.VrrpId;
            if (isAdopted) director.Wait($"lvsctl vrrp (process {process}) is at work already");
            Command.MustRun("kill", "-KILL", $"{process}");

            director.Wait($"lvsctl vrrp (process {process}) has ended, and nobody told it to; it is started again");
            segment.Wait(() => director.HasVrrp, "it to answer");
            segment.WaitForOwner(1);
            Assert.NotEqual(process, director.VrrpId);
        }
    }

    [Fact]
    public void An_operator_stops_it_and_a_reload_brings_it_back()
    {
        using var segment = new Segment();
        var (director, _) = Start(segment);

        Assert.Equal("Stopped.\n", director.Lvsctl("vrrp stop").Output);
        segment.WaitForOwner(2);
        Thread.Sleep(1500);
        Assert.False(director.HasVrrp);
        Assert.DoesNotContain("nobody told it to", director.Log);

        director.Reload();
        segment.WaitForOwner(1);
    }

    [Fact]
    public void A_reload_of_the_director_is_one_of_VRRP_too_and_routers_that_go_end_it()
    {
        using var segment = new Segment();
        var (director, backup) = Start(segment);
        director.Write(Edge.Replace("10.1.8.100/24", "[ 10.1.8.100/24, 10.1.8.110/24 ]", StringComparison.Ordinal));

        director.Reload();
        segment.WaitForOwner(1, "10.1.8.110");
        Assert.DoesNotContain("-> master", backup.Log);

        director.Write("");
        director.Reload();
        segment.WaitForOwner(2);
        segment.Wait(() => !director.HasVrrp, "it to end");

        director.Write(Edge);
        director.Reload();
        segment.WaitForOwner(1);
    }

    [Fact]
    public void One_of_its_own_is_left_to_itself()
    {
        using var segment = new Segment();
        var director = segment.Keep(new LvsctlRun(segment, 1));
        director.Write(Edge);
        var own = segment.Lvsctl(1, "interval: 100ms\naddresses: 10.1.8.100/24\npriority: 200\n");
        own.Start("run-state");
        segment.WaitForOwner(1);

        director.Start();
        director.Wait("is at work already, on its own; its start and end are left to whoever started it");
        own.Kill();
        director.Wait("has ended, and nobody told it to; whoever started it has to start it again");
        Thread.Sleep(1500);
        Assert.False(director.HasVrrp);
    }
}
