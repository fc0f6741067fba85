using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Another manifest for a virtual router at work.</summary>
public sealed class ReloadTests
{
    [Fact]
    public void A_reload_keeps_the_master_and_moves_what_changed()
    {
        using var segment = new Segment();
        var (first, second) = Pair.Start(segment);
        foreach (var (each, priority) in new[] { (first, 200), (second, 100) }) each.Configure($"interval: 100ms\naddresses: [ 10.1.8.100/24, 10.1.8.110/24 ]\npriority: {priority}\n");

        Assert.Equal("Reloaded.\n", first.Ask("reload").Output);
        second.Signal("HUP");

        segment.WaitForOwner(1, "10.1.8.110");
        Assert.True(segment.Has(1));
        first.Configure("interval: 100ms\naddresses: 10.1.8.110/24\npriority: 200\n");
        Assert.Equal(0, first.Ask("reload").ExitCode);
        Assert.False(segment.Has(1));
        // By the next start it may be somebody else's.
        segment.Wait(() => File.ReadAllText($"{first.State}/vrrp-addresses") is var noted && noted.Contains("10.1.8.110/24 eth0") && !noted.Contains("10.1.8.100"), "the other address to be forgotten");
        first.Configure("interval: never\n");
        var refused = first.Ask("reload");
        Assert.Equal(3, refused.ExitCode);
        Assert.True(segment.Has(1, "10.1.8.110"));
        Assert.Equal(1, first.Look().Counters.TimesMaster);
    }

    [Fact]
    public void Another_id_is_another_router_and_the_address_stays()
    {
        using var segment = new Segment();
        static string Manifest(int id) => $"cluster: lab\nvrrp:\n  edge: {{ interface: eth0, id: {id}, interval: 100ms, addresses: 10.1.8.100/24 }}\n";
        var router = segment.Lvsctl(1, Manifest(51));
        router.Start();
        router.WaitForState("master");

        router.Configure(Manifest(52));
        Assert.Equal(0, router.Ask("reload").ExitCode);

        router.WaitForState("master");
        // By then the old one has waited for its successor in vain.
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Assert.True(segment.Has(1));
        // To people it is the same, and has not ended.
        Assert.DoesNotContain("-> stopped", router.Log);
    }

    [Fact]
    public async Task Reloads_that_are_asked_for_while_one_is_under_way_are_made_after_it()
    {
        using var segment = new Segment();
        var (first, _) = Pair.Start(segment);
        first.Configure("interval: 100ms\naddresses: [ 10.1.8.100/24, 10.1.8.110/24 ]\npriority: 200\n");

        var asked = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => first.Ask("reload"))));

        Assert.All(asked, a => Assert.Equal("Reloaded.\n", a.Output));
        Assert.True(segment.Has(1, "10.1.8.110"));
    }

    [Fact]
    public void An_address_that_moves_to_a_router_whose_master_is_elsewhere_moves_there()
    {
        using var segment = new Segment();
        static string Manifest(string first, string second, int priority) => $$"""
            cluster: lab
            vrrp:
              one: { interface: eth0, id: 51, interval: 100ms, addresses: [ {{first}} ], priority: {{priority}} }
              two: { interface: eth0, id: 52, interval: 100ms, addresses: [ {{second}} ], priority: {{254 - priority}} }

            """;
        var routers = new[] { (segment.Lvsctl(1, Manifest("10.1.8.100/24, 10.1.8.120/24", "10.1.8.110/24", 200)), 200), (segment.Lvsctl(2, Manifest("10.1.8.100/24, 10.1.8.120/24", "10.1.8.110/24", 54)), 54) };
        foreach (var (router, _) in routers) router.Start();
        segment.WaitForOwner(1, "10.1.8.120");
        segment.WaitForOwner(2, "10.1.8.110");

        foreach (var (router, priority) in routers)
        {
            router.Configure(Manifest("10.1.8.100/24", "10.1.8.110/24, 10.1.8.120/24", priority));
            Assert.Equal(0, router.Ask("reload").ExitCode);
        }

        segment.WaitForOwner(2, "10.1.8.120");
        Assert.False(segment.Has(1, "10.1.8.120"));
    }

    [Fact]
    public void Who_may_ask_is_what_the_manifest_says_also_after_a_reload()
    {
        using var segment = new Segment();
        Command.MustRun("chmod", "755", segment.Work);
        static string Manifest(string control) => $$"""
            {{control}}
            vrrp:
              edge: { interface: eth0, id: 51, interval: 100ms, addresses: 10.1.8.100/24 }

            """;
        var router = segment.Lvsctl(1, Manifest("control: { group: games }"));
        router.Start();
        router.WaitForState("master");
        // Of no group that is named.
        Refused(7, "no permission for ", "status", "nogroup");
        Assert.Equal(0, As("games", "resume").ExitCode);

        router.Configure(Manifest("control: { group: games, read-only-group: users, mode: \"0660\" }"));
        Assert.Equal(0, router.Ask("reload").ExitCode);
        Assert.Contains("edge: ", As("users", "status").Output);
        Refused(7, "uid 65534 may look and change nothing; the manifest's control.group may", "resume", "users");
        Refused(7, "uid 65534 may not ask; the manifest's 'control' names the groups that may", "status", "nogroup");
        Assert.Equal(0, As("games", "resume").ExitCode);

        // Nobody but root; and the socket stays where whoever started the process knows it to be.
        router.Configure(Manifest("control: { socket: /run/lvsctl/elsewhere/control.sock }"));
        Assert.Equal(0, router.Ask("reload").ExitCode);
        Refused(7, "uid 65534 may not ask", "status", "games");
        router.WaitForWords($"control.socket is another in the manifest now; lvsctl vrrp goes on listening at {router.Socket} until it is started again");
        Assert.Equal(0, router.Ask("status").ExitCode);

        router.Configure(Manifest("control: { group: nosuchgroup }"));
        Assert.Contains("there is no group 'nosuchgroup'", router.Ask("reload").Error);

        Command.Result As(string group, string verb) =>
            segment.Hosts[0].Try("setpriv", "--reuid=nobody", "--regid=nogroup", $"--groups={Command.MustRun("getent", "group", group).Split(':')[2]}", Lab.Program.Path, "vrrp", verb, "--socket", router.Socket);

        void Refused(int code, string why, string verb, string group)
        {
            var result = As(group, verb);
            Assert.Equal(code, result.ExitCode);
            Assert.Contains(why, result.Error);
        }
    }
}
