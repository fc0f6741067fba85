using System.Text.RegularExpressions;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>What happens to virtual routers comes to people: once, in order, whoever is killed meanwhile.</summary>
public sealed class VrrpNewsTests
{
    const string Router = "interval: 100ms\naddresses: 10.1.8.100/24\n";

    // For a program that was written for keepalived; it runs as nobody.
    static string Notify(Segment segment)
    {
        Command.MustRun("chmod", "777", segment.Work);
        return $"notify:\n  - {{ exec: {{ command: [ /bin/sh, -c, \"echo $* >>{segment.Work}/told\", hook ], arguments: keepalived }}, on: [ vrrp ] }}\n";
    }

    // Events that keepalived has no words for are empty lines.
    static string Told(Segment segment) => File.Exists($"{segment.Work}/told") ? string.Join(", ", File.ReadAllLines($"{segment.Work}/told").Where(l => l.Length > 0)) : "";

    // A machine that is busy may see more changes than the test makes: whatever happened is to be told.
    static string Happened(string log) =>
        string.Join(", ", Regex.Matches(log, "edge: [a-z]+ -> (master|backup|fault|stopped),").Select(m => $"INSTANCE edge {(m.Groups[1].Value == "stopped" ? "STOP" : m.Groups[1].Value.ToUpperInvariant())} 200"));

    static LvsctlVrrp Backup(Segment segment)
    {
        var backup = segment.Lvsctl(2, Router + "priority: 100\n");
        backup.Start();
        segment.Wait(() => backup.Ask("status").ExitCode == 0 && backup.Router().GetProperty("peers").GetArrayLength() == 1, "the routers to hear each other");
        return backup;
    }

    [Fact]
    public void Each_change_is_told_once_and_in_order_although_the_director_is_killed()
    {
        using var segment = new Segment();
        var notify = Notify(segment);
        var director = segment.Keep(new LvsctlRun(segment, 1));
        director.Write("vrrp:\n  edge: { interface: eth0, id: 51, interval: 100ms, priority: 200, addresses: 10.1.8.100/24 }\n" + notify);
        director.Start();
        segment.Wait(() => Told(segment) == "INSTANCE edge BACKUP 200, INSTANCE edge MASTER 200", "the hook to be told");
        Backup(segment);
        segment.Wait(() => director.Events().Contains("edge: backup -> master", StringComparison.Ordinal), "the event");

        segment.Wait(() => director.HasNoted("edge"), "it to be noted");
        director.Kill();
        var told = Told(segment);
        segment.Wait(() => director.Lvsctl("vrrp failover").ExitCode == 0, "the address to be handed over");
        segment.WaitForOwner(2);
        // Of nobody's journal but VRRP's own.
        Assert.Matches(new Regex("backup -> master(?s:.*)master -> leaving(?s:.*)leaving -> backup"), director.Events("--since", "5m", "--kind", "vrrp"));
        Assert.Equal(told, Told(segment));

        director.Start();
        segment.Wait(() => Told(segment) != told && Told(segment) == Happened(director.Log), "the rest to be told");
        segment.Wait(() => director.HasNoted("edge"), "it to be noted");
        director.Kill();
        director.Start();
        segment.Wait(() => director.Log.Split("is at work already").Length == 3, "the next director to find it");
        Assert.Equal(0, director.Lvsctl("vrrp resume").ExitCode);
        segment.WaitForOwner(1);
        segment.Wait(() => Told(segment) == Happened(director.Log), "each change once");
        Assert.StartsWith("INSTANCE edge BACKUP 200, INSTANCE edge MASTER 200, INSTANCE edge BACKUP 200", Told(segment));

        var events = director.Events();
        Assert.Equal(Regex.Count(director.Log, "edge: [a-z]+ -> "), Regex.Count(events, "edge: [a-z]+ -> "));
        Assert.Equal(events.Split('\n').SkipLast(1).Select(l => l[..19]).Order(), events.Split('\n').SkipLast(1).Select(l => l[..19]));
    }

    [Fact]
    public void Where_there_is_nothing_for_a_director_VRRP_tells_it_itself_and_a_director_that_comes_goes_on()
    {
        using var segment = new Segment();
        var notify = Notify(segment);
        var director = segment.Keep(new LvsctlRun(segment, 1));
        director.Write("vrrp:\n  edge: { interface: eth0, id: 51, interval: 100ms, priority: 200, addresses: 10.1.8.100/24 }\n" + notify);
        var alone = segment.Lvsctl(1, Router);
        alone.Configure(Router + "priority: 200\n", notify);
        alone.Start("run-state");
        segment.Wait(() => Told(segment) == "INSTANCE edge BACKUP 200, INSTANCE edge MASTER 200", "the hook to be told");
        Backup(segment);

        director.Start();
        director.Wait("is at work already, on its own");
        Assert.Equal(0, alone.Ask("failover").ExitCode);
        segment.WaitForOwner(2);
        segment.Wait(() => Told(segment) == Happened(alone.Log), "the hand-over to be told");
        Assert.Equal(0, director.Stop());
        Assert.Equal(0, alone.Stop());

        Assert.Equal(Happened(alone.Log), Told(segment));
        Assert.EndsWith("STOP 200", Told(segment));
    }
}
